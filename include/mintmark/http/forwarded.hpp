#pragma once
// Whom a request is from, where proxies stand between: the address alone, and only as far as trusted proxies vouch for
// it. Host and scheme are never taken from a request. Thread safety: values and pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/ip_address.hpp"

namespace mintmark::http {

/// The remote address of every peer on a Unix-domain socket.
inline constexpr std::string_view kUnixPeer = "unix";

/// The one header that is read. To believe both would let a client write the one that the proxy does not overwrite.
enum class ForwardedHeader {
  forwarded,        ///< RFC 7239
  x_forwarded_for,  ///< what most proxies send
};

/// As in the configuration: "forwarded", "x-forwarded-for".
std::string_view name(ForwardedHeader header) noexcept;

/// Which peers are believed.
struct TrustedProxies {
  std::vector<IpNetwork> networks;
  bool unix_peers = false;  ///< whoever connects to a Unix-domain socket

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  /// Of a remote address as text: that of a TCP peer, or kUnixPeer.
  [[nodiscard]] bool contains_peer(std::string_view peer) const noexcept;
  [[nodiscard]] bool empty() const noexcept { return networks.empty() && !unix_peers; }

  bool operator==(const TrustedProxies&) const = default;
};

/// An entry of the setting: a network, an address, or "unix". False, and nothing added, where it is none.
[[nodiscard]] bool add_trusted_proxy(TrustedProxies& proxies, std::string_view entry);
/// What add_trusted_proxy() reads.
std::vector<std::string> render_trusted_proxies(const TrustedProxies& proxies);

/// The client's address: the peer's own, unless the peer is trusted; then the last one in `value` (all lines of the
/// header, in order, joined by commas) that is not trusted itself, because whatever stands before it may be the
/// client's invention. The first, where all are trusted. What cannot be read leads back to the peer's own address.
std::string find_client_address(const TrustedProxies& trusted, ForwardedHeader header, std::string_view peer,
                                std::string_view value);

}  // namespace mintmark::http
