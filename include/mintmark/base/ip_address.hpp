#pragma once
// IP addresses and networks as values: who a peer is, whether that is somebody whom the operator trusts, and what of an
// address limits are counted by. Thread safety: values and pure functions.

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"

namespace mintmark {

/// IPv4 or IPv6. An IPv4 address that is mapped into IPv6 (RFC 4291 §2.5.5.2) is that IPv4 address: a listener on "::"
/// sees IPv4 clients so, and one client must not be two.
class IpAddress {
 public:
  /// The text forms that inet_pton reads; without port, brackets and zone.
  static std::optional<IpAddress> parse(std::string_view text) noexcept;
  /// 4 or 16 bytes in network order; none for any other number.
  static std::optional<IpAddress> from_bytes(ByteView bytes) noexcept;

  [[nodiscard]] bool is_v4() const noexcept { return size_ == kV4Bytes; }
  [[nodiscard]] ByteView bytes() const noexcept { return ByteView(bytes_).first(size_); }
  /// RFC 5952.
  [[nodiscard]] std::string str() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  static constexpr std::size_t kV4Bytes = 4;
  static constexpr std::size_t kV6Bytes = 16;

  IpAddress() = default;

  std::array<std::uint8_t, kV6Bytes> bytes_{};  ///< those of IPv4 in front, zeros behind them
  std::size_t size_ = kV6Bytes;
};

/// The addresses that share a prefix (CIDR, RFC 4632 and RFC 4291 §2.3).
class IpNetwork {
 public:
  /// "10.0.0.0/8", "2001:db8::/32", or one address. None for anything else, also where bits beyond the prefix are set:
  /// whoever writes 10.0.0.1/8 means something other than all of 10.
  static std::optional<IpNetwork> parse(std::string_view text) noexcept;
  /// The network of `prefix_bits` that the address is in. Requires: no more bits than the address has.
  static IpNetwork around(const IpAddress& address, std::size_t prefix_bits) noexcept;

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
  [[nodiscard]] const IpAddress& first_address() const noexcept { return address_; }
  [[nodiscard]] std::size_t prefix_bits() const noexcept { return prefix_bits_; }
  /// "10.0.0.0/8"; of a single address the address alone.
  [[nodiscard]] std::string str() const;

  auto operator<=>(const IpNetwork&) const = default;

 private:
  IpNetwork(const IpAddress& address, std::size_t prefix_bits) noexcept
      : address_(address), prefix_bits_(prefix_bits) {}

  IpAddress address_;
  std::size_t prefix_bits_;
};

/// What limits are counted by: an IPv4 address (/32), since many customers share a larger network; of IPv6 the /64,
/// since that is what one subscriber has at the least (RFC 6177), who can take any of its 2^64 addresses at any time.
IpNetwork source_network_of(const IpAddress& address) noexcept;
/// The same as text, of an address as text. What is no IP address ("unix") is a source of its own.
std::string source_of(std::string_view remote_address);

}  // namespace mintmark
