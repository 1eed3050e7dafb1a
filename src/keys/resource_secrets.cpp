// The part of KeyEditor that deals with the secrets of HS* resources.

#include <algorithm>
#include <tuple>

#include "key_editor.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::keys {
namespace {

Error no_secret_of(const ResourceId& resource) {
  return not_found("there is no secret of " + resource.str());
}

template <class Predicate>
KeyRecord* find_youngest(std::vector<KeyRecord>& records, const Predicate& matches) {
  KeyRecord* youngest = nullptr;
  for (KeyRecord& record : records) {
    if (record.purpose != KeyPurpose::resource_secret || !matches(record)) continue;
    const bool is_younger =
        youngest == nullptr || std::tie(youngest->created_at, youngest->kid) < std::tie(record.created_at, record.kid);
    if (is_younger) youngest = &record;
  }
  return youngest;
}

}  // namespace

KeyRecord* KeyEditor::find_secret(const ResourceId& resource, jose::Alg alg) {
  return find_youngest(records_, [&](const KeyRecord& record) {
    return record.resource == resource && record.alg == alg && is_usable(record, now_);
  });
}

KeyRecord* KeyEditor::find_current_secret(const ResourceId& resource) {
  return find_youngest(records_, [&](const KeyRecord& record) {
    return record.resource == resource && !record.retires_at && is_usable(record, now_);
  });
}

bool KeyEditor::is_declared(const KeyRecord& record) const {
  return record.purpose == KeyPurpose::resource_secret && is_usable(record, now_) &&
         std::ranges::any_of(demand_.secrets, [&](const KeyDemand::ResourceSecret& secret) {
           return secret.given && secret.resource == record.resource && secret.alg == record.alg;
         });
}

Result<void> KeyEditor::add_secret(const ResourceId& resource, jose::Alg alg, const std::optional<Secret>& given) {
  Result<jose::SigningKey> key = given ? jose::SigningKey::make(alg, *given) : jose::SigningKey::generate(alg);
  if (!key) return key.error();
  KeyRecord record;
  record.purpose = KeyPurpose::resource_secret;
  record.resource = resource;
  record.activates_at = now_;
  record.imported = given.has_value();
  add(std::move(record), *key);
  return {};
}

Result<void> KeyEditor::ensure_secrets() {
  for (const KeyDemand::ResourceSecret& secret : demand_.secrets) {
    if (find_secret(secret.resource, secret.alg) != nullptr) continue;
    if (Result<void> added = add_secret(secret.resource, secret.alg, secret.given); !added) return added;
  }
  return {};
}

Result<void> KeyEditor::meet_demand() {
  for (const KeyDemand::ResourceSecret& secret : demand_.secrets) {
    if (Result<void> met = meet_secret_demand(secret); !met) return met;
  }
  return keep_up();
}

Result<void> KeyEditor::meet_secret_demand(const KeyDemand::ResourceSecret& secret) {
  retire_other_algs(secret);
  KeyRecord* const record = find_secret(secret.resource, secret.alg);
  if (record == nullptr) return add_secret(secret.resource, secret.alg, secret.given);
  record->retires_at.reset();  // set while the resource had another algorithm
  record->removes_at.reset();
  if (!secret.given) return {};
  Result<jose::SigningKey> stored = sealer_.open(*record);
  if (!stored) return stored.error();
  if (crypto::constant_time_equal(stored->shared_secret().reveal(), secret.given->reveal())) return {};
  record->revoked_at = now_;
  return add_secret(secret.resource, secret.alg, secret.given);
}

void KeyEditor::retire_other_algs(const KeyDemand::ResourceSecret& secret) {
  for (KeyRecord& record : records_) {
    const bool is_former = record.purpose == KeyPurpose::resource_secret && record.resource == secret.resource &&
                           record.alg != secret.alg && is_usable(record, now_) && !record.retires_at;
    if (!is_former) continue;
    record.retires_at = now_;
    record.removes_at = now_ + std::max(record.retention.value_or(Duration::zero()), periods_.retention());
  }
}

Result<Secret> KeyEditor::export_resource_secret(const ResourceId& resource) {
  KeyRecord* const record = find_current_secret(resource);
  if (record == nullptr) return no_secret_of(resource);
  if (record->exported_at) return conflict("the secret of " + resource.str() + " has been exported already");
  Result<jose::SigningKey> key = sealer_.open(*record);
  if (!key) return key.error();
  record->exported_at = now_;
  return key->shared_secret();
}

Result<void> KeyEditor::replace_resource_secret(const ResourceId& resource) {
  KeyRecord* const record = find_current_secret(resource);
  if (record == nullptr) return no_secret_of(resource);
  if (is_declared(*record)) {
    return conflict("the secret of " + resource.str() + " is declared in the configuration: change it there");
  }
  record->revoked_at = now_;
  return add_secret(resource, record->alg, std::nullopt);
}

}  // namespace mintmark::keys
