#include "byte_size.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace mintmark::app {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t bytes;
};

// Largest first, for format_byte_size.
constexpr std::array<Unit, 4> kUnits{
    {{"GiB", std::uint64_t{1} << 30U}, {"MiB", std::uint64_t{1} << 20U}, {"KiB", std::uint64_t{1} << 10U}, {"B", 1}}};
constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();

}  // namespace

std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept {
  std::uint64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  for (const Unit& unit : kUnits) {
    if (name == unit.name && number <= kMost / unit.bytes) return number * unit.bytes;
  }
  return std::nullopt;
}

std::string format_byte_size(std::uint64_t bytes) {
  for (const Unit& unit : kUnits) {
    if (bytes != 0 && bytes % unit.bytes == 0) return std::to_string(bytes / unit.bytes).append(unit.name);
  }
  return "0B";
}

}  // namespace mintmark::app
