#include "sqlite/sqlite_one_time.hpp"

namespace mintmark::storage::sqlite {

namespace {

/// True for the first caller. A row that has expired but is not removed yet counts as absent.
Result<bool> consume_one(Connection& connection, const oauth::OneTimeValue& value, Instant now) {
  const Result<std::size_t> consumed =
      connection
          .statement(
              "INSERT INTO one_time_values (kind, issuer, value_hash, expires_at) VALUES (?1, ?2, ?3, ?5)"
              " ON CONFLICT (kind, issuer, value_hash) DO UPDATE SET expires_at = excluded.expires_at"
              " WHERE one_time_values.expires_at <= ?4")
          .bind(oauth::name(value.kind), value.issuer, value.hash, now, value.expires_at)
          .run_and_count();
  if (!consumed) return consumed.error();
  return *consumed == 1;
}

}  // namespace

Result<std::optional<oauth::OneTimeKind>> SqliteOneTime::consume(std::span<const oauth::OneTimeValue> values,
                                                                 Instant now) {
  std::optional<oauth::OneTimeKind> used;
  const Result<void> consumed = database_.write([&](Connection& connection) -> Result<void> {
    for (const oauth::OneTimeValue& value : values) {
      const Result<bool> is_first = consume_one(connection, value, now);
      if (!is_first) return is_first.error();
      if (*is_first) continue;
      used = value.kind;
      return conflict("the value has been used");  // undoes what was consumed before it
    }
    return {};
  });
  if (!consumed && !used) return consumed.error();
  return used;
}

Result<bool> SqliteOneTime::contains(const oauth::OneTimeValue& value, Instant now) {
  const Result<std::optional<bool>> found = database_.read([&](Connection& connection) {
    return connection
        .statement(
            "SELECT 1 FROM one_time_values WHERE kind = ?1 AND issuer = ?2 AND value_hash = ?3 AND expires_at > ?4")
        .bind(oauth::name(value.kind), value.issuer, value.hash, now)
        .first([](const Row&) -> Result<bool> { return true; });
  });
  if (!found) return found.error();
  return found->has_value();
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
