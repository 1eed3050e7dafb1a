#pragma once
// The port through which the guard's counters outlive the process. Thread safety: all functions from any thread.
// Errors: unavailable, corrupt.

#include <cstddef>
#include <span>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/crypto/keyed_hash.hpp"

namespace mintmark::accounts {

/// How often somebody has failed, under a name that only the guard knows.
struct AttemptCounter {
  crypto::KeyedHash key{};
  double failures = 0;  ///< at `counted_at`; they wear off
  Instant counted_at;
  Instant blocked_until;  ///< no attempt before
  Instant expires_at;     ///< nothing is left of it then

  bool operator==(const AttemptCounter&) const = default;
};

class AttemptCounterRepository {
 public:
  virtual ~AttemptCounterRepository() = default;

  /// At most `limit` that have not expired, those that expire last first.
  virtual Result<std::vector<AttemptCounter>> load_counters(Instant now, std::size_t limit) = 0;
  /// Inserts or replaces, and removes; as a whole or not at all. A key that is to be removed may be absent.
  virtual Result<void> store_counters(std::span<const AttemptCounter> upserts,
                                      std::span<const crypto::KeyedHash> removals) = 0;
};

}  // namespace mintmark::accounts
