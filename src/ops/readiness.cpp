#include "mintmark/ops/readiness.hpp"

namespace mintmark::ops {
namespace {

constexpr Duration kOutcomeStands = std::chrono::seconds(1);

}  // namespace

ReadinessCheck::ReadinessCheck(std::function<Result<void>()> check_store, const keys::PublishedKeyRing& ring, Log& log)
    : check_store_(std::move(check_store)), ring_(ring), condition_(log, "readiness") {}

Result<void> ReadinessCheck::check_ready(Instant now) {
  if (draining_.load(std::memory_order_relaxed)) return unavailable("draining");
  const std::scoped_lock lock(mutex_);
  // A clock that was set back must not make an outcome stand until it has caught up.
  const bool stands = checked_at_ && now >= *checked_at_ && now < *checked_at_ + kOutcomeStands;
  if (stands) return outcome_;
  outcome_ = check(now);
  checked_at_ = now;
  condition_.report(outcome_);
  return outcome_;
}

Result<void> ReadinessCheck::check(Instant now) const {
  if (Result<void> store = check_store_(); !store) return store;
  return ring_.load()->check_active_keys(now);
}

}  // namespace mintmark::ops
