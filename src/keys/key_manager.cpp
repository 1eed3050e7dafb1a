#include "mintmark/keys/key_manager.hpp"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include "key_change.hpp"
#include "key_editor.hpp"

namespace mintmark::keys {
namespace {

/// Every conflict is somebody else's success, so a race ends soon.
constexpr int kMaxAttempts = 16;

/// In one transaction.
constexpr std::size_t kResealedAtOnce = 32;
/// Two processes whose sealing keys are in different orders, as while a new order is rolled out, undo each other's work
/// no more often than this.
constexpr Duration kResealingPause = std::chrono::minutes(1);

/// The edit of whose result `out` becomes the value.
template <class Value, class Edit>
auto keep_result(Value& out, Edit edit) {
  return [&out, edit = std::move(edit)](KeyEditor& editor) -> Result<void> {
    auto made = edit(editor);
    if (!made) return made.error();
    out = *std::move(made);
    return {};
  };
}

bool changes_with_time(std::span<const KeyRecord> records, Instant then, Instant now) {
  return std::ranges::any_of(
      records, [&](const KeyRecord& record) { return is_usable(record, then) != is_usable(record, now); });
}

}  // namespace

KeyManager::KeyManager(KeyRepository& repository, Sealer sealer, KeyPeriods periods, KeyDemand demand,
                       KeyEvents& events)
    : repository_(repository),
      events_(events),
      sealer_(std::move(sealer)),
      periods_(periods),
      demand_(std::move(demand)) {
  begin_resealing();
}

Result<std::unique_ptr<KeyManager>> KeyManager::open(KeyRepository& repository, Sealer sealer, KeyPeriods periods,
                                                     KeyDemand demand, KeyEvents& events, Instant now) {
  if (Result<void> checked = check_demand(demand); !checked) return checked.error();
  std::unique_ptr<KeyManager> manager(
      new KeyManager(repository, std::move(sealer), periods, std::move(demand), events));
  const std::scoped_lock lock(manager->mutex_);
  if (Result<void> met = manager->meet_demand(now); !met) return met.error();
  return manager;
}

Result<void> KeyManager::tick(Instant now) {
  const std::scoped_lock lock(mutex_);
  Result<void> kept =
      demand_is_met_ ? commit([](KeyEditor& editor) { return editor.keep_up(); }, sealer_, now) : meet_demand(now);
  return kept ? reseal_some(now) : kept;
}

void KeyManager::begin_resealing() {
  may_need_resealing_ = sealer_.has_older_keys();
  reports_completion_ = may_need_resealing_;
  resealed_ = 0;
  sealed_at_.reset();
}

/// A crash between two of these leaves some keys under either, which every process that has both can open.
Result<void> KeyManager::reseal_some(Instant now) {
  if (!may_need_resealing_) return {};
  if (sealed_at_ && now >= *sealed_at_ && now < *sealed_at_ + kResealingPause) return {};
  std::size_t count = 0;
  const auto edit = keep_result(count, [](KeyEditor& editor) { return editor.reseal_older(kResealedAtOnce); });
  if (Result<void> done = commit(edit, sealer_, now); !done) return done;
  resealed_ += count;
  if (count == kResealedAtOnce) return {};
  may_need_resealing_ = false;
  sealed_at_ = now;
  if (std::exchange(reports_completion_, false) || count > 0) events_.sealing_completed(resealed_);
  return {};
}

Result<void> KeyManager::check(const KeySetup& next, Instant now) {
  if (Result<void> checked = check_demand(next.demand); !checked) return checked;
  const std::scoped_lock lock(mutex_);
  const Result<KeyTable> table = repository_.load_keys();
  if (!table) return table.error();
  const Sealer& sealer = next.sealer ? *next.sealer : sealer_;
  const Result<std::shared_ptr<const KeyRing>> ring = KeyRing::make(table->records, sealer, next.periods, now);
  return ring ? Result<void>() : ring.error();
}

Result<void> KeyManager::reconfigure(KeySetup next, Instant now) {
  if (Result<void> checked = check_demand(next.demand); !checked) return checked;
  const std::scoped_lock lock(mutex_);
  const bool same_demand = demand_is_met_ && is_same_demand(next.demand, demand_);
  KeySetup former{.sealer = std::move(sealer_), .periods = periods_, .demand = std::move(demand_)};
  const auto set_up = [this](KeySetup& setup) {
    if (setup.sealer) sealer_ = *std::move(setup.sealer);
    periods_ = setup.periods;
    demand_ = std::move(setup.demand);
    setup_changed_ = true;
  };
  const bool same_sealer = !next.sealer.has_value();
  if (same_sealer) next.sealer = former.sealer;
  set_up(next);
  const bool was_met = std::exchange(demand_is_met_, same_demand);
  Result<void> done =
      same_demand ? commit([](KeyEditor& editor) { return editor.keep_up(); }, sealer_, now) : meet_demand(now);
  if (!done) {
    set_up(former);
    demand_is_met_ = was_met;
    return done;
  }
  if (!same_sealer) begin_resealing();
  return {};
}

Result<void> KeyManager::set_demand(KeyDemand demand, Instant now) {
  if (Result<void> checked = check_demand(demand); !checked) return checked;
  const std::scoped_lock lock(mutex_);
  // Only a new demand is compared with the stored secrets: servers that declare different ones would otherwise replace
  // each other's whenever the key table changes, which their replacing does.
  if (demand_is_met_ && is_same_demand(demand, demand_)) return {};
  demand_ = std::move(demand);
  demand_is_met_ = false;
  return meet_demand(now);
}

Result<void> KeyManager::meet_demand(Instant now) {
  Result<void> met = commit([](KeyEditor& editor) { return editor.meet_demand(); }, sealer_, now);
  demand_is_met_ = met.has_value();
  return met;
}

/// Loads, takes over what others did, edits and stores it if nobody was faster. `sealer` is the one of the records
/// after the edit.
Result<void> KeyManager::commit(const Edit& edit, const Sealer& sealer, Instant now) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    Result<KeyTable> stored = repository_.load_keys();
    if (!stored) return stored.error();
    if (ring_) {
      if (Result<void> taken = take_over(*stored, now); !taken) return taken;
    }
    KeyEditor editor(stored->records, sealer_, periods_, demand_, now);
    if (Result<void> edited = edit(editor); !edited) return edited;
    const KeyChange change = find_change(stored->records, editor.records());
    if (change.empty() && ring_) return {};

    // Made before anything is stored: what this process cannot open it must not write.
    Result<std::shared_ptr<const KeyRing>> ring = KeyRing::make(editor.records(), sealer, periods_, now);
    if (!ring) return ring.error();
    if (!change.empty()) {
      Result<void> written = repository_.store_keys(stored->version, change.upserts, change.removals);
      if (!written && written.error().kind == ErrorKind::conflict) continue;
      if (!written) return written;
    }
    publish(*std::move(ring), editor.records(), now);
    report_change(stored->records, editor.records(), events_);
    report_activations(stored->records, now, editor.records(), now, events_);
    return {};
  }
  return unavailable("the keys were changed by other processes " + std::to_string(kMaxAttempts) + " times in a row");
}

Result<void> KeyManager::take_over(const KeyTable& table, Instant now) {
  const std::vector<KeyRecord> before = records_;
  const Instant then = last_tick_;
  if (setup_changed_ || table.records != before || changes_with_time(before, then, now)) {
    const Result<std::shared_ptr<const KeyRing>> ring = KeyRing::make(table.records, sealer_, periods_, now);
    // What another process revoked must go also where what it made cannot be opened.
    publish(ring ? *ring : KeyRing::make_incomplete(table.records, sealer_, periods_, now, *ring_->load()),
            table.records, now);
    report_change(before, records_, events_);
  }
  last_tick_ = now;
  report_activations(before, then, records_, now, events_);
  return ring_->load()->check_complete();
}

void KeyManager::publish(std::shared_ptr<const KeyRing> ring, std::vector<KeyRecord> records, Instant now) {
  std::ranges::sort(records, {}, [](const KeyRecord& record) { return std::tie(record.created_at, record.kid); });
  may_need_resealing_ = sealer_.has_older_keys();
  setup_changed_ = false;
  records_ = std::move(records);
  last_tick_ = now;
  if (ring_) {
    ring_->store(std::move(ring));
  } else {
    ring_ = std::make_unique<PublishedKeyRing>(std::move(ring));
  }
}

Result<std::vector<KeyRecord>> KeyManager::list() {
  Result<KeyTable> table = repository_.load_keys();
  if (!table) return table.error();
  return std::move(table->records);
}

Result<KeyRecord> KeyManager::rotate(jose::Alg alg, Instant now) {
  const std::scoped_lock lock(mutex_);
  KeyRecord successor;
  const auto edit = keep_result(successor, [&](KeyEditor& editor) { return editor.rotate(alg); });
  if (Result<void> done = commit(edit, sealer_, now); !done) return done.error();
  return successor;
}

Result<KeyRecord> KeyManager::import(const jose::SigningKey& key, Instant now, std::optional<KeyDemand> demand) {
  if (demand) {
    if (Result<void> checked = check_demand(*demand); !checked) return checked.error();
  }
  const std::scoped_lock lock(mutex_);
  if (demand) {
    demand_ = *std::move(demand);
    demand_is_met_ = false;
  }
  KeyRecord imported;
  const auto edit = keep_result(imported, [&](KeyEditor& editor) { return editor.import(key); });
  if (Result<void> done = commit(edit, sealer_, now); !done) return done.error();
  return imported;
}

Result<void> KeyManager::revoke(const KeyId& kid, Instant now) {
  const std::scoped_lock lock(mutex_);
  return commit([&](KeyEditor& editor) { return editor.revoke(kid); }, sealer_, now);
}

Result<std::size_t> KeyManager::reseal(Sealer sealer) {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  const auto edit = keep_result(count, [&](KeyEditor& editor) { return editor.reseal(sealer); });
  if (Result<void> done = commit(edit, sealer, last_tick_); !done) return done.error();
  sealer_ = std::move(sealer);
  return count;
}

Result<std::size_t> KeyManager::reseal_older() {
  const std::scoped_lock lock(mutex_);
  std::size_t count = 0;
  const auto edit = keep_result(count, [](KeyEditor& editor) { return editor.reseal_older(editor.records().size()); });
  if (Result<void> done = commit(edit, sealer_, last_tick_); !done) return done.error();
  return count;
}

Result<Json> KeyManager::export_public(const KeyId& kid) {
  Result<KeyTable> table = repository_.load_keys();
  if (!table) return table.error();
  const auto record = std::ranges::find(table->records, kid, &KeyRecord::kid);
  if (record == table->records.end()) return not_found("there is no key " + kid.str());
  if (jose::is_symmetric(record->alg)) return invalid("key " + kid.str() + " is a shared secret: nothing is public");
  const std::scoped_lock lock(mutex_);
  Result<jose::SigningKey> key = sealer_.open(*record);
  if (!key) return key.error();
  return key->verification_key().public_jwk();
}

Result<Secret> KeyManager::export_resource_secret(const ResourceId& resource, Instant now) {
  const std::scoped_lock lock(mutex_);
  Secret secret;
  const auto edit = keep_result(secret, [&](KeyEditor& editor) { return editor.export_resource_secret(resource); });
  if (Result<void> done = commit(edit, sealer_, now); !done) return done.error();
  return secret;
}

Result<void> KeyManager::replace_resource_secret(const ResourceId& resource, Instant now) {
  const std::scoped_lock lock(mutex_);
  return commit([&](KeyEditor& editor) { return editor.replace_resource_secret(resource); }, sealer_, now);
}

}  // namespace mintmark::keys
