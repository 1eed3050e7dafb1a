#include "mintmark/oauth/secret_uses.hpp"

#include <algorithm>

namespace mintmark::oauth {

void SecretUses::note(const ClientId& client, const ClientSecret& secret, Instant now) {
  if (!secret.noted.renew(now)) return;
  const std::scoped_lock lock(mutex_);
  const auto known = noted_.find({client, secret.id});
  if (known != noted_.end()) {
    known->second = std::max(known->second, now);
  } else if (noted_.size() < kMaxNoted) {
    noted_.emplace(Key{client, secret.id}, now);
  }
}

Result<void> SecretUses::store() {
  std::map<Key, Instant> taken;
  {
    const std::scoped_lock lock(mutex_);
    taken.swap(noted_);
  }
  if (taken.empty()) return {};
  std::vector<SecretUse> uses;
  uses.reserve(taken.size());
  for (const auto& [key, at] : taken)
    uses.push_back({key.first, key.second, at});
  Result<void> stored = repository_.store_uses(uses);
  if (!stored) {
    const std::scoped_lock lock(mutex_);
    noted_.merge(taken);  // what was noted meanwhile is later, and stays
  }
  return stored;
}

}  // namespace mintmark::oauth
