#pragma once
// Owns the life of the keys: creates, rotates, imports, revokes, re-seals them in the repository and publishes the
// ring. Every change is one compare-and-set on the table's version and is tried again on conflict, so any number of
// processes may run it; a change that cannot be opened with the sealing key in hand is never stored. Thread safety:
// tick() and the commands from any thread, one at a time inside; ring() from any thread without lock.

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "mintmark/keys/key_demand.hpp"
#include "mintmark/keys/key_events.hpp"
#include "mintmark/keys/key_repository.hpp"
#include "mintmark/keys/key_ring.hpp"

namespace mintmark::keys {

class KeyEditor;

/// What a KeyManager works by.
struct KeySetup {
  std::optional<Sealer> sealer;  ///< none: the one that it has
  KeyPeriods periods;
  KeyDemand demand;
};

class KeyManager {
 public:
  /// Loads the table, creates what `demand` lacks and publishes the ring. A declared secret takes the place of the one
  /// in the store.
  /// Requires: check_periods(periods) holds; repository and events outlive the manager.
  /// Errors: those of check_demand(); crypto where the sealing key does not open a key, named, with nothing stored;
  /// those of the repository.
  static Result<std::unique_ptr<KeyManager>> open(KeyRepository& repository, Sealer sealer, KeyPeriods periods,
                                                  KeyDemand demand, KeyEvents& events, Instant now);

  [[nodiscard]] const PublishedKeyRing& ring() const noexcept { return *ring_; }

  /// To be called every second or so: takes over what another process changed, rotates what is due, removes what is
  /// long gone, and puts a few of the keys that are sealed under an older sealing key under the first. On error the
  /// ring stays as it was, or as another process left it. Where a row cannot be opened the ring follows without it,
  /// KeyRing::check_complete() says so, and nothing is changed until it can be.
  Result<void> tick(Instant now);
  /// A resource came, went or changed: creates what is missing. Where the store fails, tick() goes on with it. A demand
  /// that is met already changes nothing.
  /// Errors: those of check_demand(), and the demand stays as it was; those of the repository.
  Result<void> set_demand(KeyDemand demand, Instant now);

  /// Whether reconfigure() may follow. Changes nothing. Errors: those of check_demand(); crypto, where a stored key
  /// that is still of use does not open under the sealing keys of `next`; those of the repository.
  Result<void> check(const KeySetup& next, Instant now);
  /// Goes on with `next`, and creates what it lacks. Requires: check_periods(next.periods) holds. Errors: those of
  /// check(), and all stays as it was.
  Result<void> reconfigure(KeySetup next, Instant now);

  // Commands.
  Result<std::vector<KeyRecord>> list();
  /// A successor for `alg` now, published ahead as always. Errors: conflict, where one is published already; invalid
  /// for HS*.
  Result<KeyRecord> rotate(jose::Alg alg, Instant now);
  /// A key made elsewhere. Active at once on a store that never had a signing key; where `alg` has no key, as soon as
  /// no verifier can hold a JWKS without it; else published ahead and then the successor.
  /// With `demand`, which is then in force as by set_demand(), the other algorithms get their keys in the same change:
  /// on a store that never had a signing key all sign at once.
  /// Errors: conflict where its kid or the key itself is there already, revoked or not; invalid for HS* and for a kid
  /// that is not 1 to 128 visible characters.
  Result<KeyRecord> import(const jose::SigningKey& key, Instant now, std::optional<KeyDemand> demand = {});
  /// Out of the JWKS at once. A signing key that was the only active one of its algorithm is replaced by one that is
  /// active at once (the one exception to publishing ahead: better an unknown key than a stolen one); a published
  /// successor, if there is one, becomes active at once instead. The secret of a resource in demand is replaced
  /// likewise. A replacement that this machine cannot make is left to one that can. Revoking the refresh key ends all
  /// refresh families. Errors: not_found; conflict where it is revoked already, or is a secret declared in the
  /// configuration, which is where to change it.
  Result<void> revoke(const KeyId& kid, Instant now);
  /// Every stored key under another key-encryption key, all or nothing; this manager goes on with it. Other processes
  /// keep the keys that they have opened, follow what is revoked, and are not ready until they are started with the new
  /// one. Returns how many keys.
  Result<std::size_t> reseal(Sealer sealer);
  /// Every stored key that is under an older sealing key under the first, all or nothing. Returns how many.
  Result<std::size_t> reseal_older();
  /// The public key, as JWK. Errors: not_found; invalid for HS*, which has nothing public.
  Result<Json> export_public(const KeyId& kid);
  /// The shared secret of `resource`, once: marks it as exported. Errors: not_found; conflict, where it has been
  /// exported.
  Result<Secret> export_resource_secret(const ResourceId& resource, Instant now);
  /// A new shared secret for `resource`, at once in use and not yet exported; the old one is revoked. Errors:
  /// not_found; conflict, where it is declared in the configuration.
  Result<void> replace_resource_secret(const ResourceId& resource, Instant now);

 private:
  using Edit = std::function<Result<void>(KeyEditor&)>;

  KeyManager(KeyRepository& repository, Sealer sealer, KeyPeriods periods, KeyDemand demand, KeyEvents& events);

  Result<void> meet_demand(Instant now);
  Result<void> commit(const Edit& edit, const Sealer& sealer, Instant now);
  Result<void> take_over(const KeyTable& table, Instant now);
  Result<void> reseal_some(Instant now);
  void begin_resealing();
  void publish(std::shared_ptr<const KeyRing> ring, std::vector<KeyRecord> records, Instant now);

  KeyRepository& repository_;
  KeyEvents& events_;

  std::mutex mutex_;  // guards what follows; ring_ itself is set once and then published to
  Sealer sealer_;
  KeyPeriods periods_;
  KeyDemand demand_;
  bool demand_is_met_ = false;      // false: the declared secrets are still to be compared with the stored ones
  std::vector<KeyRecord> records_;  // that ring_ was made from
  Instant last_tick_;               // when
  bool setup_changed_ = false;      // since ring_ was made
  std::unique_ptr<PublishedKeyRing> ring_;

  bool may_need_resealing_ = false;   // some record may be under an older sealing key
  bool reports_completion_ = false;   // the sealing keys are new, or something has been resealed
  std::size_t resealed_ = 0;          // since the sealing keys are what they are
  std::optional<Instant> sealed_at_;  // when all was found under the first sealing key
};

}  // namespace mintmark::keys
