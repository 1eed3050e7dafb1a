#pragma once
// Whole numbers as text. Thread safety: pure functions.

#include <charconv>
#include <optional>
#include <string_view>

namespace mintmark {

/// All of `text` in decimal digits, with a minus sign where Number has one; none for anything else, or where Number has
/// no room for it.
template <class Number>
[[nodiscard]] std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && rest == end ? std::optional(number) : std::nullopt;
}

/// Likewise, in the one form that a number without a sign has: no zeros in front.
template <class Number>
[[nodiscard]] std::optional<Number> parse_canonical_number(std::string_view text) noexcept {
  if (text.starts_with('-') || (text.size() > 1 && text.starts_with('0'))) return std::nullopt;
  return parse_number<Number>(text);
}

}  // namespace mintmark
