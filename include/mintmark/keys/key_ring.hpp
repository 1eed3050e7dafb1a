#pragma once
// The key ring: an immutable snapshot of all usable keys, and the JWKS built from it.
// Thread safety: immutable; all functions from any thread.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mintmark/base/published.hpp"
#include "mintmark/keys/key_periods.hpp"
#include "mintmark/keys/sealer.hpp"
#include "mintmark/keys/signer.hpp"

namespace mintmark::keys {

/// What GET /.well-known/jwks.json answers.
struct JwksDocument {
  std::string body;
  std::string etag;  ///< strong, quotes included
};

/// What an operator wants to know of a key: not which one it is.
struct KeyTimes {
  KeyPurpose purpose;
  jose::Alg alg;
  KeyState state;
  Instant activates_at;
};

class KeyRing {
 public:
  /// Opens every record that is neither gone nor revoked at `now`; one of an algorithm that this machine lacks is
  /// passed over. Errors: those of Sealer::open, naming the kid;
  /// corrupt, where no refresh key is among them.
  static Result<std::shared_ptr<const KeyRing>> make(std::span<const KeyRecord> records, const Sealer& sealer,
                                                     const KeyPeriods& periods, Instant now);

  /// make(), for a table in which some record does not open: a key that `previous` has goes on as the table now says,
  /// and one that it lacks is left out. Such a ring is incomplete.
  static std::shared_ptr<const KeyRing> make_incomplete(std::span<const KeyRecord> records, const Sealer& sealer,
                                                        const KeyPeriods& periods, Instant now,
                                                        const KeyRing& previous);
  /// Errors: of an incomplete ring, why it is.
  [[nodiscard]] Result<void> check_complete() const;

  /// The key of `alg` that is active at `now`: of several the youngest. Null if there is none.
  [[nodiscard]] const Signer* find_signer(jose::Alg alg, Instant now) const;
  /// When find_signer will have a key of `alg`, if one is published. For Retry-After.
  [[nodiscard]] std::optional<Instant> next_activation(jose::Alg alg, Instant now) const;
  /// The HS* secret of `resource`: of several the youngest. Null if there is none or its algorithm is another.
  [[nodiscard]] const Signer* find_resource_signer(const ResourceId& resource, jose::Alg alg) const;
  /// Whether `kid` is a secret of `resource`, the youngest or another.
  [[nodiscard]] bool is_secret_of(const ResourceId& resource, const KeyId& kid) const;

  /// HMAC-SHA-256 under the refresh key: HMAC(key, message).
  [[nodiscard]] Bytes derive_refresh(ByteView message) const;

  /// Published, active and retiring signing keys. Never empty while there is a signing key.
  [[nodiscard]] const JwksDocument& jwks() const noexcept;
  /// How long the JWKS may be cached from `now`: at most jwks_max_age, and never beyond the next activation.
  [[nodiscard]] Duration jwks_max_age(Instant now) const;
  /// Of every signing key and resource secret of the ring that is published, active or retiring at `now`.
  [[nodiscard]] std::vector<KeyTimes> key_times(Instant now) const;
  /// What verifies our own access tokens: every key of the JWKS, and the resource secrets. Whoever has a resource's
  /// secret can sign with it, so a token that it verifies is good for that resource's audience alone.
  [[nodiscard]] std::span<const jose::VerificationKey> verification_keys() const noexcept;

  /// A real sign and verify with each key that is active at `now` and each resource secret (invariant 7). Errors:
  /// those of check_complete(); crypto, naming the kid; unavailable, where signing keys are published and none at all
  /// is active.
  Result<void> check_active_keys(Instant now) const;

 private:
  struct Impl;
  explicit KeyRing(std::shared_ptr<const Impl> impl) noexcept : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

using PublishedKeyRing = Published<KeyRing>;

}  // namespace mintmark::keys
