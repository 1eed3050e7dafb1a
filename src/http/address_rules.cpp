#include "mintmark/http/address_rules.hpp"

#include <algorithm>
#include <array>

namespace mintmark::http {
namespace {

template <std::size_t N>
struct Network {
  std::array<std::uint8_t, N> address;
  std::size_t prefix_bits;
};

template <std::size_t N>
bool holds(const Network<N>& network, ByteView address) {
  const std::size_t whole = network.prefix_bits / 8;
  if (!std::equal(network.address.begin(), network.address.begin() + whole, address.begin())) return false;
  const std::size_t rest = network.prefix_bits % 8;
  return rest == 0 || ((network.address.at(whole) ^ address[whole]) >> (8 - rest)) == 0;
}

template <std::size_t N, std::size_t Count>
bool hold(const std::array<Network<N>, Count>& networks, ByteView address) {
  return std::ranges::any_of(networks, [&](const auto& network) { return holds(network, address); });
}

/// RFC 6890 and the IANA registry of special-purpose addresses.
constexpr std::array<Network<4>, 15> kSpecialV4{{
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // RFC 1918
    {{100, 64, 0, 0}, 10},    // RFC 6598, carrier-grade NAT
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local; metadata services of clouds
    {{172, 16, 0, 0}, 12},    // RFC 1918
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays
    {{192, 168, 0, 0}, 16},   // RFC 1918
    {{198, 18, 0, 0}, 15},    // benchmarks
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, broadcast
}};

constexpr Network<16> kGlobalUnicast{{0x20}, 3};
/// Inside of it, what is not.
constexpr std::array<Network<16>, 4> kSpecialV6{{
    {{0x20, 0x01}, 23},              // protocol assignments, Teredo with them
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x20, 0x02}, 16},              // 6to4: any IPv4 address
    {{0x3f, 0xff}, 20},              // documentation, RFC 9637
}};

/// The last four bytes are an IPv4 address.
constexpr std::array<Network<16>, 2> kCarriers{{
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96},  // mapped, RFC 4291 §2.5.5.2
    {{0x00, 0x64, 0xff, 0x9b}, 96},                    // NAT64, RFC 6052 §2.1
}};

}  // namespace

bool is_public_address(ByteView address) noexcept {
  if (address.size() == 4) return !hold(kSpecialV4, address);
  if (address.size() != 16) return false;
  if (hold(kCarriers, address)) return is_public_address(address.last(4));
  return holds(kGlobalUnicast, address) && !hold(kSpecialV6, address);
}

}  // namespace mintmark::http
