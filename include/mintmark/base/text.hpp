#pragma once
// Small questions about text. Thread safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

namespace mintmark {

/// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_valid_utf8(std::string_view text) noexcept;

/// Of an ASCII letter; other bytes stay.
[[nodiscard]] constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Of a hexadecimal digit of either case; -1 for anything else.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// ASCII letters compared without case; other bytes exactly.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// The pieces between single `separator`s, empty ones included; one empty piece for empty text.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// All of them, with `separator` between.
[[nodiscard]] std::string join(const std::vector<std::string>& pieces, std::string_view separator);

/// Without the spaces, tabs and line ends at both ends.
[[nodiscard]] std::string_view trim(std::string_view text) noexcept;

/// An absolute URI without fragment, in the characters of RFC 3986: what RFC 8707 §2 asks of a resource.
[[nodiscard]] bool is_absolute_uri(std::string_view text) noexcept;

}  // namespace mintmark
