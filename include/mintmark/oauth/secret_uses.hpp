#pragma once
// When the secrets of clients were last used, so that an operator knows when an old one is dead. Not to the second: a
// use is noted at most once a minute for each secret, and stored by whoever calls store(), so that no request waits for
// a write. Thread safety: all functions from any thread.

#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "mintmark/oauth/client.hpp"

namespace mintmark::oauth {

struct SecretUse {
  ClientId client;
  std::string secret_id;
  Instant at;

  bool operator==(const SecretUse&) const = default;
};

/// The port to where they are kept. Errors: unavailable.
class SecretUseRepository {
 public:
  /// A secret that nobody has used for so long may be forgotten.
  static constexpr Duration kRetention = std::chrono::hours(24 * 400);

  virtual ~SecretUseRepository() = default;
  /// As a whole or not at all. Of two uses of one secret the later one stays.
  virtual Result<void> store_uses(std::span<const SecretUse> uses) = 0;
  /// Of one client, by the ids of its secrets.
  virtual Result<std::vector<SecretUse>> find_uses(const ClientId& client) = 0;
};

class SecretUses {
 public:
  /// Requires: `repository` outlives this object.
  explicit SecretUses(SecretUseRepository& repository) noexcept : repository_(repository) {}

  /// Never blocks on the store, and takes a lock once a minute for each secret.
  void note(const ClientId& client, const ClientSecret& secret, Instant now);
  /// Stores what has been noted. What cannot be stored is tried again.
  Result<void> store();

 private:
  static constexpr std::size_t kMaxNoted = 10'000;  // more wait for their next minute
  using Key = std::pair<ClientId, std::string>;

  SecretUseRepository& repository_;
  std::mutex mutex_;  // guards noted_; not held while storing
  std::map<Key, Instant> noted_;
};

}  // namespace mintmark::oauth
