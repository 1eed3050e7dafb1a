#include "mintmark/base/text.hpp"

#include <algorithm>
#include <cstdint>

namespace mintmark {
namespace {

bool is_alpha(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// How many bytes the sequence that starts with `lead` has, and the least code point that may need that many.
struct Sequence {
  std::size_t size;
  std::uint32_t least;
  std::uint32_t bits;
};

Sequence sequence_of(std::uint8_t lead) noexcept {
  if (lead < 0x80) return {1, 0, lead};
  if (lead >> 5 == 0x06) return {2, 0x80, lead & 0x1fu};
  if (lead >> 4 == 0x0e) return {3, 0x800, lead & 0x0fu};
  if (lead >> 3 == 0x1e) return {4, 0x10000, lead & 0x07u};
  return {0, 0, 0};
}

}  // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto [size, least, bits] = sequence_of(static_cast<std::uint8_t>(text[i]));
    if (size == 0 || size > text.size() - i) return false;
    std::uint32_t code_point = bits;
    for (std::size_t k = 1; k < size; ++k) {
      const auto byte = static_cast<std::uint8_t>(text[i + k]);
      if (byte >> 6 != 0x02) return false;
      code_point = code_point << 6 | (byte & 0x3fu);
    }
    const bool surrogate = code_point >= 0xd800 && code_point <= 0xdfff;
    if (code_point < least || code_point > 0x10ffff || surrogate) return false;
    i += size;
  }
  return true;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, to_lower, to_lower);
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  for (std::size_t begin = 0;;) {
    const std::size_t end = text.find(separator, begin);
    pieces.push_back(text.substr(begin, end - begin));
    if (end == std::string_view::npos) return pieces;
    begin = end + 1;
  }
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
  std::string joined;
  for (const std::string& piece : pieces) {
    if (!joined.empty()) joined += separator;
    joined += piece;
  }
  return joined;
}

std::string_view trim(std::string_view text) noexcept {
  static constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

bool is_absolute_uri(std::string_view text) noexcept {
  static constexpr std::string_view kMarks = "-._~:/?[]@!$&'()*+,;=%";
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || !is_alpha(text[0])) return false;
  const auto in_scheme = [](char c) { return is_alpha(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  const auto in_uri = [](char c) { return is_alpha(c) || is_digit(c) || kMarks.find(c) != std::string_view::npos; };
  return std::ranges::all_of(text.substr(0, colon), in_scheme) && std::ranges::all_of(text, in_uri);
}

}  // namespace mintmark
