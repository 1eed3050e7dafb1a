#include "sqlite/sqlite_attempt_counters.hpp"

#include <algorithm>
#include <cmath>

namespace mintmark::storage::sqlite {
namespace {

constexpr double kThousandths = 1000;

Result<accounts::AttemptCounter> read_counter(const Row& row) {
  accounts::AttemptCounter counter;
  const Bytes key = row.blob(0);
  if (key.size() != counter.key.size()) return row.corrupt("an attempt counter's key is not of 16 bytes");
  std::ranges::copy(key, counter.key.begin());
  counter.failures = static_cast<double>(row.integer(1)) / kThousandths;
  counter.counted_at = row.instant(2);
  counter.blocked_until = row.instant(3);
  counter.expires_at = row.instant(4);
  return counter;
}

}  // namespace

Result<std::vector<accounts::AttemptCounter>> SqliteAttemptCounters::load_counters(Instant now, std::size_t limit) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement(
            "SELECT key, failures, counted_at, blocked_until, expires_at FROM attempt_counters"
            " WHERE expires_at > ?1 ORDER BY expires_at DESC LIMIT ?2")
        .bind(now, limit)
        .all(read_counter);
  });
}

Result<void> SqliteAttemptCounters::store_counters(std::span<const accounts::AttemptCounter> upserts,
                                                   std::span<const crypto::KeyedHash> removals) {
  return database_.write([&](Connection& connection) -> Result<void> {
    for (const crypto::KeyedHash& key : removals) {
      Result<void> removed =
          connection.statement("DELETE FROM attempt_counters WHERE key = ?1").bind(ByteView(key)).run();
      if (!removed) return removed;
    }
    for (const accounts::AttemptCounter& counter : upserts) {
      const std::int64_t failures = std::llround(counter.failures * kThousandths);
      Result<void> stored =
          connection
              .statement(
                  "INSERT INTO attempt_counters (key, failures, counted_at, blocked_until, expires_at)"
                  " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,"
                  " counted_at = excluded.counted_at, blocked_until = excluded.blocked_until,"
                  " expires_at = excluded.expires_at")
              .bind(ByteView(counter.key), failures, counter.counted_at, counter.blocked_until, counter.expires_at)
              .run();
      if (!stored) return stored;
    }
    return {};
  });
}

Result<std::size_t> SqliteAttemptCounters::remove_expired(Instant now, std::size_t limit) {
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "DELETE FROM attempt_counters WHERE key IN"
            " (SELECT key FROM attempt_counters WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)")
        .bind(now, limit)
        .run_and_count();
  });
}

}  // namespace mintmark::storage::sqlite
