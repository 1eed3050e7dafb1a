#pragma once
// What the in-memory engine holds, behind one mutex. Thread safety: whoever touches a member other than the mutex
// holds the mutex.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>

#include "mintmark/storage/storage.hpp"

namespace mintmark::storage::memory {

struct State {
  using OneTimeKey = std::tuple<oauth::OneTimeKind, std::string, Bytes>;

  std::mutex mutex;
  std::uint64_t changes = 0;
  std::uint64_t key_version = 0;
  std::map<KeyId, keys::KeyRecord> keys;
  std::map<UserId, accounts::User> users;
  std::map<ClientId, oauth::Client> clients;
  std::map<ResourceId, oauth::Resource> resources;
  std::map<FamilyId, oauth::RefreshFamily> families;
  std::map<OneTimeKey, Instant> one_time;             // to when it expires
  std::map<Bytes, oauth::OpaqueToken> opaque_tokens;  // by their hash
  std::map<crypto::KeyedHash, accounts::AttemptCounter> attempt_counters;
  std::map<std::pair<ClientId, std::string>, Instant> secret_uses;
};

}  // namespace mintmark::storage::memory
