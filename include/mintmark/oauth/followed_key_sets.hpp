#pragma once
// What is read from key sets at URLs: fetched ahead of need, in the background, and kept while a fetch fails. No
// request ever waits for one. Thread safety: find() and entries() from any thread, without a lock; the others from any
// thread; refresh() with itself only waits.

#include <algorithm>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "mintmark/base/published.hpp"
#include "mintmark/oauth/key_set_source.hpp"

namespace mintmark::oauth {

/// How the fetching goes, of all that is followed.
struct FetchSummary {
  std::size_t fetched = 0;  ///< with a value
  std::size_t missing = 0;  ///< for which nothing has been fetched yet
  std::optional<Instant> oldest_fetch = {};
};

/// Early enough that a few failures fit in before the set expires: three quarters of its max-age, which counts as at
/// least a minute and at most a day, and as an hour where it is not there.
Duration time_to_refresh(const std::optional<Duration>& max_age) noexcept;

/// Target: ordered, with a member `url`, where its set is. Value: what is made of a set for it.
template <class Target, class Value>
class FollowedKeySets {
 public:
  /// From the first failed fetch to the next; each further one doubles it, up to the longest.
  static constexpr Duration kFirstPause = std::chrono::seconds(10);
  static constexpr Duration kLongestPause = std::chrono::minutes(10);

  struct Fetched {
    Value value;
    Instant at;
  };
  using Entries = std::map<Target, Fetched>;

  FollowedKeySets() : fetched_(std::make_shared<const Entries>()) {}

  [[nodiscard]] std::shared_ptr<const Entries> entries() const { return fetched_.load(); }
  /// None before the first fetch.
  [[nodiscard]] std::optional<Value> find(const Target& target) const {
    const std::shared_ptr<const Entries> entries = fetched_.load();
    const auto found = entries->find(target);
    return found == entries->end() ? std::nullopt : std::optional(found->second.value);
  }

  [[nodiscard]] FetchSummary summary() const {
    const std::scoped_lock lock(mutex_);
    const std::shared_ptr<const Entries> entries = fetched_.load();
    FetchSummary summary{.fetched = entries->size(), .missing = followed_.size() - entries->size()};
    for (const auto& [target, fetched] : *entries)
      summary.oldest_fetch = std::min(summary.oldest_fetch.value_or(fetched.at), fetched.at);
    return summary;
  }

  /// Says what is needed from now on, of which the first `most` are followed: what is new is due, what is no longer
  /// needed is forgotten. False where there are more.
  template <class Targets>
  bool follow(const Targets& targets, std::size_t most, Instant now) {
    const std::scoped_lock lock(mutex_);
    std::map<Target, Schedule> needed;
    for (const Target& target : targets) {
      if (needed.size() == most) break;
      const auto known = followed_.find(target);
      needed.emplace(target, known == followed_.end() ? Schedule{.due = now} : known->second);
    }
    followed_ = std::move(needed);
    Entries kept = *fetched_.load();
    std::erase_if(kept, [&](const auto& entry) { return !followed_.contains(entry.first); });
    fetched_.store(std::make_shared<const Entries>(std::move(kept)));
    return followed_.size() == targets.size();
  }

  /// One more target, unless there are `most`. Whether it is followed now.
  bool add(const Target& target, std::size_t most, Instant now) {
    const std::scoped_lock lock(mutex_);
    if (followed_.contains(target)) return true;
    if (followed_.size() >= most) return false;
    followed_.emplace(target, Schedule{.due = now});
    return true;
  }

  /// Forgets each target for which `is_over(target, fetched)` holds; `fetched` is null before its first fetch.
  template <class IsOver>
  void forget_if(IsOver is_over) {
    const std::scoped_lock lock(mutex_);
    Entries kept = *fetched_.load();
    const std::size_t before = followed_.size();
    std::erase_if(followed_, [&](const auto& entry) {
      const auto found = kept.find(entry.first);
      return is_over(entry.first, found == kept.end() ? nullptr : &found->second);
    });
    if (followed_.size() == before) return;
    std::erase_if(kept, [&](const auto& entry) { return !followed_.contains(entry.first); });
    fetched_.store(std::make_shared<const Entries>(std::move(kept)));
  }

  /// Makes a target due that has been fetched, unless the last attempt is less than `pause` ago. Whether it is due now.
  bool hasten(const Target& target, Instant now, Duration pause) {
    const std::scoped_lock lock(mutex_);
    const auto followed = followed_.find(target);
    const std::shared_ptr<const Entries> entries = fetched_.load();
    if (followed == followed_.end() || !entries->contains(target) || now < followed->second.tried_at + pause)
      return false;
    followed->second.due = std::min(followed->second.due, now);
    return true;
  }

  /// Fetches what is due, one after the other. `read` makes of target and text a Result of a value. A failure leaves
  /// the value that was there. `fetched(target, value)` and `failed(target, error, age)` are told; `age` is that of the
  /// value that stays. Ends early on `stop`.
  template <class Read, class OnFetched, class OnFailed>
  void refresh(KeySetSource& source, Instant now, const std::stop_token& stop, Read read, OnFetched fetched,
               OnFailed failed) {
    const std::scoped_lock lock(refreshing_);
    while (const std::optional<Target> target = next_due(now)) {
      const Result<KeySet> set = source.fetch(target->url, stop);
      if (stop.stop_requested()) return;
      Result<Value> value = set ? read(*target, set->text) : Result<Value>(set.error());
      if (!value) {
        if (const auto age = postpone(*target, now)) failed(*target, value.error(), *age);
      } else if (take(*target, *value, now, time_to_refresh(set->max_age))) {
        fetched(*target, *value);
      }
    }
  }

 private:
  struct Schedule {
    Instant due;
    Duration pause = kFirstPause;  ///< after the next failure
    Instant tried_at = {};         ///< when it was last fetched, or could not be
  };

  [[nodiscard]] std::optional<Target> next_due(Instant now) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find_if(followed_, [&](const auto& entry) { return entry.second.due <= now; });
    return found == followed_.end() ? std::nullopt : std::optional(found->first);
  }

  /// False where it is no longer needed.
  bool take(const Target& target, const Value& value, Instant now, Duration keep) {
    const std::scoped_lock lock(mutex_);
    const auto followed = followed_.find(target);
    if (followed == followed_.end()) return false;
    followed->second = {.due = now + keep, .tried_at = now};
    Entries entries = *fetched_.load();
    entries.insert_or_assign(target, Fetched{value, now});
    fetched_.store(std::make_shared<const Entries>(std::move(entries)));
    return true;
  }

  /// The age of the value that stays, if there is one; nothing where the target is no longer needed.
  std::optional<std::optional<Duration>> postpone(const Target& target, Instant now) {
    const std::scoped_lock lock(mutex_);
    const auto followed = followed_.find(target);
    if (followed == followed_.end()) return std::nullopt;
    Schedule& schedule = followed->second;
    schedule.due = now + schedule.pause;
    schedule.tried_at = now;
    schedule.pause = std::min(schedule.pause * 2, kLongestPause);
    const std::shared_ptr<const Entries> entries = fetched_.load();
    const auto kept = entries->find(target);
    return std::optional(kept == entries->end() ? std::nullopt : std::optional(now - kept->second.at));
  }

  std::mutex refreshing_;
  mutable std::mutex mutex_;  // guards followed_ and who replaces fetched_; never held during a fetch
  std::map<Target, Schedule> followed_;
  Published<Entries> fetched_;
};

}  // namespace mintmark::oauth
