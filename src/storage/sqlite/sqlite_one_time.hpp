#pragma once
// Single-use values in SQLite. Thread safety: as the port.

#include "mintmark/oauth/one_time_store.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteOneTime final : public oauth::OneTimeStore {
 public:
  explicit SqliteOneTime(Database& database) noexcept : database_(database) {}

  Result<std::optional<oauth::OneTimeKind>> consume(std::span<const oauth::OneTimeValue> values, Instant now) override;
  Result<bool> contains(const oauth::OneTimeValue& value, Instant now) override;

  /// Deletes at most `limit` values past their time. How many.
  Result<std::size_t> remove_expired(Instant now, std::size_t limit);

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
