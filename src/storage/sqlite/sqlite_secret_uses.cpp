#include "sqlite/sqlite_secret_uses.hpp"

namespace mintmark::storage::sqlite {

Result<void> SqliteSecretUses::store_uses(std::span<const oauth::SecretUse> uses) {
  return database_.write([&](Connection& connection) -> Result<void> {
    for (const oauth::SecretUse& use : uses) {
      Result<void> stored = connection
                                .statement(
                                    "INSERT INTO client_secret_uses (client_id, secret_id, used_at) VALUES (?1, ?2, ?3)"
                                    " ON CONFLICT (client_id, secret_id) DO UPDATE"
                                    " SET used_at = max(used_at, excluded.used_at)")
                                .bind(use.client.str(), use.secret_id, use.at)
                                .run();
      if (!stored) return stored;
    }
    return {};
  });
}

Result<std::vector<oauth::SecretUse>> SqliteSecretUses::find_uses(const ClientId& client) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement("SELECT secret_id, used_at FROM client_secret_uses WHERE client_id = ?1 ORDER BY secret_id")
        .bind(client.str())
        .all([&](const Row& row) -> Result<oauth::SecretUse> {
          return oauth::SecretUse{client, row.text(0), row.instant(1)};
        });
  });
}

Result<std::size_t> SqliteSecretUses::remove_expired(Instant now, std::size_t limit) {
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "DELETE FROM client_secret_uses WHERE (client_id, secret_id) IN"
            " (SELECT client_id, secret_id FROM client_secret_uses WHERE used_at <= ?1 ORDER BY used_at LIMIT ?2)")
        .bind(now - kRetention, limit)
        .run_and_count();
  });
}

}  // namespace mintmark::storage::sqlite
