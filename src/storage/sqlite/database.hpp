#pragma once
// One database file: a connection that writes, a few that read, and transactions on them. In WAL mode readers do not
// wait for the writer, nor it for them. Other processes may have the same file open.
// Thread safety: all functions from any thread.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

#include "mintmark/storage/storage.hpp"
#include "sqlite/connection_pool.hpp"
#include "sqlite/migrations.hpp"

namespace mintmark::storage::sqlite {

/// Which file a name stands for.
struct FileIdentity {
  std::uint64_t device;
  std::uint64_t inode;

  bool operator==(const FileIdentity&) const = default;
};

class Database {
 public:
  /// As open_sqlite.
  static Result<std::unique_ptr<Database>> open(const SqliteOptions& options);

  /// Runs `work` (Connection& to Result<T>) on one consistent snapshot.
  template <class Work>
  std::invoke_result_t<Work, Connection&> read(Work work) {
    const Result<std::shared_ptr<Connections>> connections = connections_in_place();
    if (!connections) return connections.error();
    return transact((*connections)->readers, Transaction::Kind::read, std::move(work));
  }

  /// Runs `work` as the only writer, of all processes. What it did is on disk when this returns a value, and undone
  /// when it returns an error.
  template <class Work>
  std::invoke_result_t<Work, Connection&> write(Work work) {
    const Result<std::shared_ptr<Connections>> connections = connections_in_place();
    if (!connections) return connections.error();
    return transact((*connections)->writers, Transaction::Kind::write, std::move(work));
  }

  /// Whether SQLite has met damage in the file, whoever met it. Errors: corrupt, as it was first met.
  Result<void> check_undamaged();

 private:
  struct Connections {
    ConnectionPool writers;  // of one: SQLite allows one writer at a time, and here its queue is ours
    ConnectionPool readers;
    FileIdentity file;
    FileIdentity log;
  };

  Database(SqliteOptions options, std::shared_ptr<Connections> connections)
      : options_(std::move(options)), connections_(std::move(connections)) {}

  static Result<std::shared_ptr<Connections>> open_connections(const SqliteOptions& options, Connection writer);
  /// What was opened goes on writing to files that have been renamed or deleted, where nobody will find it: so each
  /// use looks whether they are where they were. Errors: unavailable.
  Result<std::shared_ptr<Connections>> connections_in_place();
  Result<std::shared_ptr<Connections>> reopen();
  Result<std::shared_ptr<Connections>> open_again();

  template <class Work>
  std::invoke_result_t<Work, Connection&> transact(ConnectionPool& pool, Transaction::Kind kind, Work work) {
    Result<ConnectionPool::Lease> lease = pool.acquire();
    if (!lease) return lease.error();
    Connection& connection = lease->connection();
    Transaction transaction(connection);
    if (Result<void> begun = transaction.begin(kind); !begun) return noted(connection, begun.error());
    std::invoke_result_t<Work, Connection&> result = work(connection);
    if (!result) return noted(connection, result.error());
    if (Result<void> committed = transaction.commit(); !committed) return noted(connection, committed.error());
    return result;
  }

  /// `error`; remembered, where it is SQLite's about the file.
  Error noted(const Connection& connection, Error error);

  const SqliteOptions options_;  // with an absolute path

  std::mutex mutex_;                          // guards what follows
  std::shared_ptr<Connections> connections_;  // null while a lost log is being replaced
  std::weak_ptr<Connections> closing_;        // those of the lost log
  std::optional<Error> damage_;
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
