#pragma once
// When keys come and go, as pure functions over the stored records.
// Thread safety: pure functions.

#include <span>
#include <vector>

#include "mintmark/keys/key_periods.hpp"
#include "mintmark/keys/key_record.hpp"

namespace mintmark::keys {

/// What one look at the table asks for.
struct RotationPlan {
  struct NewKey {
    jose::Alg alg;
    Instant activates_at;

    bool operator==(const NewKey&) const = default;
  };
  std::vector<NewKey> create;
  std::vector<KeyRecord> update;  ///< whose times changed: mostly predecessors that got retires_at and removes_at
  std::vector<KeyId> remove;      ///< of every purpose: long gone, or revoked a retention ago

  [[nodiscard]] bool empty() const noexcept { return create.empty() && update.empty() && remove.empty(); }
};

/// For each algorithm in use: a first key, when first_activation() allows it; a successor, publish_ahead before its
/// turn, as soon as the active key is old enough. An algorithm no longer in use gets no successor: its key retires when
/// its turn is over, not at once, so that replicas on two configurations do not undo each other's work. A key whose
/// successor was revoked goes on. A clock that was set back leaves no algorithm in use without a key for longer than a
/// new one would take, and holds no rotation up for longer than its turn. `first` is when the first key of an algorithm
/// may sign.
RotationPlan plan_rotation(std::span<const KeyRecord> records, std::span<const jose::Alg> in_use,
                           const KeyPeriods& periods, Instant first, Instant now);

/// Notes in every record that something may still be signed with for how long it is to be kept afterwards: the tokens
/// that it signs now are as long as the configuration of now allows, whatever that of its retirement says.
void raise_retention(std::span<KeyRecord> records, const KeyPeriods& periods, Instant now);

/// When a key made now may sign, if no other key of its algorithm signs: at once on a store that never had a signing
/// key, because nobody can hold a JWKS of it; else when no verifier can hold a JWKS without the key.
Instant first_activation(std::span<const KeyRecord> records, const KeyPeriods& periods, Instant now);

}  // namespace mintmark::keys
