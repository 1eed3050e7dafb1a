#pragma once
// Amounts of memory as people write them: "64KiB", "256MiB", "1GiB". One whole number, one unit, no fraction.
// Thread safety: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mintmark::app {

/// None for anything else, and for what does not fit 63 bits.
std::optional<std::uint64_t> parse_byte_size(std::string_view text) noexcept;

/// The largest unit that divides it; what parse_byte_size reads back.
std::string format_byte_size(std::uint64_t bytes);

}  // namespace mintmark::app
