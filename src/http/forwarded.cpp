#include "mintmark/http/forwarded.hpp"

#include <algorithm>
#include <utility>

#include "mintmark/base/text.hpp"

namespace mintmark::http {
namespace {

bool is_port(std::string_view text) noexcept {
  constexpr std::size_t kMostDigits = 5;
  return !text.empty() && text.size() <= kMostDigits && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// An address, with a port where one is there: "192.0.2.1:80", "[2001:db8::1]:80"; IPv6 without brackets has none.
std::optional<IpAddress> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    const std::optional<IpAddress> address = IpAddress::parse(text.substr(1, end - 1));
    // RFC 3986 §3.2.2: only IPv6 stands in brackets.
    return text.substr(1, end - 1).find(':') == std::string_view::npos ? std::nullopt : address;
  }
  const std::size_t colon = text.find(':');
  if (colon != std::string_view::npos && text.rfind(':') == colon) {
    return is_port(text.substr(colon + 1)) ? IpAddress::parse(text.substr(0, colon)) : std::nullopt;
  }
  return IpAddress::parse(text);
}

bool is_token_character(char c) noexcept {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kOthers.find(c) != std::string_view::npos;
}

/// Walks through a Forwarded field (RFC 7239 §4) from its beginning: where elements end depends on the quotes before.
class ForwardedReader {
 public:
  explicit ForwardedReader(std::string_view text) noexcept : text_(text) {}

  /// The `for` of each element, in order; none where the field is not well-formed or an element has no address.
  std::optional<std::vector<IpAddress>> read() {
    std::vector<IpAddress> hops;
    do {
      skip_spaces();
      if (at_end() || text_.front() == ',') continue;  // RFC 9110 §5.6.1: empty elements count for nothing
      std::optional<std::string> node;
      if (!read_element(node) || !node) return std::nullopt;
      const std::optional<IpAddress> address = parse_node(*node);
      if (!address) return std::nullopt;
      hops.push_back(*address);
    } while (take(','));
    if (!at_end()) return std::nullopt;
    return hops;
  }

 private:
  bool read_element(std::optional<std::string>& node) {
    do {
      skip_spaces();
      if (at_end() || text_.front() == ';' || text_.front() == ',') continue;
      const std::string_view parameter = read_token();
      std::optional<std::string> value;
      if (parameter.empty() || !take('=') || !(value = read_value())) return false;
      if (equals_ignoring_case(parameter, "for")) {
        if (node) return false;  // at most once, says §4
        node = std::move(value);
      }
      skip_spaces();
    } while (take(';'));
    return true;
  }

  std::string_view read_token() {
    const auto end = std::ranges::find_if_not(text_, is_token_character);
    const std::string_view token = text_.substr(0, static_cast<std::size_t>(end - text_.begin()));
    text_.remove_prefix(token.size());
    return token;
  }

  std::optional<std::string> read_value() {
    if (!take('"')) {
      const std::string_view token = read_unquoted();
      return token.empty() ? std::nullopt : std::optional(std::string(token));
    }
    std::string value;
    while (!at_end()) {
      char c = next();
      if (c == '"') return value;
      if (c == '\\') {
        if (at_end()) break;
        c = next();
      }
      value += c;
    }
    return std::nullopt;
  }

  /// Proxies leave out the quotes that "192.0.2.1:80" needs.
  std::string_view read_unquoted() {
    const std::string_view value = text_.substr(0, text_.find_first_of(";, \t\""));
    text_.remove_prefix(value.size());
    return value;
  }

  void skip_spaces() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t"), text_.size())); }
  [[nodiscard]] bool at_end() const noexcept { return text_.empty(); }
  char next() {
    const char c = text_.front();
    text_.remove_prefix(1);
    return c;
  }
  bool take(char expected) {
    if (at_end() || text_.front() != expected) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;
};

/// The hop that is believed, of one header, from the right.
class Walk {
 public:
  explicit Walk(const TrustedProxies& trusted) noexcept : trusted_(trusted) {}

  /// False where the walk is over: at an address that nobody trusted, or at what is none.
  bool step(const std::optional<IpAddress>& hop) {
    found_ = hop;
    return hop && trusted_.contains(*hop);
  }
  [[nodiscard]] const std::optional<IpAddress>& found() const noexcept { return found_; }

 private:
  const TrustedProxies& trusted_;
  std::optional<IpAddress> found_;
};

std::optional<IpAddress> find_in_forwarded(const TrustedProxies& trusted, std::string_view value) {
  const std::optional<std::vector<IpAddress>> hops = ForwardedReader(value).read();
  if (!hops) return std::nullopt;
  Walk walk(trusted);
  for (auto hop = hops->rbegin(); hop != hops->rend() && walk.step(*hop);) {
    ++hop;
  }
  return walk.found();
}

std::optional<IpAddress> find_in_x_forwarded_for(const TrustedProxies& trusted, std::string_view value) {
  Walk walk(trusted);
  for (;;) {
    const std::size_t comma = value.rfind(',');
    const std::string_view hop = trim(comma == std::string_view::npos ? value : value.substr(comma + 1));
    if (!walk.step(parse_node(hop)) || comma == std::string_view::npos) return walk.found();
    value = value.substr(0, comma);
  }
}

}  // namespace

std::string_view name(ForwardedHeader header) noexcept {
  return header == ForwardedHeader::forwarded ? "forwarded" : "x-forwarded-for";
}

bool TrustedProxies::contains(const IpAddress& address) const noexcept {
  return std::ranges::any_of(networks, [&](const IpNetwork& network) { return network.contains(address); });
}

bool TrustedProxies::contains_peer(std::string_view peer) const noexcept {
  if (peer == kUnixPeer) return unix_peers;
  if (networks.empty()) return false;
  const std::optional<IpAddress> address = IpAddress::parse(peer);
  return address && contains(*address);
}

bool add_trusted_proxy(TrustedProxies& proxies, std::string_view entry) {
  if (entry == kUnixPeer) {
    proxies.unix_peers = true;
    return true;
  }
  const std::optional<IpNetwork> network = IpNetwork::parse(entry);
  if (network) proxies.networks.push_back(*network);
  return network.has_value();
}

std::vector<std::string> render_trusted_proxies(const TrustedProxies& proxies) {
  std::vector<std::string> entries;
  for (const IpNetwork& network : proxies.networks)
    entries.push_back(network.str());
  if (proxies.unix_peers) entries.emplace_back(kUnixPeer);
  return entries;
}

std::string find_client_address(const TrustedProxies& trusted, ForwardedHeader header, std::string_view peer,
                                std::string_view value) {
  if (value.empty() || !trusted.contains_peer(peer)) return std::string(peer);
  const std::optional<IpAddress> client = header == ForwardedHeader::forwarded
                                              ? find_in_forwarded(trusted, value)
                                              : find_in_x_forwarded_for(trusted, value);
  return client ? client->str() : std::string(peer);
}

}  // namespace mintmark::http
