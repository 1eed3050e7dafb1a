#include "mintmark/http/negotiation.hpp"

#include "mintmark/base/text.hpp"

namespace mintmark::http {
namespace {

/// The part of `text` before `separator`, trimmed; `text` becomes what follows it. Separators in quoted strings are
/// not told apart: none of the values that are looked for here has any.
std::string_view take_until(std::string_view& text, char separator) noexcept {
  const std::size_t end = text.find(separator);
  const std::string_view piece = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trim(piece);
}

bool is_utf8_charset(std::string_view parameter) noexcept {
  const std::string_view name = take_until(parameter, '=');
  std::string_view value = trim(parameter);
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) value = value.substr(1, value.size() - 2);
  return equals_ignoring_case(name, "charset") && equals_ignoring_case(value, "utf-8");
}

/// RFC 9110 §12.4.2 in thousandths: "0.25" is 250, and what cannot be read is 0.
int parse_weight(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  if (text.size() > 1 && text[1] != '.') return 0;
  int weight = text[0] == '1' ? 1000 : 0;
  for (std::size_t i = 2, unit = 100; i < text.size(); ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    weight += (text[i] - '0') * static_cast<int>(unit);
  }
  return weight <= 1000 ? weight : 0;
}

/// The weight that one element of Accept gives to its media range.
int weight_of(std::string_view parameters) noexcept {
  while (!parameters.empty()) {
    std::string_view parameter = take_until(parameters, ';');
    if (equals_ignoring_case(take_until(parameter, '='), "q")) return parse_weight(trim(parameter));
  }
  return 1000;
}

}  // namespace

std::optional<BodyFormat> find_body_format(std::string_view content_type) noexcept {
  const std::string_view type = take_until(content_type, ';');
  while (!content_type.empty()) {
    if (!is_utf8_charset(take_until(content_type, ';'))) return std::nullopt;
  }
  if (equals_ignoring_case(type, "application/x-www-form-urlencoded")) return BodyFormat::form;
  if (equals_ignoring_case(type, "application/json")) return BodyFormat::json;
  return std::nullopt;
}

bool prefers(std::string_view accept, std::string_view type) noexcept {
  int wanted = 0;
  int json = 0;
  while (!accept.empty()) {
    std::string_view element = take_until(accept, ',');
    const std::string_view range = take_until(element, ';');
    if (equals_ignoring_case(range, type)) wanted = weight_of(element);
    if (equals_ignoring_case(range, "application/json")) json = weight_of(element);
  }
  return wanted > 0 && wanted >= json;
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) noexcept {
  while (!if_none_match.empty()) {
    std::string_view candidate = take_until(if_none_match, ',');
    if (candidate == "*") return true;
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);  // RFC 9110 §8.8.3.2: weak comparison
    if (candidate == etag) return true;
  }
  return false;
}

}  // namespace mintmark::http
