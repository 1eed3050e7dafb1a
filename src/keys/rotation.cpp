#include "mintmark/keys/rotation.hpp"

#include <algorithm>
#include <tuple>

#include "mintmark/base/contains.hpp"

namespace mintmark::keys {
namespace {

/// The usable signing keys of one algorithm in the order in which they sign.
using Chain = std::vector<KeyRecord>;

Chain chain_of(std::span<const KeyRecord> records, jose::Alg alg, Instant now) {
  Chain chain;
  for (const KeyRecord& record : records) {
    if (record.purpose == KeyPurpose::signing && record.alg == alg && is_usable(record, now)) chain.push_back(record);
  }
  std::ranges::sort(
      chain, {}, [](const KeyRecord& record) { return std::tie(record.activates_at, record.created_at, record.kid); });
  return chain;
}

bool has_retired(const KeyRecord& record, Instant now) {
  return record.retires_at && *record.retires_at <= now;
}

/// `at` for the last signature, and after it the longest retention of any configuration that the key signed under.
void retire(KeyRecord& record, Instant at, const KeyPeriods& periods) {
  record.retires_at = at;
  record.removes_at = at + std::max(record.retention.value_or(Duration::zero()), periods.retention());
}

/// Where a key is published for a time that only a clock too far ahead can have chosen, the key takes over when it
/// would have without that clock, and after being published ahead in full.
void undo_jump(Chain& chain, const KeyPeriods& periods, Instant now) {
  for (std::size_t i = 1; i < chain.size(); ++i) {
    KeyRecord& key = chain[i];
    // Clocks of replicas may differ by as much as those of verifiers.
    if (state_at(key, now) != KeyState::published || key.created_at <= now + periods.clock_skew) continue;
    const Instant latest = std::max(now + periods.publish_ahead, chain[i - 1].activates_at + periods.rotate_every);
    if (key.activates_at <= latest) continue;
    key.activates_at = latest;
    key.created_at = now;
  }
}

/// Every key but the last signs until the next one does.
void retire_predecessors(Chain& chain, const KeyPeriods& periods, Instant now) {
  for (std::size_t i = 0; i + 1 < chain.size(); ++i) {
    if (!has_retired(chain[i], now)) retire(chain[i], std::max(chain[i + 1].activates_at, now), periods);
  }
}

/// Where no key is active because the clock was set back, the next one need not wait until it has caught up: a key that
/// signed from its creation on goes on, another waits as long as a new one would.
void pull_forward(Chain& chain, Instant first, Instant now) {
  const auto is_active = [&](const KeyRecord& record) { return state_at(record, now) == KeyState::active; };
  const auto is_published = [&](const KeyRecord& record) { return state_at(record, now) == KeyState::published; };
  if (std::ranges::any_of(chain, is_active)) return;
  const auto next = std::ranges::find_if(chain, is_published);
  if (next == chain.end() || next->created_at <= now) return;
  const bool was_born_active = next->activates_at <= next->created_at;
  next->activates_at = std::min(next->activates_at, was_born_active ? now : first);
}

/// Of an algorithm in use: when the key that is to be created now takes over, if one is.
std::optional<Instant> plan_successor(Chain& chain, const KeyPeriods& periods, Instant first, Instant now) {
  if (chain.empty() || has_retired(chain.back(), now)) return first;
  KeyRecord& youngest = chain.back();
  youngest.retires_at.reset();  // set where its successor has been revoked
  youngest.removes_at.reset();
  pull_forward(chain, first, now);

  const Instant due = youngest.activates_at + periods.rotate_every;
  if (now < due - periods.publish_ahead) return std::nullopt;
  const Instant takes_over = std::max(due, now + periods.publish_ahead);
  retire(youngest, takes_over, periods);
  return takes_over;
}

/// Of an algorithm no longer in use.
void let_go(Chain& chain, const KeyPeriods& periods, Instant now) {
  KeyRecord& youngest = chain.back();
  if (youngest.retires_at || now < youngest.activates_at + periods.rotate_every) return;
  retire(youngest, now + kPropagation, periods);  // until then other replicas go on signing with it
}

/// The row stays until no cache holds a JWKS with the key, so that "never had a key" is true of no verifier either; a
/// revoked one stays a retention longer, to be seen in listings.
bool is_forgettable(const KeyRecord& record, const KeyPeriods& periods, Instant now) {
  if (record.revoked_at) return now >= *record.revoked_at + periods.retention() + periods.longest_cached();
  return record.removes_at && now >= *record.removes_at + periods.longest_cached();
}

std::vector<jose::Alg> algs_of(std::span<const KeyRecord> records, std::span<const jose::Alg> in_use) {
  std::vector<jose::Alg> algs(in_use.begin(), in_use.end());
  for (const KeyRecord& record : records) {
    if (record.purpose == KeyPurpose::signing) algs.push_back(record.alg);
  }
  std::ranges::sort(algs);
  algs.erase(std::unique(algs.begin(), algs.end()), algs.end());
  return algs;
}

void add_updates(std::span<const KeyRecord> records, const Chain& chain, RotationPlan& plan) {
  for (const KeyRecord& planned : chain) {
    const auto stored = std::ranges::find(records, planned.kid, &KeyRecord::kid);
    if (*stored != planned) plan.update.push_back(planned);
  }
}

}  // namespace

Instant first_activation(std::span<const KeyRecord> records, const KeyPeriods& periods, Instant now) {
  const bool had_a_signing_key = std::ranges::find(records, KeyPurpose::signing, &KeyRecord::purpose) != records.end();
  return had_a_signing_key ? now + periods.longest_cached() : now;
}

RotationPlan plan_rotation(std::span<const KeyRecord> records, std::span<const jose::Alg> in_use,
                           const KeyPeriods& periods, Instant first, Instant now) {
  RotationPlan plan;
  for (const jose::Alg alg : algs_of(records, in_use)) {
    Chain chain = chain_of(records, alg, now);
    undo_jump(chain, periods, now);
    retire_predecessors(chain, periods, now);
    if (contains(in_use, alg)) {
      if (const auto takes_over = plan_successor(chain, periods, first, now)) plan.create.push_back({alg, *takes_over});
    } else if (!chain.empty()) {
      let_go(chain, periods, now);
    }
    add_updates(records, chain, plan);
  }
  for (const KeyRecord& record : records) {
    if (is_forgettable(record, periods, now)) plan.remove.push_back(record.kid);
  }
  return plan;
}

void raise_retention(std::span<KeyRecord> records, const KeyPeriods& periods, Instant now) {
  for (KeyRecord& record : records) {
    if (!is_usable(record, now) || has_retired(record, now)) continue;
    // A row of an earlier version says it only where its end is fixed.
    const Duration planned =
        record.retires_at && record.removes_at ? *record.removes_at - *record.retires_at : Duration::zero();
    record.retention = std::max({record.retention.value_or(Duration::zero()), planned, periods.retention()});
  }
}

}  // namespace mintmark::keys
