#pragma once
// One change of the key table, worked out on a copy: what the manager's commands mean. Nothing is stored here, so an
// edit that loses the race for the table is simply made again on the newer one.
// Thread safety: none. Requires: sealer, periods and demand outlive the editor.

#include <optional>
#include <vector>

#include "mintmark/jose/key.hpp"
#include "mintmark/keys/key_demand.hpp"
#include "mintmark/keys/rotation.hpp"
#include "mintmark/keys/sealer.hpp"

namespace mintmark::keys {

class KeyEditor {
 public:
  KeyEditor(std::vector<KeyRecord> records, const Sealer& sealer, const KeyPeriods& periods, const KeyDemand& demand,
            Instant now);

  [[nodiscard]] const std::vector<KeyRecord>& records() const noexcept { return records_; }

  /// Creates what the demand lacks, rotates what is due, forgets what is long gone. Idempotent.
  Result<void> keep_up();
  /// keep_up(), and resource secrets that are not as demanded give way: to a declared one that differs, and those of
  /// a former algorithm by retiring.
  Result<void> meet_demand();

  // The commands, as KeyManager documents them.
  Result<KeyRecord> rotate(jose::Alg alg);
  Result<KeyRecord> import(const jose::SigningKey& key);
  Result<void> revoke(const KeyId& kid);
  Result<std::size_t> reseal(const Sealer& sealer);
  /// Puts at most `limit` records that are under an older sealing key under the first; returns how many. A row that no
  /// sealing key opens and that is of no use any more is passed over.
  Result<std::size_t> reseal_older(std::size_t limit);
  Result<Secret> export_resource_secret(const ResourceId& resource);
  Result<void> replace_resource_secret(const ResourceId& resource);

 private:
  [[nodiscard]] KeyRecord* find(const KeyId& kid);
  /// The youngest usable secret of `resource` and `alg`. Null if there is none.
  [[nodiscard]] KeyRecord* find_secret(const ResourceId& resource, jose::Alg alg);
  /// The youngest secret of `resource` that is not on its way out. Null if there is none.
  [[nodiscard]] KeyRecord* find_current_secret(const ResourceId& resource);
  [[nodiscard]] bool has_signing_key(jose::Alg alg, KeyState state) const;
  [[nodiscard]] bool is_declared(const KeyRecord& record) const;
  /// That no key of the table, revoked or not, is `key` under another name. Errors: conflict; those of Sealer::open.
  Result<void> check_is_new(const jose::SigningKey& key) const;

  /// Fills in what follows from the key and the time, and seals.
  void add(KeyRecord record, const jose::SigningKey& key);
  Result<KeyId> add_signing_key(jose::Alg alg, Instant activates_at);
  Result<void> add_secret(const ResourceId& resource, jose::Alg alg, const std::optional<Secret>& given);

  Result<void> ensure_refresh_key();
  Result<void> ensure_secrets();
  Result<void> rotate_due();
  Result<void> replace_signing_key(jose::Alg alg);
  Result<void> meet_secret_demand(const KeyDemand::ResourceSecret& secret);
  void retire_other_algs(const KeyDemand::ResourceSecret& secret);

  std::vector<KeyRecord> records_;
  const Sealer& sealer_;
  const KeyPeriods& periods_;
  const KeyDemand& demand_;
  std::vector<jose::Alg> in_use_;  ///< those of the demand, and what was imported for a demand to come
  const Instant now_;
  const Instant first_;  ///< of what was loaded: keys made in one change are first together
};

}  // namespace mintmark::keys
