#include "mintmark/base/clock.hpp"

namespace mintmark {

Instant SystemClock::now() const noexcept {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

}  // namespace mintmark
