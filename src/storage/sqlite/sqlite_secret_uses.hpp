#pragma once
// When secrets of clients were last used, in SQLite. Thread safety: as the port.

#include "mintmark/oauth/secret_uses.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteSecretUses final : public oauth::SecretUseRepository {
 public:
  explicit SqliteSecretUses(Database& database) noexcept : database_(database) {}

  Result<void> store_uses(std::span<const oauth::SecretUse> uses) override;
  Result<std::vector<oauth::SecretUse>> find_uses(const ClientId& client) override;

  /// Deletes at most `limit` that are older than kRetention. How many.
  Result<std::size_t> remove_expired(Instant now, std::size_t limit);

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
