// The store on SQLite: the ports over one Database.

#include <array>

#include "sqlite/sqlite_attempt_counters.hpp"
#include "sqlite/sqlite_clients.hpp"
#include "sqlite/sqlite_keys.hpp"
#include "sqlite/sqlite_one_time.hpp"
#include "sqlite/sqlite_opaque_tokens.hpp"
#include "sqlite/sqlite_refresh_families.hpp"
#include "sqlite/sqlite_secret_uses.hpp"
#include "sqlite/sqlite_users.hpp"

namespace mintmark::storage {
namespace sqlite {
namespace {

class SqliteStorage final : public Storage {
 public:
  explicit SqliteStorage(std::unique_ptr<Database> database) : database_(std::move(database)) {}

  keys::KeyRepository& keys() noexcept override { return keys_; }
  accounts::UserRepository& users() noexcept override { return users_; }
  oauth::ClientRepository& clients() noexcept override { return clients_; }
  oauth::ResourceRepository& resources() noexcept override { return resources_; }
  oauth::RefreshFamilyRepository& refresh_families() noexcept override { return refresh_families_; }
  oauth::OneTimeStore& one_time() noexcept override { return one_time_; }
  oauth::OpaqueTokenRepository& opaque_tokens() noexcept override { return opaque_tokens_; }
  accounts::AttemptCounterRepository& attempt_counters() noexcept override { return attempt_counters_; }
  oauth::SecretUseRepository& secret_uses() noexcept override { return secret_uses_; }

  Result<std::uint64_t> change_counter() override;
  Result<void> check() override;
  Result<StorageSize> measure() override;
  Result<std::size_t> remove_expired(Instant now, std::size_t limit) override;

 private:
  const std::unique_ptr<Database> database_;
  SqliteKeys keys_{*database_};
  SqliteUsers users_{*database_};
  SqliteClients clients_{*database_};
  SqliteResources resources_{*database_};
  SqliteRefreshFamilies refresh_families_{*database_};
  SqliteOneTime one_time_{*database_};
  SqliteOpaqueTokens opaque_tokens_{*database_};
  SqliteAttemptCounters attempt_counters_{*database_};
  SqliteSecretUses secret_uses_{*database_};
};

Result<std::uint64_t> SqliteStorage::change_counter() {
  const Result<std::optional<std::int64_t>> counter = database_->read([](Connection& connection) {
    return connection.statement("SELECT value FROM counters WHERE name = 'changes'")
        .first([](const Row& row) -> Result<std::int64_t> { return row.integer(0); });
  });
  if (!counter) return counter.error();
  if (!*counter) return corrupt("the change counter is gone");
  return static_cast<std::uint64_t>(**counter);
}

Result<void> SqliteStorage::check() {
  if (Result<void> undamaged = database_->check_undamaged(); !undamaged) return undamaged;
  if (const Result<std::uint64_t> readable = change_counter(); !readable) return readable.error();
  // A lock alone would also be granted on a full disk.
  return database_->write([](Connection& connection) {
    return connection.statement("UPDATE counters SET value = value + 1 WHERE name = 'write_check'").run();
  });
}

Result<StorageSize> SqliteStorage::measure() {
  struct Question {
    std::string_view table;
    Sql sql;
  };
  // Each in a transaction of its own: as long as one lasts, the write-ahead log cannot begin anew.
  static constexpr std::array kQuestions = {
      Question{"signing_keys", "SELECT count(*) FROM signing_keys"},
      Question{"clients", "SELECT count(*) FROM clients"},
      Question{"resources", "SELECT count(*) FROM resources"},
      Question{"users", "SELECT count(*) FROM users"},
      Question{"one_time_values", "SELECT count(*) FROM one_time_values"},
      Question{"opaque_tokens", "SELECT count(*) FROM opaque_tokens"},
      Question{"refresh_families", "SELECT count(*) FROM refresh_families"},
      Question{"attempt_counters", "SELECT count(*) FROM attempt_counters"},
      Question{"client_secret_uses", "SELECT count(*) FROM client_secret_uses"},
  };
  const auto ask = [this](Sql sql) -> Result<std::uint64_t> {
    const Result<std::optional<std::int64_t>> value = database_->read([&](Connection& connection) {
      return connection.statement(sql).first([](const Row& row) -> Result<std::int64_t> { return row.integer(0); });
    });
    if (!value) return value.error();
    return static_cast<std::uint64_t>(value->value_or(0));
  };
  StorageSize size;
  for (const Question& question : kQuestions) {
    const Result<std::uint64_t> rows = ask(question.sql);
    if (!rows) return rows.error();
    size.tables.push_back({question.table, *rows});
  }
  const Result<std::uint64_t> bytes = ask("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size");
  if (!bytes) return bytes.error();
  size.bytes = *bytes;
  return size;
}

Result<std::size_t> SqliteStorage::remove_expired(Instant now, std::size_t limit) {
  std::size_t removed = 0;
  const auto remove_from = [&](auto& table) -> Result<void> {
    const Result<std::size_t> rows = table.remove_expired(now, limit - removed);
    if (!rows) return rows.error();
    removed += *rows;
    return {};
  };
  if (Result<void> done = remove_from(one_time_); !done) return done.error();
  if (Result<void> done = remove_from(opaque_tokens_); !done) return done.error();
  if (Result<void> done = remove_from(refresh_families_); !done) return done.error();
  if (Result<void> done = remove_from(attempt_counters_); !done) return done.error();
  if (Result<void> done = remove_from(secret_uses_); !done) return done.error();
  return removed;
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Storage>> open_sqlite(const SqliteOptions& options) {
  Result<std::unique_ptr<sqlite::Database>> database = sqlite::Database::open(options);
  if (!database) return database.error();
  return std::unique_ptr<Storage>(std::make_unique<sqlite::SqliteStorage>(std::move(*database)));
}

Result<Migration> migrate_sqlite(const SqliteOptions& options) {
  return sqlite::migrate_database(options);
}

}  // namespace mintmark::storage
