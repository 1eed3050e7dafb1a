#pragma once
// Whether this instance can issue a token now: the store answers and every active key signs (invariant 7).
// Thread safety: all functions from any thread.

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "mintmark/http/services.hpp"
#include "mintmark/keys/key_ring.hpp"
#include "mintmark/ops/condition.hpp"

namespace mintmark::ops {

class ReadinessCheck final : public http::Readiness {
 public:
  /// Requires: `check_store` may be called from any thread; ring and log outlive this object.
  ReadinessCheck(std::function<Result<void>()> check_store, const keys::PublishedKeyRing& ring, Log& log);

  /// An outcome stands for a second, and while the next one is being found: whoever may ask for readiness can buy
  /// neither signatures nor threads with it.
  Result<void> check_ready(Instant now) override;

  /// Not ready from here on, so that a load balancer looks elsewhere.
  void begin_drain() noexcept { draining_.store(true, std::memory_order_relaxed); }

 private:
  [[nodiscard]] bool stands(Instant now);
  [[nodiscard]] Result<void> check(Instant now) const;

  const std::function<Result<void>()> check_store_;
  const keys::PublishedKeyRing& ring_;
  std::atomic<bool> draining_{false};

  std::mutex turn_;  // whoever checks; guards condition_
  Condition condition_;
  std::mutex mutex_;  // guards what follows; never held for long
  std::optional<Instant> checked_at_;
  Result<void> outcome_ = unavailable("not checked yet");
};

}  // namespace mintmark::ops
