#pragma once
// One database file: a connection that writes, a few that read, and transactions on them. In WAL mode readers do not
// wait for the writer, nor it for them. Other processes may have the same file open.
// Thread safety: all functions from any thread.

#include <memory>
#include <type_traits>
#include <utility>

#include "mintmark/storage/storage.hpp"
#include "sqlite/connection_pool.hpp"
#include "sqlite/migrations.hpp"

namespace mintmark::storage::sqlite {

class Database {
 public:
  /// As open_sqlite.
  static Result<std::unique_ptr<Database>> open(const SqliteOptions& options);

  /// Runs `work` (Connection& to Result<T>) on one consistent snapshot.
  template <class Work>
  std::invoke_result_t<Work, Connection&> read(Work work) {
    return transact(readers_, Transaction::Kind::read, std::move(work));
  }

  /// Runs `work` as the only writer, of all processes. What it did is on disk when this returns a value, and undone
  /// when it returns an error.
  template <class Work>
  std::invoke_result_t<Work, Connection&> write(Work work) {
    return transact(writers_, Transaction::Kind::write, std::move(work));
  }

 private:
  Database(std::vector<Connection> writers, std::vector<Connection> readers, Duration patience)
      : writers_(std::move(writers), patience), readers_(std::move(readers), patience) {}

  template <class Work>
  static std::invoke_result_t<Work, Connection&> transact(ConnectionPool& pool, Transaction::Kind kind, Work work) {
    Result<ConnectionPool::Lease> lease = pool.acquire();
    if (!lease) return lease.error();
    Connection& connection = lease->connection();
    Transaction transaction(connection);
    if (Result<void> begun = transaction.begin(kind); !begun) return begun.error();
    std::invoke_result_t<Work, Connection&> result = work(connection);
    if (!result) return result;
    if (Result<void> committed = transaction.commit(); !committed) return committed.error();
    return result;
  }

  ConnectionPool writers_;  // of one: SQLite allows one writer at a time, and here its queue is ours
  ConnectionPool readers_;
};

/// A connection to a file that is empty or ours; nothing has been written to it.
struct OpenedFile {
  Connection connection;
  Schema schema;
};
/// Of a file that is there. Errors: those of read_schema; corrupt, where it is empty and a log is beside it.
Result<OpenedFile> open_existing(const std::filesystem::path& path, Duration busy_timeout,
                                 Connection::Access access = Connection::Access::shared);

/// Also keeps SQLite from taking ":memory:" or "file:..." for more than a name.
Result<std::filesystem::path> absolute_path(const std::filesystem::path& path);

/// As migrate_sqlite.
Result<Migration> migrate_database(const SqliteOptions& options);

}  // namespace mintmark::storage::sqlite
