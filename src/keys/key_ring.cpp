#include "mintmark/keys/key_ring.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>

#include "local_signer.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::keys {
namespace {

constexpr std::size_t kEtagBytes = 16;

struct OpenKey {
  KeyRecord record;
  LocalSigner signer;
};
using OpenKeys = std::vector<OpenKey>;

bool is_younger(const OpenKey& a, const OpenKey& b) {
  const auto age = [](const KeyRecord& record) { return std::tie(record.activates_at, record.created_at, record.kid); };
  return age(a.record) > age(b.record);
}

/// Empty, body and all, where there is no signing key: a set without keys would tell verifiers to forget what they
/// know.
JwksDocument render_jwks(const OpenKeys& signing) {
  if (signing.empty()) return {};
  std::vector<const OpenKey*> ordered;
  for (const OpenKey& key : signing)
    ordered.push_back(&key);
  std::ranges::sort(ordered, {}, [](const OpenKey* key) {
    return std::tuple(jose::name(key->record.alg), key->record.created_at, key->record.kid.str());
  });
  Json keys = Json::array();
  for (const OpenKey* key : ordered)
    keys.push_back(key->signer.verification_key().public_jwk());

  JwksDocument document;
  document.body = Json{{"keys", std::move(keys)}}.dump();
  const Bytes digest = crypto::digest(crypto::Hash::sha256, as_bytes(document.body));
  document.etag = '"' + encode_base64url(ByteView(digest).first(kEtagBytes)) + '"';
  return document;
}

}  // namespace

struct KeyRing::Impl {
  OpenKeys signing;  // the youngest first
  std::unordered_map<ResourceId, OpenKeys> secrets;
  std::optional<jose::SigningKey> refresh;
  std::vector<jose::VerificationKey> verification_keys;
  JwksDocument jwks;
  Duration jwks_max_age{};
  Result<void> complete;

  void add(const KeyRecord& record, jose::SigningKey key) {
    switch (record.purpose) {
      case KeyPurpose::signing:
        signing.push_back({record, LocalSigner(std::move(key))});
        break;
      case KeyPurpose::resource_secret:
        secrets[record.resource].push_back({record, LocalSigner(std::move(key))});
        break;
      case KeyPurpose::refresh:
        refresh = std::move(key);
        break;
    }
  }

  /// The opened key of the row, if it is there; kid, purpose, alg and resource are what binds the two.
  [[nodiscard]] std::optional<jose::SigningKey> find(const KeyRecord& record) const {
    if (record.purpose == KeyPurpose::refresh) return refresh && refresh->kid() == record.kid ? refresh : std::nullopt;
    const auto found_secrets = secrets.find(record.resource);
    const bool is_signing = record.purpose == KeyPurpose::signing;
    if (!is_signing && found_secrets == secrets.end()) return std::nullopt;
    for (const OpenKey& key : is_signing ? signing : found_secrets->second) {
      if (key.record.kid == record.kid && key.record.alg == record.alg) return key.signer.key();
    }
    return std::nullopt;
  }

  void index() {
    std::ranges::sort(signing, is_younger);
    for (auto& [resource, keys] : secrets) {
      std::ranges::sort(keys, is_younger);
    }
    for (const OpenKey& key : signing)
      verification_keys.push_back(key.signer.verification_key());
    for (const auto& [resource, keys] : secrets) {
      for (const OpenKey& key : keys)
        verification_keys.push_back(key.signer.verification_key());
    }
    jwks = render_jwks(signing);
  }

  [[nodiscard]] bool has(KeyState state, Instant now) const {
    return std::ranges::any_of(signing, [&](const OpenKey& key) { return state_at(key.record, now) == state; });
  }
};

Result<std::shared_ptr<const KeyRing>> KeyRing::make(std::span<const KeyRecord> records, const Sealer& sealer,
                                                     const KeyPeriods& periods, Instant now) {
  auto impl = std::make_shared<Impl>();
  impl->jwks_max_age = periods.jwks_max_age;
  for (const KeyRecord& record : records) {
    if (!is_usable(record, now)) continue;
    Result<jose::SigningKey> key = sealer.open(record);
    // A key of an algorithm that only other replicas' machines have must not keep this one from its own.
    if (!key && key.error().kind == ErrorKind::unsupported) continue;
    if (!key) return key.error();
    impl->add(record, *std::move(key));
  }
  if (!impl->refresh) return corrupt("the key table has no refresh key");
  impl->index();
  return std::shared_ptr<const KeyRing>(new KeyRing(std::move(impl)));
}

std::shared_ptr<const KeyRing> KeyRing::make_incomplete(std::span<const KeyRecord> records, const Sealer& sealer,
                                                        const KeyPeriods& periods, Instant now,
                                                        const KeyRing& previous) {
  auto impl = std::make_shared<Impl>();
  impl->jwks_max_age = periods.jwks_max_age;
  for (const KeyRecord& record : records) {
    if (!is_usable(record, now)) continue;
    const Result<jose::SigningKey> opened = sealer.open(record);
    if (!opened && opened.error().kind != ErrorKind::unsupported) impl->complete = opened.error();
    std::optional<jose::SigningKey> key = opened ? *opened : previous.impl_->find(record);
    if (key) impl->add(record, *std::move(key));
  }
  // Where the former one was revoked, nothing may be derived from it any more.
  if (!impl->refresh) impl->refresh = *jose::SigningKey::generate(jose::Alg::HS256);
  impl->index();
  return std::shared_ptr<const KeyRing>(new KeyRing(std::move(impl)));
}

Result<void> KeyRing::check_complete() const {
  return impl_->complete;
}

const Signer* KeyRing::find_signer(jose::Alg alg, Instant now) const {
  for (const OpenKey& key : impl_->signing) {
    if (key.record.alg == alg && state_at(key.record, now) == KeyState::active) return &key.signer;
  }
  return nullptr;
}

std::optional<Instant> KeyRing::next_activation(jose::Alg alg, Instant now) const {
  std::optional<Instant> next;
  for (const OpenKey& key : impl_->signing) {
    if (key.record.alg != alg || state_at(key.record, now) != KeyState::published) continue;
    if (!next || key.record.activates_at < *next) next = key.record.activates_at;
  }
  return next;
}

const Signer* KeyRing::find_resource_signer(const ResourceId& resource, jose::Alg alg) const {
  const auto found = impl_->secrets.find(resource);
  if (found == impl_->secrets.end()) return nullptr;
  for (const OpenKey& key : found->second) {
    if (key.record.alg == alg) return &key.signer;
  }
  return nullptr;
}

bool KeyRing::is_secret_of(const ResourceId& resource, const KeyId& kid) const {
  const auto found = impl_->secrets.find(resource);
  return found != impl_->secrets.end() &&
         std::ranges::any_of(found->second, [&](const OpenKey& key) { return key.record.kid == kid; });
}

Bytes KeyRing::derive_refresh(ByteView message) const {
  return crypto::hmac(crypto::Hash::sha256, impl_->refresh->shared_secret().reveal(), message);
}

const JwksDocument& KeyRing::jwks() const noexcept {
  return impl_->jwks;
}

Duration KeyRing::jwks_max_age(Instant now) const {
  Duration max_age = impl_->jwks_max_age;
  for (const OpenKey& key : impl_->signing) {
    if (state_at(key.record, now) == KeyState::published) max_age = std::min(max_age, key.record.activates_at - now);
  }
  return max_age;
}

std::vector<KeyTimes> KeyRing::key_times(Instant now) const {
  std::vector<KeyTimes> times;
  const auto add = [&](const OpenKeys& keys) {
    for (const OpenKey& key : keys) {
      const KeyRecord& record = key.record;
      if (is_usable(record, now)) {
        times.push_back({record.purpose, record.alg, state_at(record, now), record.activates_at});
      }
    }
  };
  add(impl_->signing);
  for (const auto& [resource, keys] : impl_->secrets) {
    add(keys);
  }
  return times;
}

std::span<const jose::VerificationKey> KeyRing::verification_keys() const noexcept {
  return impl_->verification_keys;
}

Result<void> KeyRing::check_active_keys(Instant now) const {
  if (!impl_->complete) return impl_->complete;
  for (const OpenKey& key : impl_->signing) {
    if (state_at(key.record, now) != KeyState::active) continue;
    if (Result<void> checked = key.signer.check(); !checked) return checked;
  }
  for (const auto& [resource, keys] : impl_->secrets) {
    for (const OpenKey& key : keys) {
      if (Result<void> checked = key.signer.check(); !checked) return checked;
    }
  }
  // An algorithm whose first key is yet to activate must not take the others out of service.
  if (impl_->has(KeyState::published, now) && !impl_->has(KeyState::active, now)) {
    return unavailable("no signing key is active yet");
  }
  return {};
}

}  // namespace mintmark::keys
