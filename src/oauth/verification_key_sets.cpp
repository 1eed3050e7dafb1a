#include "mintmark/oauth/verification_key_sets.hpp"

#include <atomic>

namespace mintmark::oauth {

struct VerificationKeySets::Entry {
  Entry(VerificationKeys its_keys, Instant when) : keys(std::move(its_keys)), used_at(when) {}
  VerificationKeys keys;
  mutable std::atomic<Instant> used_at;  ///< when somebody last asked for it
};

std::shared_ptr<const VerificationKeys> VerificationKeySets::find(const KeySetPlace& place, Instant now) {
  if (const auto* set = std::get_if<InlineKeySet>(&place)) return set->keys;
  const auto& uri = std::get<JwksUri>(place);
  const std::shared_ptr<const Sets::Entries> entries = sets_.entries();
  const auto found = entries->find(uri);
  if (found == entries->end() || now > found->second.at + kLongestAge) {
    (void)sets_.add(uri, kMaxSets, now);
    return nullptr;
  }
  const std::shared_ptr<const Entry>& entry = found->second.value;
  entry->used_at.store(now, std::memory_order_relaxed);
  return {entry, &entry->keys};
}

bool VerificationKeySets::renew(const KeySetPlace& place, Instant now) {
  const auto* uri = std::get_if<JwksUri>(&place);
  return uri != nullptr && sets_.hasten(*uri, now, kRenewalPause);
}

void VerificationKeySets::forget_what_is_over(Instant now) {
  sets_.forget_if([&](const JwksUri&, const Sets::Fetched* fetched) {
    return fetched != nullptr && now > fetched->value->used_at.load(std::memory_order_relaxed) + kLongestAge;
  });
}

void VerificationKeySets::refresh(Instant now, const std::stop_token& stop) {
  forget_what_is_over(now);
  sets_.refresh(
      source_, now, stop,
      [&](const JwksUri& uri, std::string_view text) -> Result<std::shared_ptr<const Entry>> {
        Result<VerificationKeys> keys = read_verification_keys(text);
        if (!keys) return keys.error();
        const std::optional<std::shared_ptr<const Entry>> before = sets_.find(uri);
        const Instant used_at = before ? (*before)->used_at.load(std::memory_order_relaxed) : now;
        return std::make_shared<const Entry>(*std::move(keys), used_at);
      },
      [&](const JwksUri& uri, const std::shared_ptr<const Entry>& entry) {
        events_.verification_keys_fetched(uri.url, entry->keys.size());
      },
      [&](const JwksUri& uri, const Error& error, std::optional<Duration> age) {
        events_.verification_keys_not_fetched(uri.url, error, age);
      });
}

}  // namespace mintmark::oauth
