#pragma once
// A connection to one database file, set up as we want every one of them, with its prepared statements; and a
// transaction on it. Thread safety: none, one thread at a time.

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"
#include "sqlite/sql.hpp"
#include "sqlite/statement.hpp"

namespace mintmark::storage::sqlite {

class Connection {
 public:
  enum class Access {
    shared,     ///< beside others
    read_only,  ///< likewise, of a file that may not be written
    sole,       ///< of a file that this process keeps everybody else from (FileLock)
  };

  /// Opens an existing file and writes nothing to it. Requires: `path` is absolute. Errors: unavailable, corrupt.
  static Result<Connection> open(const std::filesystem::path& path, Duration busy_timeout,
                                 Access access = Access::shared);

  /// Prepared at its first use and kept. Requires: no other use of the same literal is alive; the connection outlives
  /// it.
  [[nodiscard]] Statement statement(Sql sql);

  /// Every statement of `script`, rows ignored, nothing kept.
  Result<void> execute(Sql script);

  [[nodiscard]] bool in_transaction() const noexcept { return sqlite3_get_autocommit(db_.get()) == 0; }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// For what SQLite does with a whole database.
  [[nodiscard]] sqlite3* handle() const noexcept { return db_.get(); }

 private:
  struct CloseDatabase {
    void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };

  Connection(sqlite3* db, std::string path) : path_(std::move(path)), db_(db) {}

  std::string path_;
  std::unique_ptr<sqlite3, CloseDatabase> db_;
  // By the address of the literal; after db_, because statements go before their connection.
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, FinalizeStatement>> statements_;
};

/// Rolls back unless it was committed.
class Transaction {
 public:
  enum class Kind {
    read,   ///< one consistent reading, never in the way of a writer
    write,  ///< holds the write lock of the file from the start, so that what was read stays true
  };

  explicit Transaction(Connection& connection) noexcept : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Result<void> begin(Kind kind);
  /// On disk when it returns.
  Result<void> commit();

 private:
  Connection& connection_;
};

}  // namespace mintmark::storage::sqlite
