#include "mintmark/accounts/attempt_guard.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mintmark::accounts {
namespace {

/// Small enough that logins which write get their turn in between.
constexpr std::size_t kBatchRows = 1'000;
/// Attempts at one account from one source at once, where many at once are no sign of guessing: more than any pool has
/// threads.
constexpr std::uint32_t kMaxPending = 1'000;

}  // namespace

std::string_view name(Credential credential) noexcept {
  switch (credential) {
    case Credential::password:
      return "password";
    case Credential::client_secret:
      return "client_secret";
    case Credential::refresh_token:
      break;
  }
  return "refresh_token";
}

/// Nothing wears off during a delay, or the longer ones would never be reached.
double AttemptGuard::Rule::failures_at(const Counter& counter, Instant now) const {
  const Instant since = std::max(counter.counted_at, counter.blocked_until);
  const auto elapsed = std::max(now - since, Duration(0));  // a clock may jump
  const double worn_off =
      static_cast<double>(elapsed.count()) * free / static_cast<double>(std::max(limits.window, Duration(1)).count());
  return std::max(0.0, counter.failures - worn_off);
}

Duration AttemptGuard::Rule::delay_after(double failures) const {
  const double too_many = std::ceil(failures - free);
  if (too_many < 1) return Duration(0);
  const double delay = static_cast<double>(limits.base_delay.count()) * std::exp2(too_many - 1);
  return delay < static_cast<double>(limits.max_delay.count()) ? Duration(std::llround(delay)) : limits.max_delay;
}

/// A clock that was set back makes nobody wait for longer than the longest delay.
Duration AttemptGuard::Rule::remaining(const Counter& counter, Instant now) const {
  return std::clamp(counter.blocked_until - now, Duration(0), limits.max_delay);
}

/// Further ones would change no delay, and only take longer to wear off.
double AttemptGuard::Rule::most_failures() const {
  const double doublings = std::log2(static_cast<double>(limits.max_delay.count()) /
                                     static_cast<double>(std::max(limits.base_delay, Duration(1)).count()));
  return free + 1 + std::max(0.0, std::ceil(doublings));
}

Instant AttemptGuard::Rule::end_of(const Counter& counter) const {
  const double until_none = counter.failures * static_cast<double>(limits.window.count()) / std::max(free, 1U);
  return std::max(counter.blocked_until, counter.counted_at) + Duration(std::llround(std::ceil(until_none)));
}

AttemptGuard::AttemptGuard(Secret key, GuardLimits limits, AttemptCounterRepository& repository, std::size_t capacity)
    : key_(std::move(key)),
      limits_(std::make_shared<const GuardLimits>(limits)),
      repository_(repository),
      table_(capacity) {}

void AttemptGuard::set_limits(const GuardLimits& limits) {
  limits_.store(std::make_shared<const GuardLimits>(limits));
}

crypto::KeyedHash AttemptGuard::account_key(const Claim& claim) const {
  return crypto::keyed_hash(key_, {name(claim.credential), claim.source, claim.account});
}

crypto::KeyedHash AttemptGuard::source_key(const Claim& claim) const {
  return crypto::keyed_hash(key_, {name(claim.credential), claim.source});
}

void AttemptGuard::remember_removal(const crypto::KeyedHash& key, const Counter& counter) {
  if (!counter.stored) return;
  const std::scoped_lock lock(removals_mutex_);
  // More than that only a store that does not answer lets gather. What is not removed expires.
  if (removals_.size() < capacity()) removals_.push_back(key);
}

AttemptGuard::Counter& AttemptGuard::find_or_insert(Table::Set& set, const crypto::KeyedHash& key, const Rule& rule,
                                                    Instant now) {
  return set.find_or_insert(
      key, [&](const Counter& it) { return rule.failures_at(it, now) + it.pending; },
      [&](Table::Entry&& it) { remember_removal(it.key, it.value); });
}

std::optional<Duration> AttemptGuard::count(const Counted& counted, Credential credential, const GuardLimits& limits,
                                            Instant now) {
  const Rule rule{counted.free, limits};
  return table_.with(counted.key, [&](Table::Set& set) -> std::optional<Duration> {
    // A refused attempt counts for nothing, and makes no room for itself.
    if (const Counter* const known = set.find(counted.key)) {
      if (const Duration remaining = rule.remaining(*known, now); remaining > Duration(0)) return remaining;
      const bool may_be_many = known->has_been_right || credential != Credential::password;
      const double failures_at_worst = rule.failures_at(*known, now) + known->pending + 1;
      if (known->pending >= (may_be_many ? kMaxPending : 1) && failures_at_worst > counted.free + 1) {
        return limits.base_delay;
      }
    }
    ++find_or_insert(set, counted.key, rule, now).pending;
    return std::nullopt;
  });
}

void AttemptGuard::fail(const Counted& counted, const GuardLimits& limits, Instant now) {
  if (counted.free == 0) return;
  const Rule rule{counted.free, limits};
  table_.with(counted.key, [&](Table::Set& set) {
    // It may have had to make room meanwhile.
    Counter& counter = find_or_insert(set, counted.key, rule, now);
    if (counter.pending > 0) --counter.pending;
    counter.failures = std::min(rule.failures_at(counter, now) + 1, rule.most_failures());
    counter.counted_at = now;
    const Duration delay = rule.delay_after(counter.failures);
    counter.blocked_until = std::max(counter.blocked_until, now + delay);
    counter.has_been_right &= delay == Duration(0);
    counter.dirty = true;
  });
}

void AttemptGuard::succeed(const Counted& counted) {
  if (counted.free == 0) return;
  table_.with(counted.key, [&](Table::Set& set) {
    Counter* const counter = set.find(counted.key);
    if (counter == nullptr) return;
    if (counter->pending > 0) --counter->pending;
    counter->failures = 0;
    counter->blocked_until = counter->counted_at;
    counter->has_been_right = true;
    counter->dirty = counter->stored;
  });
}

void AttemptGuard::take_back(const Counted& counted) {
  if (counted.free == 0) return;
  table_.with(counted.key, [&](Table::Set& set) {
    Counter* const counter = set.find(counted.key);
    if (counter == nullptr) return;
    if (counter->pending > 0) --counter->pending;
    const bool says_nothing = counter->pending == 0 && counter->failures <= 0 && !counter->has_been_right;
    if (says_nothing && !counter->stored) set.erase(counted.key);
  });
}

Result<AttemptGuard::Attempt, AttemptDelay> AttemptGuard::begin(const Claim& claim, Instant now) {
  std::shared_ptr<const GuardLimits> limits = limits_.load();
  Counted account{.key = {}, .free = limits->account_failures};
  Counted source{.key = {}, .free = limits->source_failures};
  if (account.free > 0) {
    account.key = account_key(claim);
    const std::optional<Duration> delay = count(account, claim.credential, *limits, now);
    if (delay) return AttemptDelay{AttemptDelay::By::account, *delay};
  }
  if (source.free > 0) {
    source.key = source_key(claim);
    const std::optional<Duration> delay = count(source, claim.credential, *limits, now);
    if (delay) {
      take_back(account);
      return AttemptDelay{AttemptDelay::By::source, *delay};
    }
  }
  return Attempt(*this, account, source, std::move(limits), now);
}

std::optional<AttemptDelay> AttemptGuard::find_delay(const Claim& claim, Instant now) {
  const std::shared_ptr<const GuardLimits> limits = limits_.load();
  const auto remaining = [&](const crypto::KeyedHash& key, unsigned free) {
    return table_.with(key, [&](Table::Set& set) {
      const Counter* const counter = set.find(key);
      return counter == nullptr ? Duration(0) : Rule{free, *limits}.remaining(*counter, now);
    });
  };
  if (limits->account_failures > 0) {
    const Duration delay = remaining(account_key(claim), limits->account_failures);
    if (delay > Duration(0)) return AttemptDelay{AttemptDelay::By::account, delay};
  }
  if (limits->source_failures > 0) {
    const Duration delay = remaining(source_key(claim), limits->source_failures);
    if (delay > Duration(0)) return AttemptDelay{AttemptDelay::By::source, delay};
  }
  return std::nullopt;
}

Result<void> AttemptGuard::load(Instant now) {
  Result<std::vector<AttemptCounter>> counters = repository_.load_counters(now, capacity());
  if (!counters) return counters.error();
  for (const AttemptCounter& stored : *counters) {
    table_.with(stored.key, [&](Table::Set& set) {
      Counter& counter = set.find_or_insert(
          stored.key, [](const Counter& it) { return it.failures; },
          [&](Table::Entry&& it) { remember_removal(it.key, it.value); });
      counter = {.failures = stored.failures,
                 .counted_at = stored.counted_at,
                 .blocked_until = stored.blocked_until,
                 .pending = 0,
                 .has_been_right = false,
                 .dirty = false,
                 .stored = true};
    });
  }
  return {};
}

/// As much as a batch holds, from the set on where the last one ended.
void AttemptGuard::collect(std::vector<AttemptCounter>& upserts, std::vector<crypto::KeyedHash>& removals) {
  const std::shared_ptr<const GuardLimits> limits = limits_.load();
  // Whose counter it is does not show; the fewer free failures, the longer it lasts.
  const unsigned fewest = std::min(limits->account_failures, limits->source_failures);
  const unsigned most = std::max(limits->account_failures, limits->source_failures);
  const Rule rule{fewest > 0 ? fewest : most, *limits};
  {
    const std::scoped_lock lock(removals_mutex_);
    const std::size_t taken = std::min(removals_.size(), kBatchRows);
    removals.assign(removals_.end() - static_cast<std::ptrdiff_t>(taken), removals_.end());
    removals_.resize(removals_.size() - taken);
  }
  // A key that went and has come back since has a row, and will replace or remove it.
  std::erase_if(removals, [&](const crypto::KeyedHash& key) {
    return table_.with(key, [&](Table::Set& set) {
      Counter* const counter = set.find(key);
      if (counter == nullptr) return false;
      counter->stored = true;
      counter->dirty = true;
      return true;
    });
  });
  for (std::size_t visited = 0; visited < table_.set_count() && upserts.size() + removals.size() < 2 * kBatchRows;
       ++visited) {
    table_.with_set(next_set_, [&](Table::Set& set) {
      for (Table::Entry& entry : set.entries()) {
        if (!entry.used || !entry.value.dirty) continue;
        entry.value.dirty = false;
        entry.value.stored = entry.value.failures > 0;
        if (!entry.value.stored) {
          removals.push_back(entry.key);
          continue;
        }
        upserts.push_back({.key = entry.key,
                           .failures = entry.value.failures,
                           .counted_at = entry.value.counted_at,
                           .blocked_until = entry.value.blocked_until,
                           .expires_at = rule.end_of(entry.value)});
      }
    });
    next_set_ = (next_set_ + 1) % table_.set_count();
  }
}

void AttemptGuard::mark_unstored(const std::vector<AttemptCounter>& upserts,
                                 const std::vector<crypto::KeyedHash>& removals) {
  for (const AttemptCounter& upsert : upserts) {
    table_.with(upsert.key, [&](Table::Set& set) {
      if (Counter* const counter = set.find(upsert.key)) counter->dirty = true;
    });
  }
  const std::scoped_lock lock(removals_mutex_);
  const std::size_t room = capacity() - std::min(removals_.size(), capacity());
  removals_.insert(removals_.end(), removals.begin(),
                   removals.begin() + static_cast<std::ptrdiff_t>(std::min(room, removals.size())));
}

Result<bool> AttemptGuard::store_batch() {
  const std::scoped_lock lock(storing_);
  std::vector<AttemptCounter> upserts;
  std::vector<crypto::KeyedHash> removals;
  collect(upserts, removals);
  if (upserts.empty() && removals.empty()) return false;
  if (Result<void> stored = repository_.store_counters(upserts, removals); !stored) {
    mark_unstored(upserts, removals);
    return stored.error();
  }
  return upserts.size() + removals.size() >= kBatchRows;
}

AttemptGuard::Attempt::Attempt(Attempt&& other) noexcept
    : guard_(std::exchange(other.guard_, nullptr)),
      account_(other.account_),
      source_(other.source_),
      limits_(std::move(other.limits_)),
      begun_(other.begun_) {}

AttemptGuard::Attempt::~Attempt() {
  if (guard_ == nullptr) return;
  guard_->fail(account_, *limits_, begun_);
  guard_->fail(source_, *limits_, begun_);
}

void AttemptGuard::Attempt::succeed() {
  AttemptGuard* const guard = std::exchange(guard_, nullptr);
  if (guard == nullptr) return;
  guard->succeed(account_);
  guard->take_back(source_);
}

void AttemptGuard::Attempt::withdraw() {
  AttemptGuard* const guard = std::exchange(guard_, nullptr);
  if (guard == nullptr) return;
  guard->take_back(account_);
  guard->take_back(source_);
}

}  // namespace mintmark::accounts
