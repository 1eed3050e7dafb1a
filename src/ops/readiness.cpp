#include "mintmark/ops/readiness.hpp"

namespace mintmark::ops {
namespace {

constexpr Duration kOutcomeStands = std::chrono::seconds(1);

}  // namespace

ReadinessCheck::ReadinessCheck(std::function<Result<void>()> check_store, const keys::PublishedKeyRing& ring, Log& log)
    : check_store_(std::move(check_store)), ring_(ring), condition_(log, "readiness") {}

Result<void> ReadinessCheck::check_ready(Instant now) {
  if (draining_.load(std::memory_order_relaxed)) return unavailable("draining");
  // Whoever comes while somebody checks gets the outcome before: the store may keep a check waiting for seconds, and
  // each caller that waited with it would take a thread from the requests.
  if (const std::unique_lock turn(turn_, std::try_to_lock); turn && !stands(now)) {
    Result<void> outcome = check(now);
    condition_.report(outcome);
    const std::scoped_lock lock(mutex_);
    outcome_ = std::move(outcome);
    checked_at_ = now;
  }
  const std::scoped_lock lock(mutex_);
  return outcome_;
}

bool ReadinessCheck::stands(Instant now) {
  const std::scoped_lock lock(mutex_);
  // A clock that was set back must not make an outcome stand until it has caught up.
  return checked_at_ && now >= *checked_at_ && now < *checked_at_ + kOutcomeStands;
}

Result<void> ReadinessCheck::check(Instant now) const {
  if (Result<void> store = check_store_(); !store) return store;
  return ring_.load()->check_active_keys(now);
}

}  // namespace mintmark::ops
