#include "mintmark/oauth/recipient_keys.hpp"

#include <algorithm>

namespace mintmark::oauth {
namespace {

using namespace std::chrono_literals;

constexpr Duration kAssumedMaxAge = 1h;
constexpr Duration kLeastMaxAge = 1min;
constexpr Duration kMostMaxAge = 24h;

/// Early enough that a few failures fit in before the set expires.
Duration time_to_refresh(const std::optional<Duration>& max_age) {
  return std::clamp(max_age.value_or(kAssumedMaxAge), kLeastMaxAge, kMostMaxAge) * 3 / 4;
}

}  // namespace

RecipientKeys::RecipientKeys(KeySetSource& source, RecipientKeyEvents& events)
    : source_(source), events_(events), fetched_(std::make_shared<const FetchedKeys>()) {}

std::optional<jose::EncryptionKey> RecipientKeys::find(const TokenEncryption& encryption) const {
  if (const auto* inline_key = std::get_if<RecipientKey>(&encryption.recipient)) return inline_key->key;
  const std::shared_ptr<const FetchedKeys> keys = fetched_.load();
  const auto found = keys->find({std::get<JwksUri>(encryption.recipient).url, encryption.alg});
  return found == keys->end() ? std::nullopt : std::optional(found->second.key);
}

FetchSummary RecipientKeys::summary() const {
  const std::scoped_lock lock(mutex_);
  const std::shared_ptr<const FetchedKeys> keys = fetched_.load();
  FetchSummary summary{.fetched = keys->size(), .missing = followed_.size() - keys->size()};
  for (const auto& [recipient, fetched] : *keys) {
    summary.oldest_fetch = std::min(summary.oldest_fetch.value_or(fetched.fetched_at), fetched.fetched_at);
  }
  return summary;
}

Result<void> RecipientKeys::follow(const Directory::ResourceMap& resources, Instant now) {
  const std::scoped_lock lock(mutex_);
  std::map<Recipient, Schedule> needed;
  bool too_many = false;
  for (const auto& [id, resource] : resources) {
    if (!resource->encryption) continue;
    const auto* uri = std::get_if<JwksUri>(&resource->encryption->recipient);
    if (uri == nullptr) continue;
    Recipient recipient{uri->url, resource->encryption->alg};
    if (needed.contains(recipient)) continue;
    too_many = needed.size() == kMaxRecipients;
    if (too_many) break;
    const auto known = followed_.find(recipient);
    needed.emplace(std::move(recipient), known == followed_.end() ? Schedule{.due = now} : known->second);
  }
  followed_ = std::move(needed);

  FetchedKeys kept = *fetched_.load();
  std::erase_if(kept, [&](const auto& entry) { return !followed_.contains(entry.first); });
  fetched_.store(std::make_shared<const FetchedKeys>(std::move(kept)));
  if (too_many) return invalid("resources name more than " + std::to_string(kMaxRecipients) + " key sets");
  return {};
}

void RecipientKeys::refresh(Instant now, const std::stop_token& stop) {
  const std::scoped_lock lock(refreshing_);
  while (const std::optional<Recipient> recipient = next_due(now)) {
    const Result<KeySet> set = source_.fetch(recipient->url, stop);
    if (stop.stop_requested()) return;
    take_over(*recipient, set, now);
  }
}

std::optional<Recipient> RecipientKeys::next_due(Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = std::ranges::find_if(followed_, [&](const auto& entry) { return entry.second.due <= now; });
  return found == followed_.end() ? std::nullopt : std::optional(found->first);
}

void RecipientKeys::take_over(const Recipient& recipient, const Result<KeySet>& set, Instant now) {
  if (!set) return keep_key(recipient, set.error(), now);
  const Result<std::vector<RecipientKey>> keys = read_recipient_keys(set->text, recipient.alg);
  if (!keys) return keep_key(recipient, keys.error(), now);
  take_key(recipient, keys->front().key, now, time_to_refresh(set->max_age));
}

void RecipientKeys::take_key(const Recipient& recipient, const jose::EncryptionKey& key, Instant now, Duration keep) {
  {
    const std::scoped_lock lock(mutex_);
    const auto followed = followed_.find(recipient);
    if (followed == followed_.end()) return;  // no longer needed
    followed->second = {.due = now + keep};
    FetchedKeys keys = *fetched_.load();
    keys.insert_or_assign(recipient, Fetched{key, now});
    fetched_.store(std::make_shared<const FetchedKeys>(std::move(keys)));
  }
  events_.recipient_key_fetched(recipient, key.kid());
}

void RecipientKeys::keep_key(const Recipient& recipient, const Error& error, Instant now) {
  {
    const std::scoped_lock lock(mutex_);
    const auto followed = followed_.find(recipient);
    if (followed == followed_.end()) return;
    Schedule& schedule = followed->second;
    schedule.due = now + schedule.pause;
    schedule.pause = std::min(schedule.pause * 2, kLongestPause);
  }
  const std::shared_ptr<const FetchedKeys> keys = fetched_.load();
  const auto kept = keys->find(recipient);
  events_.recipient_key_not_fetched(recipient, error,
                                    kept == keys->end() ? std::nullopt : std::optional(now - kept->second.fetched_at));
}

}  // namespace mintmark::oauth
