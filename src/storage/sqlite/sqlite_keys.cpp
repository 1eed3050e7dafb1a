#include "sqlite/sqlite_keys.hpp"

namespace mintmark::storage::sqlite {
namespace {

Result<keys::KeyRecord> read_key(const Row& row) {
  keys::KeyRecord record;
  record.kid = KeyId(row.text(0));
  const std::optional<keys::KeyPurpose> purpose = keys::find_key_purpose(row.text(1));
  const std::optional<jose::Alg> alg = jose::find_alg(row.text(2));
  if (!purpose || !alg) return row.corrupt("signing key " + record.kid.str() + ": unknown purpose or algorithm");
  record.purpose = *purpose;
  record.alg = *alg;
  record.resource = ResourceId(row.text(3));
  record.created_at = row.instant(4);
  record.activates_at = row.instant(5);
  record.retires_at = row.optional_instant(6);
  record.removes_at = row.optional_instant(7);
  record.revoked_at = row.optional_instant(8);
  record.exported_at = row.optional_instant(9);
  record.imported = row.boolean(10);
  record.sealed = row.blob(11);
  record.retention = row.optional_duration(12);
  return record;
}

Result<std::uint64_t> read_version(Connection& connection) {
  const Result<std::optional<std::int64_t>> version =
      connection.statement("SELECT value FROM counters WHERE name = 'key_table'")
          .first([](const Row& row) -> Result<std::int64_t> { return row.integer(0); });
  if (!version) return version.error();
  if (!*version) return corrupt(connection.path() + ": no version of the key table");
  return static_cast<std::uint64_t>(**version);
}

/// Compare-and-set: true for the one caller that saw the latest version.
Result<bool> advance_version(Connection& connection, std::uint64_t expected) {
  const Result<std::size_t> changed =
      connection.statement("UPDATE counters SET value = value + 1 WHERE name = 'key_table' AND value = ?1")
          .bind(expected)
          .run_and_count();
  if (!changed) return changed.error();
  return *changed == 1;
}

Result<void> upsert_key(Connection& connection, const keys::KeyRecord& record) {
  return connection
      .statement(
          "INSERT INTO signing_keys (kid, purpose, alg, resource, created_at, activates_at, retires_at,"
          " removes_at, revoked_at, exported_at, imported, sealed, retention)"
          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)"
          " ON CONFLICT (kid) DO UPDATE SET purpose = excluded.purpose, alg = excluded.alg,"
          " resource = excluded.resource, created_at = excluded.created_at,"
          " activates_at = excluded.activates_at, retires_at = excluded.retires_at,"
          " removes_at = excluded.removes_at, revoked_at = excluded.revoked_at,"
          " exported_at = excluded.exported_at, imported = excluded.imported, sealed = excluded.sealed,"
          " retention = excluded.retention")
      .bind(record.kid.str(), keys::name(record.purpose), jose::name(record.alg), record.resource.str(),
            record.created_at, record.activates_at, record.retires_at, record.removes_at, record.revoked_at,
            record.exported_at, record.imported, record.sealed, record.retention)
      .run();
}

Result<void> delete_key(Connection& connection, const KeyId& kid) {
  return connection.statement("DELETE FROM signing_keys WHERE kid = ?1").bind(kid.str()).run();
}

}  // namespace

Result<keys::KeyTable> load_keys(Connection& connection) {
  const Result<std::uint64_t> version = read_version(connection);
  if (!version) return version.error();
  Result<std::vector<keys::KeyRecord>> records =
      connection
          .statement(
              "SELECT kid, purpose, alg, resource, created_at, activates_at, retires_at, removes_at,"
              " revoked_at, exported_at, imported, sealed, retention FROM signing_keys ORDER BY created_at, kid")
          .all(read_key);
  if (!records) return records.error();
  return keys::KeyTable{*version, std::move(*records)};
}

Result<keys::KeyTable> SqliteKeys::load_keys() {
  return database_.read([](Connection& connection) { return sqlite::load_keys(connection); });
}

Result<void> SqliteKeys::store_keys(std::uint64_t expected_version, std::span<const keys::KeyRecord> upserts,
                                    std::span<const KeyId> removals) {
  return database_.write([&](Connection& connection) -> Result<void> {
    const Result<bool> first = advance_version(connection, expected_version);
    if (!first) return first.error();
    if (!*first) return conflict(connection.path() + ": the keys have changed meanwhile");
    for (const keys::KeyRecord& record : upserts) {
      if (Result<void> done = upsert_key(connection, record); !done) return done;
    }
    for (const KeyId& kid : removals) {
      if (Result<void> done = delete_key(connection, kid); !done) return done;
    }
    return {};
  });
}

}  // namespace mintmark::storage::sqlite
