#include "sqlite/database.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "sqlite/database_file.hpp"

namespace mintmark::storage::sqlite {
namespace {

constexpr std::size_t kReaders = 4;

std::string explain(const std::filesystem::path& path, const std::error_code& code) {
  return path.string() + ": " + code.message();
}

/// SQLite would give a new file the permissions that the umask leaves; the log and the shared memory beside it take
/// after the file itself.
Result<void> create_private_file(const std::filesystem::path& path) {
  // mknod, because closing a descriptor of the file would drop the locks that this process may hold on it.
  if (::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) == 0 || errno == EEXIST) return {};
  return unavailable(explain(path, {errno, std::generic_category()}));
}

/// SQLite says of these only that it cannot open something.
Result<void> check_writable(const std::filesystem::path& path) {
  // As the process may do it now, which is not what a root without capabilities is told by the modes.
  for (const std::filesystem::path& place : {path.parent_path(), path}) {
    if (::faccessat(AT_FDCWD, place.c_str(), W_OK, AT_EACCESS) == 0 || errno == ENOENT || errno == ENOTDIR) continue;
    return unavailable(explain(place, {errno, std::generic_category()}) +
                       ": the service writes to the store and to its folder, also where it only reads");
  }
  return {};
}

std::optional<FileIdentity> identify(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

/// An empty file is a new store, unless there is a log beside it: then it was one, and SQLite would delete the log.
Result<void> refuse_emptied_file(const std::filesystem::path& path) {
  std::error_code absent;
  const auto log_bytes = std::filesystem::file_size(log_of(path), absent);
  if (absent || log_bytes == 0) return {};
  // Read after the log: another process that is creating the store writes the file first.
  const auto bytes = std::filesystem::file_size(path, absent);
  if (absent || bytes > 0) return {};
  return corrupt(path.string() + ": empty, but there is a write-ahead log beside it");
}

/// Waiting for other processes that start on the same file is left to us here: SQLite does not ask its busy handler.
Result<void> switch_to_wal(Connection& connection, Duration patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const Result<std::optional<std::string>> mode =
        connection.statement("PRAGMA journal_mode = WAL").first([](const Row& row) -> Result<std::string> {
          return row.text(0);
        });
    if (mode && *mode == "wal") return {};
    if (mode) return unavailable(connection.path() + ": its file system does not support write-ahead logging");
    if (mode.error().kind != ErrorKind::unavailable || std::chrono::steady_clock::now() >= deadline)
      return mode.error();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

/// What an operator manages is small enough to be looked through at each start.
constexpr std::array kManagedTables = {
    Sql("PRAGMA quick_check('counters')"),  Sql("PRAGMA quick_check('schema_compatibility')"),
    Sql("PRAGMA quick_check('resources')"), Sql("PRAGMA quick_check('signing_keys')"),
    Sql("PRAGMA quick_check('clients')"),   Sql("PRAGMA quick_check('client_cors_origins')"),
};

/// What grows with users and logins would keep a large store from starting for as long as it takes to read it all. So
/// its tables must be there with the columns that we use, and their first and last pages be sound; what is damaged in
/// between is the error of the request that meets it.
constexpr std::array kGrowingTables = {
    Sql("SELECT (SELECT min(username) FROM users), (SELECT max(username) FROM users)"),
    Sql("SELECT id, username, password_hash, disabled, attributes, created_at, sessions_valid_from, version"
        " FROM users WHERE rowid IN ((SELECT min(rowid) FROM users), (SELECT max(rowid) FROM users))"),
    Sql("SELECT (SELECT min(expires_at) FROM refresh_families), (SELECT max(expires_at) FROM refresh_families)"),
    Sql("SELECT id, client_id, user_id, scopes, resources, authenticated_at, created_at, absolute_expires_at,"
        " idle_expires_at, generation, token_hash, rotated_at, revoked_at, user_valid_from, client_valid_from,"
        " earlier_rotations, jkt, x5t FROM refresh_families"
        " WHERE rowid IN ((SELECT min(rowid) FROM refresh_families), (SELECT max(rowid) FROM refresh_families))"),
    Sql("SELECT (SELECT min(expires_at) FROM one_time_values), (SELECT max(expires_at) FROM one_time_values)"),
    Sql("SELECT kind, issuer, value_hash, expires_at FROM one_time_values ORDER BY kind, issuer, value_hash LIMIT 1"),
    Sql("SELECT (SELECT min(expires_at) FROM opaque_tokens), (SELECT max(expires_at) FROM opaque_tokens)"),
    Sql("SELECT hash, claims, family_id, expires_at FROM opaque_tokens ORDER BY hash LIMIT 1"),
    Sql("SELECT (SELECT min(expires_at) FROM attempt_counters), (SELECT max(expires_at) FROM attempt_counters)"),
    Sql("SELECT key, failures, counted_at, blocked_until, expires_at FROM attempt_counters ORDER BY key LIMIT 1"),
    Sql("SELECT client_id, secret_id, used_at FROM client_secret_uses ORDER BY client_id, secret_id LIMIT 1"),
};

Result<void> check_tables(Connection& connection) {
  const auto text = [](const Row& row) -> Result<std::string> { return row.text(0); };
  for (const Sql sql : kManagedTables) {
    const Result<std::optional<std::string>> answer = connection.statement(sql).first(text);
    if (!answer) return answer.error();
    if (*answer != "ok") return corrupt(connection.path() + ": " + answer->value_or("no answer to quick_check"));
  }
  for (const Sql sql : kGrowingTables) {
    if (const auto read = connection.statement(sql).all(text); !read) return read.error();
  }
  return {};
}

/// A new file is made where there is none.
Result<OpenedFile> open_ours(const std::filesystem::path& path, Duration busy_timeout) {
  if (Result<void> writable = check_writable(path); !writable) return writable.error();
  if (Result<void> created = create_private_file(path); !created) return created.error();
  return open_existing(path, busy_timeout);
}

}  // namespace

Result<OpenedFile> open_existing(const std::filesystem::path& path, Duration busy_timeout, Connection::Access access) {
  if (Result<void> sound = refuse_emptied_file(path); !sound) return sound.error();
  Result<Connection> connection = Connection::open(path, busy_timeout, access);
  if (!connection) return connection.error();
  const Result<Schema> schema = read_schema(*connection);
  if (!schema) return schema.error();
  return OpenedFile{std::move(*connection), *schema};
}

Result<std::filesystem::path> absolute_path(const std::filesystem::path& path) {
  std::error_code code;
  std::filesystem::path result = std::filesystem::absolute(path, code);
  if (code || path.empty()) return unavailable("\"" + path.string() + "\" is no path of a database");
  return result;
}

Result<std::unique_ptr<Database>> Database::open(const SqliteOptions& options) {
  const Result<std::filesystem::path> path = absolute_path(options.path);
  if (!path) return path.error();
  Result<OpenedFile> opened = open_ours(*path, options.busy_timeout);
  if (!opened) return opened.error();
  Connection& writer = opened->connection;
  if (!opened->schema.empty && opened->schema.version < latest_schema())
    return conflict(path->string() + ": schema version " + std::to_string(opened->schema.version) +
                    " is older than this program's " + std::to_string(latest_schema()) +
                    ": run `mintmark backup`, then `mintmark db migrate`");
  if (Result<void> switched = switch_to_wal(writer, options.busy_timeout); !switched) return switched.error();
  if (opened->schema.empty) {
    if (const Result<Migration> migrated = migrate(writer); !migrated) return migrated.error();
  }
  if (Result<void> checked = check_tables(writer); !checked) return checked.error();

  const SqliteOptions absolute{.path = *path, .busy_timeout = options.busy_timeout};
  Result<std::shared_ptr<Connections>> connections = open_connections(absolute, std::move(writer));
  if (!connections) return connections.error();
  return std::unique_ptr<Database>(new Database(absolute, *std::move(connections)));
}

Result<std::shared_ptr<Database::Connections>> Database::open_connections(const SqliteOptions& options,
                                                                          Connection writer) {
  std::vector<Connection> writers;
  writers.push_back(std::move(writer));
  std::vector<Connection> readers;
  while (readers.size() < kReaders) {
    Result<Connection> reader = Connection::open(options.path, options.busy_timeout);
    if (!reader) return reader.error();
    readers.push_back(std::move(*reader));
  }
  const std::optional<FileIdentity> file = identify(options.path);
  const std::optional<FileIdentity> log = identify(log_of(options.path));
  if (!file || !log) return unavailable(options.path.string() + ": it was taken away while it was opened");
  return std::shared_ptr<Connections>(new Connections{
      {std::move(writers), options.busy_timeout}, {std::move(readers), options.busy_timeout}, *file, *log});
}

Result<std::shared_ptr<Database::Connections>> Database::connections_in_place() {
  const std::scoped_lock lock(mutex_);
  const std::optional<FileIdentity> file = identify(options_.path);
  if (!file)
    return unavailable(explain(options_.path, {errno, std::generic_category()}) + ": the store was taken away");
  if (!connections_) return reopen();
  if (*file != connections_->file) {
    return unavailable(options_.path.string() +
                       ": another file has taken its place: put back the one that was there, or start the service "
                       "again to use this one");
  }
  if (identify(log_of(options_.path)) == connections_->log) return connections_;
  // Whoever closes last takes what is in the lost log into the file: through its descriptor it can still be read.
  closing_ = connections_;
  connections_.reset();
  return reopen();
}

/// Nobody may have the lost log open when a new one is made: two logs with one shared memory are a damaged store. One
/// with something in it has been made by a process that was alone then.
Result<std::shared_ptr<Database::Connections>> Database::reopen() {
  const std::filesystem::path log = log_of(options_.path);
  const Error lost = unavailable(log.string() + ": the write-ahead log was taken away");
  if (!closing_.expired()) return lost;
  {
    const Result<FileLock> alone = FileLock::acquire(options_.path);
    if (!alone && alone.error().kind != ErrorKind::conflict) return alone.error();
    if (std::error_code absent; !alone && (std::filesystem::file_size(log, absent) == 0 || absent))
      return unavailable(lost.detail + ", and other processes have the store open too");
  }  // it would keep us out too
  return open_again();
}

Result<std::shared_ptr<Database::Connections>> Database::open_again() {
  Result<OpenedFile> opened = open_existing(options_.path, options_.busy_timeout);
  if (!opened) return opened.error();
  if (Result<void> switched = switch_to_wal(opened->connection, options_.busy_timeout); !switched)
    return switched.error();
  if (Result<void> checked = check_tables(opened->connection); !checked) return checked.error();
  Result<std::shared_ptr<Connections>> connections = open_connections(options_, std::move(opened->connection));
  if (connections) connections_ = *connections;
  return connections;
}

Result<void> Database::check_undamaged() {
  const std::scoped_lock lock(mutex_);
  return damage_ ? Result<void>(*damage_) : Result<void>();
}

Error Database::noted(const Connection& connection, Error error) {
  // Resetting a statement leaves the code of its failure.
  const int code = sqlite3_errcode(connection.handle());
  if (error.kind == ErrorKind::corrupt && (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)) {
    const std::scoped_lock lock(mutex_);
    if (!damage_) damage_ = error;
    // Not this row alone: until somebody restores the file, nothing that is in it can be relied on.
    return unavailable(std::move(error.detail));
  }
  return error;
}

Result<Migration> migrate_database(const SqliteOptions& options) {
  const Result<std::filesystem::path> path = absolute_path(options.path);
  if (!path) return path.error();
  Result<OpenedFile> opened = open_ours(*path, options.busy_timeout);
  if (!opened) return opened.error();
  if (Result<void> switched = switch_to_wal(opened->connection, options.busy_timeout); !switched)
    return switched.error();
  return migrate(opened->connection);
}

}  // namespace mintmark::storage::sqlite
