#include "cache_control.hpp"

#include <charconv>

#include "mintmark/base/text.hpp"

namespace mintmark::http {
namespace {

using std::chrono::seconds;

constexpr std::int64_t kLongest = std::int64_t{1} << 31U;  // RFC 9111 §1.2.2: what is more counts as this

/// RFC 9111 §5.2: a recipient takes both forms of the argument, token and quoted string.
std::string_view unquoted(std::string_view argument) {
  const bool quoted = argument.size() >= 2 && argument.starts_with('"') && argument.ends_with('"');
  return quoted ? argument.substr(1, argument.size() - 2) : argument;
}

Duration read_delta_seconds(std::string_view text) {
  std::uint64_t value = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (rest != text.data() + text.size() || failure == std::errc::invalid_argument) return Duration::zero();
  if (failure == std::errc::result_out_of_range || value > kLongest) return seconds(kLongest);
  return seconds(value);
}

}  // namespace

std::optional<Duration> read_max_age(std::string_view cache_control) {
  std::optional<Duration> max_age;
  for (const std::string_view directive : split(cache_control, ',')) {
    const std::size_t equals = directive.find('=');
    const std::string_view name = trim(directive.substr(0, equals));
    if (equals_ignoring_case(name, "no-store") || equals_ignoring_case(name, "no-cache")) return Duration::zero();
    if (max_age || !equals_ignoring_case(name, "max-age")) continue;
    const bool has_argument = equals != std::string_view::npos;
    max_age = has_argument ? read_delta_seconds(unquoted(trim(directive.substr(equals + 1)))) : Duration::zero();
  }
  return max_age;
}

}  // namespace mintmark::http
