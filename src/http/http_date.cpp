#include "mintmark/http/http_date.hpp"

#include <array>

namespace mintmark::http {
namespace {

void append_padded(std::string& out, unsigned number) {
  out += static_cast<char>('0' + number / 10 % 10);
  out += static_cast<char>('0' + number % 10);
}

/// IMF-fixdate, RFC 9110 §5.6.7. The standard library's formatting would ask the locale for the names.
std::string format_date(std::chrono::sys_seconds time) {
  constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(time - midnight);
  std::string out;
  out.append(kDays[std::chrono::weekday(midnight).c_encoding()]).append(", ");
  append_padded(out, static_cast<unsigned>(date.day()));
  out.append(" ").append(kMonths[static_cast<unsigned>(date.month()) - 1]).append(" ");
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  append_padded(out, year / 100);
  append_padded(out, year);
  out += ' ';
  append_padded(out, static_cast<unsigned>(clock.hours().count()));
  out += ':';
  append_padded(out, static_cast<unsigned>(clock.minutes().count()));
  out += ':';
  append_padded(out, static_cast<unsigned>(clock.seconds().count()));
  out += " GMT";
  return out;
}

}  // namespace

std::string_view HttpDate::render(Instant now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second.time_since_epoch().count() != second_) {
    second_ = second.time_since_epoch().count();
    text_ = format_date(second);
  }
  return text_;
}

}  // namespace mintmark::http
