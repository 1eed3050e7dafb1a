#pragma once
// Signing keys in SQLite. Thread safety: as the port.

#include "mintmark/keys/key_repository.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

/// Requires: a transaction of `connection` has begun.
Result<keys::KeyTable> load_keys(Connection& connection);

class SqliteKeys final : public keys::KeyRepository {
 public:
  explicit SqliteKeys(Database& database) noexcept : database_(database) {}

  Result<keys::KeyTable> load_keys() override;
  Result<void> store_keys(std::uint64_t expected_version, std::span<const keys::KeyRecord> upserts,
                          std::span<const KeyId> removals) override;

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
