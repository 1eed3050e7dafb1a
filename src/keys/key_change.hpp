#pragma once
// The difference between two states of the key table: what to store, and what to report.
// Thread safety: pure functions.

#include <span>
#include <vector>

#include "mintmark/keys/key_events.hpp"

namespace mintmark::keys {

struct KeyChange {
  std::vector<KeyRecord> upserts;
  std::vector<KeyId> removals;

  [[nodiscard]] bool empty() const noexcept { return upserts.empty() && removals.empty(); }
};

KeyChange find_change(std::span<const KeyRecord> before, std::span<const KeyRecord> after);

/// Keys created, revoked and removed between `before` and `after`.
void report_change(std::span<const KeyRecord> before, std::span<const KeyRecord> after, KeyEvents& events);

/// Signing keys that are active in `after` at `now` and were not in `before` at `then`.
void report_activations(std::span<const KeyRecord> before, Instant then, std::span<const KeyRecord> after, Instant now,
                        KeyEvents& events);

}  // namespace mintmark::keys
