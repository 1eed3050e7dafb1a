#pragma once
// A clock that stands still until it is told.
// Thread safety: all functions from any thread.

#include <atomic>

#include "mintmark/base/clock.hpp"

namespace mintmark::testing {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(Instant start = from_unix_ms(1'800'000'000'000)) noexcept : ms_(to_unix_ms(start)) {}

  [[nodiscard]] Instant now() const noexcept override { return from_unix_ms(ms_.load()); }
  void advance(Duration duration) noexcept { ms_.fetch_add(duration.count()); }

 private:
  std::atomic<std::int64_t> ms_;
};

}  // namespace mintmark::testing
