// The store in memory: keys, refresh families and single-use values here, the rest in memory_directory.

#include <algorithm>
#include <functional>

#include "memory/memory_directory.hpp"

namespace mintmark::storage {
namespace memory {
namespace {

class MemoryKeys final : public keys::KeyRepository {
 public:
  explicit MemoryKeys(State& state) noexcept : state_(state) {}

  Result<keys::KeyTable> load_keys() override {
    const std::scoped_lock lock(state_.mutex);
    keys::KeyTable table;
    table.version = state_.key_version;
    for (const auto& [kid, record] : state_.keys)
      table.records.push_back(record);
    std::stable_sort(table.records.begin(), table.records.end(),
                     [](const auto& a, const auto& b) { return a.created_at < b.created_at; });
    return table;
  }

  Result<void> store_keys(std::uint64_t expected_version, std::span<const keys::KeyRecord> upserts,
                          std::span<const KeyId> removals) override {
    const std::scoped_lock lock(state_.mutex);
    if (state_.key_version != expected_version) return conflict("the keys have changed meanwhile");
    for (const keys::KeyRecord& record : upserts)
      state_.keys.insert_or_assign(record.kid, record);
    for (const KeyId& kid : removals)
      state_.keys.erase(kid);
    ++state_.key_version;
    ++state_.changes;
    return {};
  }

 private:
  State& state_;
};

class MemoryRefreshFamilies final : public oauth::RefreshFamilyRepository {
 public:
  explicit MemoryRefreshFamilies(State& state) noexcept : state_(state) {}

  Result<void> insert_family(const oauth::RefreshFamily& family) override {
    const std::scoped_lock lock(state_.mutex);
    if (!state_.families.emplace(family.id, family).second) return conflict("the id is taken");
    return {};
  }

  Result<std::optional<oauth::RefreshFamily>> find_family(const FamilyId& id) override {
    const std::scoped_lock lock(state_.mutex);
    const auto found = state_.families.find(id);
    if (found == state_.families.end()) return std::optional<oauth::RefreshFamily>();
    return std::optional<oauth::RefreshFamily>(found->second);
  }

  Result<bool> rotate_family(const oauth::RefreshRotation& rotation) override {
    const std::scoped_lock lock(state_.mutex);
    const auto found = state_.families.find(rotation.family);
    if (found == state_.families.end()) return false;
    oauth::RefreshFamily& family = found->second;
    if (family.generation != rotation.expected_generation || family.token_hash != rotation.expected_hash ||
        family.revoked_at)
      return false;
    ++family.generation;
    family.token_hash = rotation.next_hash;
    family.rotated_at = rotation.now;
    family.idle_expires_at = rotation.idle_expires_at;
    family.earlier_rotations = rotation.earlier_rotations;
    return true;
  }

  Result<void> revoke_family(const FamilyId& id, Instant now) override {
    const std::scoped_lock lock(state_.mutex);
    if (const auto found = state_.families.find(id); found != state_.families.end()) revoke(found->second, now);
    return {};
  }

  Result<std::size_t> revoke_families_of(const UserId& user, Instant now) override {
    const std::scoped_lock lock(state_.mutex);
    std::size_t revoked = 0;
    for (auto& [id, family] : state_.families) {
      if (family.user == user && revoke(family, now)) ++revoked;
    }
    return revoked;
  }

 private:
  static bool revoke(oauth::RefreshFamily& family, Instant now) {
    if (family.revoked_at) return false;
    family.revoked_at = now;
    return true;
  }

  State& state_;
};

class MemoryOpaqueTokens final : public oauth::OpaqueTokenRepository {
 public:
  explicit MemoryOpaqueTokens(State& state) noexcept : state_(state) {}

  Result<void> insert_token(const oauth::OpaqueToken& token) override {
    const std::scoped_lock lock(state_.mutex);
    state_.opaque_tokens.insert_or_assign(token.hash, token);
    return {};
  }
  Result<std::optional<oauth::OpaqueToken>> find_token(ByteView hash, Instant now) override {
    const std::scoped_lock lock(state_.mutex);
    const auto found = state_.opaque_tokens.find(Bytes(hash.begin(), hash.end()));
    if (found == state_.opaque_tokens.end() || found->second.expires_at <= now) {
      return std::optional<oauth::OpaqueToken>();
    }
    return std::optional(found->second);
  }
  Result<void> erase_token(ByteView hash) override {
    const std::scoped_lock lock(state_.mutex);
    state_.opaque_tokens.erase(Bytes(hash.begin(), hash.end()));
    return {};
  }

 private:
  State& state_;
};

class MemoryOneTime final : public oauth::OneTimeStore {
 public:
  explicit MemoryOneTime(State& state) noexcept : state_(state) {}

  Result<std::optional<oauth::OneTimeKind>> consume(std::span<const oauth::OneTimeValue> values, Instant now) override {
    const std::scoped_lock lock(state_.mutex);
    for (const oauth::OneTimeValue& value : values) {
      const auto entry = state_.one_time.find(key_of(value));
      if (entry != state_.one_time.end() && entry->second > now) return std::optional(value.kind);
    }
    for (const oauth::OneTimeValue& value : values)
      state_.one_time.insert_or_assign(key_of(value), value.expires_at);
    return std::optional<oauth::OneTimeKind>();
  }
  Result<bool> contains(const oauth::OneTimeValue& value, Instant now) override {
    const std::scoped_lock lock(state_.mutex);
    const auto entry = state_.one_time.find(key_of(value));
    return entry != state_.one_time.end() && entry->second > now;
  }

 private:
  static State::OneTimeKey key_of(const oauth::OneTimeValue& value) { return {value.kind, value.issuer, value.hash}; }

  State& state_;
};

class MemoryAttemptCounters final : public accounts::AttemptCounterRepository {
 public:
  explicit MemoryAttemptCounters(State& state) noexcept : state_(state) {}

  Result<std::vector<accounts::AttemptCounter>> load_counters(Instant now, std::size_t limit) override {
    const std::scoped_lock lock(state_.mutex);
    std::vector<accounts::AttemptCounter> counters;
    for (const auto& [key, counter] : state_.attempt_counters) {
      if (counter.expires_at > now) counters.push_back(counter);
    }
    std::ranges::stable_sort(counters, std::greater(), &accounts::AttemptCounter::expires_at);
    counters.resize(std::min(counters.size(), limit));
    return counters;
  }

  Result<void> store_counters(std::span<const accounts::AttemptCounter> upserts,
                              std::span<const crypto::KeyedHash> removals) override {
    const std::scoped_lock lock(state_.mutex);
    for (const crypto::KeyedHash& key : removals)
      state_.attempt_counters.erase(key);
    for (const accounts::AttemptCounter& counter : upserts)
      state_.attempt_counters.insert_or_assign(counter.key, counter);
    return {};
  }

 private:
  State& state_;
};

class MemorySecretUses final : public oauth::SecretUseRepository {
 public:
  explicit MemorySecretUses(State& state) noexcept : state_(state) {}

  Result<void> store_uses(std::span<const oauth::SecretUse> uses) override {
    const std::scoped_lock lock(state_.mutex);
    for (const oauth::SecretUse& use : uses) {
      Instant& at = state_.secret_uses[{use.client, use.secret_id}];
      at = std::max(at, use.at);
    }
    return {};
  }

  Result<std::vector<oauth::SecretUse>> find_uses(const ClientId& client) override {
    const std::scoped_lock lock(state_.mutex);
    std::vector<oauth::SecretUse> uses;
    for (const auto& [key, at] : state_.secret_uses) {
      if (key.first == client) uses.push_back({key.first, key.second, at});
    }
    return uses;
  }

 private:
  State& state_;
};

/// Erases what `is_over` holds for, until `removed` is `limit`.
template <class Map, class IsOver>
void erase_over(Map& map, std::size_t limit, std::size_t& removed, IsOver is_over) {
  for (auto next = map.begin(); next != map.end() && removed < limit;) {
    if (is_over(next->second)) {
      next = map.erase(next);
      ++removed;
    } else {
      ++next;
    }
  }
}

class MemoryStorage final : public Storage {
 public:
  keys::KeyRepository& keys() noexcept override { return keys_; }
  accounts::UserRepository& users() noexcept override { return users_; }
  oauth::ClientRepository& clients() noexcept override { return clients_; }
  oauth::ResourceRepository& resources() noexcept override { return resources_; }
  oauth::RefreshFamilyRepository& refresh_families() noexcept override { return refresh_families_; }
  oauth::OneTimeStore& one_time() noexcept override { return one_time_; }
  oauth::OpaqueTokenRepository& opaque_tokens() noexcept override { return opaque_tokens_; }
  accounts::AttemptCounterRepository& attempt_counters() noexcept override { return attempt_counters_; }
  oauth::SecretUseRepository& secret_uses() noexcept override { return secret_uses_; }

  Result<std::uint64_t> change_counter() override {
    const std::scoped_lock lock(state_.mutex);
    return state_.changes;
  }

  Result<void> check() override { return {}; }

  Result<StorageSize> measure() override {
    const std::scoped_lock lock(state_.mutex);
    return StorageSize{.tables = {{"signing_keys", state_.keys.size()},
                                  {"clients", state_.clients.size()},
                                  {"resources", state_.resources.size()},
                                  {"users", state_.users.size()},
                                  {"one_time_values", state_.one_time.size()},
                                  {"opaque_tokens", state_.opaque_tokens.size()},
                                  {"refresh_families", state_.families.size()},
                                  {"attempt_counters", state_.attempt_counters.size()},
                                  {"client_secret_uses", state_.secret_uses.size()}}};
  }

  Result<std::size_t> remove_expired(Instant now, std::size_t limit) override {
    const std::scoped_lock lock(state_.mutex);
    std::size_t removed = 0;
    erase_over(state_.one_time, limit, removed, [&](Instant expires_at) { return expires_at <= now; });
    erase_over(state_.opaque_tokens, limit, removed,
               [&](const oauth::OpaqueToken& token) { return token.expires_at <= now; });
    erase_over(state_.families, limit, removed, [&](const oauth::RefreshFamily& family) {
      return std::min(family.absolute_expires_at, family.idle_expires_at) <= now;
    });
    erase_over(state_.attempt_counters, limit, removed,
               [&](const accounts::AttemptCounter& counter) { return counter.expires_at <= now; });
    erase_over(state_.secret_uses, limit, removed,
               [&](Instant used_at) { return used_at <= now - oauth::SecretUseRepository::kRetention; });
    return removed;
  }

 private:
  State state_;
  MemoryKeys keys_{state_};
  MemoryUsers users_{state_};
  MemoryClients clients_{state_};
  MemoryResources resources_{state_};
  MemoryRefreshFamilies refresh_families_{state_};
  MemoryOneTime one_time_{state_};
  MemoryOpaqueTokens opaque_tokens_{state_};
  MemoryAttemptCounters attempt_counters_{state_};
  MemorySecretUses secret_uses_{state_};
};

}  // namespace
}  // namespace memory

std::unique_ptr<Storage> open_memory() {
  return std::make_unique<memory::MemoryStorage>();
}

}  // namespace mintmark::storage
