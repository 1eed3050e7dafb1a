#include "sqlite/connection.hpp"

#include <algorithm>
#include <climits>

#include "sqlite/sqlite_error.hpp"

namespace mintmark::storage::sqlite {
namespace {

// Far above anything that we store, far below what would exhaust memory.
constexpr int kMaxValueBytes = 16 * 1024 * 1024;

// Of what SQLite can do, nothing that a manipulated file could use against us.
void harden(sqlite3* db) {
  sqlite3_extended_result_codes(db, 1);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_limit(db, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
}

}  // namespace

Result<Connection> Connection::open(const std::filesystem::path& path, Duration busy_timeout, Access access) {
  sqlite3* db = nullptr;
  const int flags = access == Access::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  // Who holds all locks already must not ask for them again.
  const char* const system = access == Access::sole ? "unix-none" : nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX, system);
  Connection connection(db, path.string());
  if (code != SQLITE_OK) return sqlite_error(db, code, connection.path_);
  harden(db);
  sqlite3_busy_timeout(db, static_cast<int>(std::min<Duration::rep>(busy_timeout.count(), INT_MAX)));
  if (access == Access::sole) {
    // A store that may be damaged stays as it was found.
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    // Without shared memory, which that system interface does not have.
    if (Result<void> done = connection.execute("PRAGMA locking_mode = EXCLUSIVE"); !done) return done.error();
  }
  // FULL: a commit that returned survives the loss of power (invariant 8). Deleted keys are overwritten.
  if (Result<void> done = connection.execute("PRAGMA synchronous = FULL;"
                                             "PRAGMA secure_delete = ON;"
                                             "PRAGMA temp_store = MEMORY;"
                                             "PRAGMA cell_size_check = ON;"
                                             "PRAGMA journal_size_limit = 67108864");
      !done)
    return done.error();
  return connection;
}

Statement Connection::statement(Sql sql) {
  auto& prepared = statements_[sql.c_str()];
  int code = SQLITE_OK;
  if (prepared == nullptr) {
    sqlite3_stmt* fresh = nullptr;
    code = sqlite3_prepare_v3(db_.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &fresh, nullptr);
    prepared.reset(fresh);
  }
  return {db_.get(), prepared.get(), code, path_};
}

Result<void> Connection::execute(Sql script) {
  const int code = sqlite3_exec(db_.get(), script.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(db_.get(), code, path_);
  return {};
}

Transaction::~Transaction() {
  // After some errors SQLite has rolled back already. Where the rollback itself fails, the connection is as it was
  // after the error that led here, and the next BEGIN says so.
  if (connection_.in_transaction()) static_cast<void>(connection_.statement("ROLLBACK").run());
}

Result<void> Transaction::begin(Kind kind) {
  return kind == Kind::write ? connection_.statement("BEGIN IMMEDIATE").run() : connection_.statement("BEGIN").run();
}

Result<void> Transaction::commit() {
  return connection_.statement("COMMIT").run();
}

}  // namespace mintmark::storage::sqlite
