#include "sqlite/sqlite_one_time.hpp"

namespace mintmark::storage::sqlite {

Result<bool> SqliteOneTime::consume(oauth::OneTimeKind kind, std::string_view issuer, ByteView value_hash, Instant now,
                                    Instant expires_at) {
  return database_.write([&](Connection& connection) -> Result<bool> {
    // A row that has expired but is not removed yet counts as absent.
    const Result<std::size_t> consumed =
        connection
            .statement(
                "INSERT INTO one_time_values (kind, issuer, value_hash, expires_at) VALUES (?1, ?2, ?3, ?5)"
                " ON CONFLICT (kind, issuer, value_hash) DO UPDATE SET expires_at = excluded.expires_at"
                " WHERE one_time_values.expires_at <= ?4")
            .bind(oauth::name(kind), issuer, value_hash, now, expires_at)
            .run_and_count();
    if (!consumed) return consumed.error();
    return *consumed == 1;
  });
}

Result<std::size_t> SqliteOneTime::remove_expired(Instant now, std::size_t limit) {
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "DELETE FROM one_time_values WHERE (kind, issuer, value_hash) IN"
            " (SELECT kind, issuer, value_hash FROM one_time_values WHERE expires_at <= ?1"
            " ORDER BY expires_at LIMIT ?2)")
        .bind(now, limit)
        .run_and_count();
  });
}

}  // namespace mintmark::storage::sqlite
