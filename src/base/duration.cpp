#include "mintmark/base/duration.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>

namespace mintmark {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ms;
};

// Largest first, for format_duration.
constexpr std::array<Unit, 5> kUnits{{{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
  if (error != std::errc{} || text.starts_with('-')) return invalid("not a duration such as \"15m\" or \"30d\"");
  for (const Unit& candidate : kUnits) {
    if (unit != candidate.name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / candidate.ms / 1'000'000)
      return invalid("duration too long");
    return Duration{number * candidate.ms};
  }
  return invalid("a duration needs one of the units ms, s, m, h, d");
}

std::string format_duration(Duration duration) {
  const std::int64_t ms = duration.count();
  if (ms == 0) return "0s";
  for (const Unit& unit : kUnits) {
    if (ms % unit.ms == 0) return std::to_string(ms / unit.ms).append(unit.name);
  }
  return {};
}

std::string format_instant(Instant instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{std::chrono::floor<std::chrono::seconds>(instant - day)};
  std::array<char, 48> text;
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                                 static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

Result<Instant> parse_instant(std::string_view text) {
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  const std::string copy(text);
  const int read = std::sscanf(copy.c_str(), "%4d-%2u-%2uT%2d:%2d:%2dZ", &year, &month, &day, &hour, &minute, &second);
  const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{month}, std::chrono::day{day}};
  const Error wrong = invalid("not a time such as \"2026-01-31T09:00:00Z\"");
  if (read != 6 || year < 0 || !date.ok()) return wrong;
  const Instant instant = std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                          std::chrono::seconds{second};
  // Writing it again catches every other spelling, and fields out of range.
  if (format_instant(instant) != text) return wrong;
  return instant;
}

}  // namespace mintmark
