#pragma once
// The guard's counters in SQLite. Thread safety: as the port.

#include "mintmark/accounts/attempt_counters.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteAttemptCounters final : public accounts::AttemptCounterRepository {
 public:
  explicit SqliteAttemptCounters(Database& database) noexcept : database_(database) {}

  Result<std::vector<accounts::AttemptCounter>> load_counters(Instant now, std::size_t limit) override;
  Result<void> store_counters(std::span<const accounts::AttemptCounter> upserts,
                              std::span<const crypto::KeyedHash> removals) override;

  /// Deletes at most `limit` of which nothing is left. How many.
  Result<std::size_t> remove_expired(Instant now, std::size_t limit);

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
