#include "key_change.hpp"

#include <algorithm>

namespace mintmark::keys {
namespace {

const KeyRecord* find_record(std::span<const KeyRecord> records, const KeyId& kid) {
  const auto found = std::ranges::find(records, kid, &KeyRecord::kid);
  return found == records.end() ? nullptr : &*found;
}

}  // namespace

KeyChange find_change(std::span<const KeyRecord> before, std::span<const KeyRecord> after) {
  KeyChange change;
  for (const KeyRecord& record : after) {
    const KeyRecord* const old = find_record(before, record.kid);
    if (old == nullptr || *old != record) change.upserts.push_back(record);
  }
  for (const KeyRecord& record : before) {
    if (find_record(after, record.kid) == nullptr) change.removals.push_back(record.kid);
  }
  return change;
}

void report_change(std::span<const KeyRecord> before, std::span<const KeyRecord> after, KeyEvents& events) {
  for (const KeyRecord& record : after) {
    const KeyRecord* const old = find_record(before, record.kid);
    if (old == nullptr) events.key_created(record);
    if (record.revoked_at && !(old != nullptr && old->revoked_at)) events.key_revoked(record);
  }
  for (const KeyRecord& record : before) {
    if (find_record(after, record.kid) == nullptr) events.key_removed(record);
  }
}

void report_activations(std::span<const KeyRecord> before, Instant then, std::span<const KeyRecord> after, Instant now,
                        KeyEvents& events) {
  for (const KeyRecord& record : after) {
    if (record.purpose != KeyPurpose::signing || state_at(record, now) != KeyState::active) continue;
    const KeyRecord* const old = find_record(before, record.kid);
    if (old == nullptr || state_at(*old, then) != KeyState::active) events.key_activated(record);
  }
}

}  // namespace mintmark::keys
