#pragma once
// Time as a value. Nothing below `app` asks the system for the time: it takes `now`, or a Clock.

#include <chrono>
#include <cstdint>

namespace mintmark {

/// Milliseconds since the Unix epoch, and differences of them.
using Duration = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Duration>;

/// Thread safety: now() may be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const noexcept = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] Instant now() const noexcept override;
};

/// A NumericDate, whole seconds rounded down: RFC 7519 §2.
constexpr std::int64_t to_numeric_date(Instant instant) noexcept {
  return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

constexpr std::int64_t to_unix_ms(Instant instant) noexcept {
  return instant.time_since_epoch().count();
}
constexpr Instant from_unix_ms(std::int64_t ms) noexcept {
  return Instant{Duration{ms}};
}

}  // namespace mintmark
