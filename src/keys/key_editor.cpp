#include "key_editor.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace mintmark::keys {
namespace {

constexpr std::size_t kMaxKidLength = 128;

/// Of an imported key: a thumbprint is always one, a name from a file need not be.
bool is_valid_kid(const KeyId& kid) {
  const auto is_visible = [](char c) { return c > ' ' && c <= '~'; };
  return !kid.empty() && kid.str().size() <= kMaxKidLength && std::ranges::all_of(kid.str(), is_visible);
}

Error no_such_key(const KeyId& kid) {
  return not_found("there is no key " + kid.str());
}

Error is_no_signing_alg(jose::Alg alg) {
  return invalid(std::string(jose::name(alg)) + ": a shared secret belongs to a resource and is replaced there");
}

}  // namespace

KeyEditor::KeyEditor(std::vector<KeyRecord> records, const Sealer& sealer, const KeyPeriods& periods,
                     const KeyDemand& demand, Instant now)
    : records_(std::move(records)),
      sealer_(sealer),
      periods_(periods),
      demand_(demand),
      in_use_(demand.algs),
      now_(now),
      first_(first_activation(records_, periods, now)) {
  raise_retention(records_, periods_, now_);
}

Result<void> KeyEditor::keep_up() {
  if (Result<void> ensured = ensure_refresh_key(); !ensured) return ensured;
  if (Result<void> ensured = ensure_secrets(); !ensured) return ensured;
  return rotate_due();
}

Result<KeyRecord> KeyEditor::rotate(jose::Alg alg) {
  if (jose::is_symmetric(alg)) return is_no_signing_alg(alg);
  if (has_signing_key(alg, KeyState::published)) {
    return conflict(std::string(jose::name(alg)) + ": a successor is published already");
  }
  const Instant activates_at = has_signing_key(alg, KeyState::active) ? now_ + periods_.publish_ahead : first_;
  const Result<KeyId> kid = add_signing_key(alg, activates_at);
  if (!kid) return kid.error();
  if (Result<void> kept = keep_up(); !kept) return kept.error();
  return *find(*kid);
}

Result<KeyRecord> KeyEditor::import(const jose::SigningKey& key) {
  if (jose::is_symmetric(key.alg())) return is_no_signing_alg(key.alg());
  if (!is_valid_kid(key.kid())) return invalid("the kid of an imported key must be 1 to 128 visible characters");
  if (find(key.kid()) != nullptr) return conflict("there is a key " + key.kid().str() + " already");
  if (Result<void> checked = check_is_new(key); !checked) return checked.error();
  const bool takes_over = has_signing_key(key.alg(), KeyState::active);
  KeyRecord record;
  record.imported = true;
  record.activates_at = takes_over ? now_ + periods_.publish_ahead : first_;
  add(std::move(record), key);
  if (std::ranges::find(in_use_, key.alg()) == in_use_.end()) in_use_.push_back(key.alg());
  if (Result<void> kept = keep_up(); !kept) return kept.error();
  return *find(key.kid());
}

Result<void> KeyEditor::revoke(const KeyId& kid) {
  KeyRecord* const record = find(kid);
  if (record == nullptr) return no_such_key(kid);
  if (record->revoked_at) return conflict("key " + kid.str() + " is revoked already");
  if (is_declared(*record)) {
    return conflict("key " + kid.str() + " is the secret that the configuration declares for " +
                    record->resource.str() + ": change it there");
  }
  const jose::Alg alg = record->alg;
  const bool was_signing = record->purpose == KeyPurpose::signing && state_at(*record, now_) == KeyState::active;
  record->revoked_at = now_;
  if (was_signing && !has_signing_key(alg, KeyState::active)) {
    // Better no key than a stolen one: another machine, which has the algorithm, makes the next.
    Result<void> replaced = replace_signing_key(alg);
    if (!replaced && replaced.error().kind != ErrorKind::unsupported) return replaced;
  }
  return keep_up();
}

Result<std::size_t> KeyEditor::reseal(const Sealer& sealer) {
  for (KeyRecord& record : records_) {
    Result<jose::SigningKey> key = sealer_.open(record);
    if (!key) return key.error();
    sealer.seal(record, *key);
  }
  return records_.size();
}

Result<std::size_t> KeyEditor::reseal_older(std::size_t limit) {
  std::size_t count = 0;
  for (KeyRecord& record : records_) {
    if (count == limit) break;
    const std::optional<std::size_t> sealing_key = sealer_.find_key(record);
    if (sealing_key == std::size_t{0} || (!sealing_key && !is_usable(record, now_))) continue;
    if (Result<void> resealed = sealer_.reseal(record); !resealed) return resealed.error();
    ++count;
  }
  return count;
}

KeyRecord* KeyEditor::find(const KeyId& kid) {
  const auto found = std::ranges::find(records_, kid, &KeyRecord::kid);
  return found == records_.end() ? nullptr : &*found;
}

bool KeyEditor::has_signing_key(jose::Alg alg, KeyState state) const {
  return std::ranges::any_of(records_, [&](const KeyRecord& record) {
    return record.purpose == KeyPurpose::signing && record.alg == alg && state_at(record, now_) == state;
  });
}

Result<void> KeyEditor::check_is_new(const jose::SigningKey& key) const {
  const std::string pem = key.verification_key().public_pem();
  for (const KeyRecord& record : records_) {
    if (jose::is_symmetric(record.alg)) continue;
    const Result<jose::SigningKey> stored = sealer_.open(record);
    if (!stored && stored.error().kind == ErrorKind::unsupported) continue;
    if (!stored) return stored.error();
    if (stored->verification_key().public_pem() == pem)
      return conflict("this key is there already: " + record.kid.str());
  }
  return {};
}

void KeyEditor::add(KeyRecord record, const jose::SigningKey& key) {
  record.kid = key.kid();
  record.alg = key.alg();
  record.created_at = now_;
  record.retention = periods_.retention();
  sealer_.seal(record, key);
  records_.push_back(std::move(record));
}

Result<KeyId> KeyEditor::add_signing_key(jose::Alg alg, Instant activates_at) {
  Result<jose::SigningKey> key = jose::SigningKey::generate(alg, demand_.rsa_bits);
  if (!key) return key.error();
  KeyRecord record;
  record.activates_at = activates_at;
  add(std::move(record), *key);
  return key->kid();
}

Result<void> KeyEditor::ensure_refresh_key() {
  const auto is_refresh_key = [&](const KeyRecord& record) {
    return record.purpose == KeyPurpose::refresh && is_usable(record, now_);
  };
  if (std::ranges::any_of(records_, is_refresh_key)) return {};
  Result<jose::SigningKey> key = jose::SigningKey::generate(jose::Alg::HS256);
  if (!key) return key.error();
  KeyRecord record;
  record.purpose = KeyPurpose::refresh;
  record.activates_at = now_;
  add(std::move(record), *key);
  return {};
}

Result<void> KeyEditor::rotate_due() {
  const RotationPlan plan = plan_rotation(records_, in_use_, periods_, first_, now_);
  for (const KeyRecord& updated : plan.update)
    *find(updated.kid) = updated;
  for (const KeyId& kid : plan.remove)
    std::erase_if(records_, [&](const KeyRecord& record) { return record.kid == kid; });
  for (const RotationPlan::NewKey& key : plan.create) {
    if (Result<KeyId> added = add_signing_key(key.alg, key.activates_at); !added) return added.error();
  }
  return {};
}

Result<void> KeyEditor::replace_signing_key(jose::Alg alg) {
  KeyRecord* successor = nullptr;
  for (KeyRecord& record : records_) {
    if (record.purpose != KeyPurpose::signing || record.alg != alg) continue;
    if (state_at(record, now_) != KeyState::published) continue;
    if (successor == nullptr || record.activates_at < successor->activates_at) successor = &record;
  }
  if (successor != nullptr) {
    successor->activates_at = now_;
    return {};
  }
  if (Result<KeyId> added = add_signing_key(alg, now_); !added) return added.error();
  return {};
}

}  // namespace mintmark::keys
