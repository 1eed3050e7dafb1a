#include "mintmark/base/ip_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include "mintmark/base/number.hpp"

namespace mintmark {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool has_bits_beyond(ByteView bytes, std::size_t prefix_bits) noexcept {
  for (std::size_t bit = prefix_bits; bit < bytes.size() * 8; ++bit) {
    if ((bytes[bit / 8] >> (7 - bit % 8) & 1U) != 0) return true;
  }
  return false;
}

std::optional<std::size_t> parse_prefix(std::string_view text, std::size_t most) noexcept {
  const std::optional<std::size_t> bits = parse_canonical_number<std::size_t>(text);
  return bits && *bits <= most ? bits : std::nullopt;
}

}  // namespace

std::optional<IpAddress> IpAddress::from_bytes(ByteView bytes) noexcept {
  if (bytes.size() == kV6Bytes && std::ranges::equal(bytes.first(kMappedPrefix.size()), kMappedPrefix)) {
    bytes = bytes.last(kV4Bytes);
  }
  if (bytes.size() != kV4Bytes && bytes.size() != kV6Bytes) return std::nullopt;
  IpAddress address;
  std::ranges::copy(bytes, address.bytes_.begin());
  address.size_ = bytes.size();
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  // A zero inside would make what follows it disappear.
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::ranges::copy(text, terminated.begin());
  std::array<std::uint8_t, kV6Bytes> bytes{};
  if (inet_pton(AF_INET, terminated.data(), bytes.data()) == 1) return from_bytes(ByteView(bytes).first(kV4Bytes));
  if (inet_pton(AF_INET6, terminated.data(), bytes.data()) == 1) return from_bytes(bytes);
  return std::nullopt;
}

std::string IpAddress::str() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(is_v4() ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const std::size_t address_bits = address->bytes().size() * 8;
  if (slash == std::string_view::npos) return IpNetwork(*address, address_bits);
  const std::optional<std::size_t> bits = parse_prefix(text.substr(slash + 1), address_bits);
  if (!bits || has_bits_beyond(address->bytes(), *bits)) return std::nullopt;
  return IpNetwork(*address, *bits);
}

IpNetwork IpNetwork::around(const IpAddress& address, std::size_t prefix_bits) noexcept {
  std::array<std::uint8_t, 16> bytes{};
  const ByteView from = address.bytes();
  for (std::size_t i = 0; i < from.size() && i * 8 < prefix_bits; ++i) {
    const std::size_t kept = std::min<std::size_t>(prefix_bits - i * 8, 8);
    bytes.at(i) = static_cast<std::uint8_t>(from[i] & (0xffU << (8 - kept)));
  }
  return {IpAddress::from_bytes(ByteView(bytes).first(from.size())).value_or(address), prefix_bits};
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
  return address.is_v4() == address_.is_v4() && around(address, prefix_bits_).address_ == address_;
}

std::string IpNetwork::str() const {
  std::string text = address_.str();
  if (prefix_bits_ == address_.bytes().size() * 8) return text;
  text += '/';
  text += std::to_string(prefix_bits_);
  return text;
}

IpNetwork source_network_of(const IpAddress& address) noexcept {
  constexpr std::size_t kV4Bits = 32;
  constexpr std::size_t kV6Bits = 64;
  return IpNetwork::around(address, address.is_v4() ? kV4Bits : kV6Bits);
}

std::string source_of(std::string_view remote_address) {
  const std::optional<IpAddress> address = IpAddress::parse(remote_address);
  return address ? source_network_of(*address).str() : std::string(remote_address);
}

}  // namespace mintmark
