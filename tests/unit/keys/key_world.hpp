#pragma once
// A key table in memory that can be made to fail and to conflict, a recorder of events, and short words for times.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "mintmark/base/base64.hpp"
#include "mintmark/keys/key_manager.hpp"

namespace mintmark::keys::testing {

using namespace std::chrono_literals;
using jose::Alg;

inline const Instant kStart = from_unix_ms(1'767'225'600'000);  // 2026-01-01T00:00:00Z

inline Sealer sealer_of(std::uint8_t byte = 1) {
  return *Sealer::from_base64(Secret(encode_base64(Bytes(32, byte))));
}

/// The first one seals, each opens.
inline Sealer sealer_of_several(std::initializer_list<std::uint8_t> bytes) {
  std::string lines;
  for (const std::uint8_t byte : bytes)
    lines += encode_base64(Bytes(32, byte)) + "\n";
  return *Sealer::from_base64(Secret(lines));
}

class FakeKeyRepository final : public KeyRepository {
 public:
  Result<KeyTable> load_keys() override {
    const std::scoped_lock lock(mutex_);
    if (load_error) return *load_error;
    return table_;
  }

  Result<void> store_keys(std::uint64_t expected_version, std::span<const KeyRecord> upserts,
                          std::span<const KeyId> removals) override {
    if (const auto interfere = take_interference()) interfere();
    const std::scoped_lock lock(mutex_);
    ++stores;
    if (store_error) return *store_error;
    if (expected_version != table_.version) return conflict("the key table has changed");
    for (const KeyId& kid : removals)
      std::erase_if(table_.records, [&](const KeyRecord& record) { return record.kid == kid; });
    for (const KeyRecord& record : upserts) {
      std::erase_if(table_.records, [&](const KeyRecord& old) { return old.kid == record.kid; });
      table_.records.push_back(record);
    }
    std::ranges::sort(table_.records, {},
                      [](const KeyRecord& record) { return std::tuple(record.created_at, record.kid.str()); });
    ++table_.version;
    return {};
  }

  [[nodiscard]] KeyTable table() const {
    const std::scoped_lock lock(mutex_);
    return table_;
  }
  void set_table(KeyTable table) {
    const std::scoped_lock lock(mutex_);
    table_ = std::move(table);
  }

  std::optional<Error> load_error;
  std::optional<Error> store_error;
  std::function<void()> before_store;  ///< runs once, before the next store_keys()
  int stores = 0;                      ///< attempts

 private:
  std::function<void()> take_interference() {
    const std::scoped_lock lock(mutex_);
    return std::exchange(before_store, {});
  }

  mutable std::mutex mutex_;
  KeyTable table_;
};

class RecordingKeyEvents final : public KeyEvents {
 public:
  void key_created(const KeyRecord& record) noexcept override { add(created, record); }
  void key_activated(const KeyRecord& record) noexcept override { add(activated, record); }
  void key_revoked(const KeyRecord& record) noexcept override { add(revoked, record); }
  void key_removed(const KeyRecord& record) noexcept override { add(removed, record); }

  void sealing_completed(std::size_t resealed) noexcept override { completions.push_back(resealed); }

  std::vector<KeyId> created, activated, revoked, removed;
  std::vector<std::size_t> completions;  ///< what sealing_completed() was told

 private:
  void add(std::vector<KeyId>& list, const KeyRecord& record) {
    const std::scoped_lock lock(mutex_);
    list.push_back(record.kid);
  }
  std::mutex mutex_;
};

inline KeyDemand demand_of(std::vector<Alg> algs) {
  KeyDemand demand;
  demand.algs = std::move(algs);
  return demand;
}

inline std::set<std::string> kids_in(const JwksDocument& jwks) {
  std::set<std::string> kids;
  const Result<Json> parsed = parse_json_object(jwks.body);
  if (!parsed) return kids;
  for (const Json& key : (*parsed)["keys"])
    kids.insert(key["kid"].get<std::string>());
  return kids;
}

/// One process: a manager over a repository that may be shared.
class KeyWorld : public ::testing::Test {
 protected:
  Result<std::unique_ptr<KeyManager>> try_open(KeyDemand demand, Instant now = kStart, std::uint8_t sealing_byte = 1) {
    return KeyManager::open(repository, sealer_of(sealing_byte), periods, std::move(demand), events, now);
  }
  std::unique_ptr<KeyManager> open(KeyDemand demand, Instant now = kStart) {
    Result<std::unique_ptr<KeyManager>> manager = try_open(std::move(demand), now);
    EXPECT_TRUE(manager) << (manager ? "" : manager.error().detail);
    return manager ? *std::move(manager) : nullptr;
  }

  [[nodiscard]] std::vector<KeyRecord> records(KeyPurpose purpose) const {
    std::vector<KeyRecord> found;
    for (const KeyRecord& record : repository.table().records) {
      if (record.purpose == purpose) found.push_back(record);
    }
    return found;
  }
  [[nodiscard]] std::vector<KeyRecord> signing_records() const { return records(KeyPurpose::signing); }
  [[nodiscard]] KeyRecord record_of(const KeyId& kid) const {
    for (const KeyRecord& record : repository.table().records) {
      if (record.kid == kid) return record;
    }
    ADD_FAILURE() << "no record of " << kid.str();
    return {};
  }
  /// Of the key that signs `alg` now; empty if none does.
  static KeyId signer_of(const KeyManager& manager, Alg alg, Instant now) {
    const Signer* const signer = manager.ring().load()->find_signer(alg, now);
    return signer != nullptr ? signer->kid() : KeyId();
  }

  KeyPeriods periods;
  FakeKeyRepository repository;
  RecordingKeyEvents events;
};

}  // namespace mintmark::keys::testing
