// prepare_restore: a backup becomes the store.

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <system_error>

#include "sqlite/database.hpp"
#include "sqlite/database_file.hpp"
#include "sqlite/sqlite_keys.hpp"

namespace mintmark::storage {
namespace sqlite {
namespace {

/// Errors about the copy are about the backup, which has a name that somebody knows.
Error about_backup(const std::filesystem::path& backup, const ScratchDatabase& copy, Error error) {
  const std::string name = copy.path().string();
  if (error.detail.starts_with(name)) error.detail = backup.string() + error.detail.substr(name.size());
  return error;
}

/// "mintmark.db.before-20261124T233501Z"; with a number behind it where that is taken.
std::filesystem::path name_for_replaced(const std::filesystem::path& store, Instant now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> time{};
  (void)std::strftime(time.data(), time.size(), "%Y%m%dT%H%M%SZ", &utc);
  const std::string name = store.string() + ".before-" + time.data();
  std::filesystem::path free = name;
  std::error_code absent;
  for (int number = 2; std::filesystem::exists(std::filesystem::symlink_status(free, absent)); ++number)
    free = name + "-" + std::to_string(number);
  return free;
}

class SqliteRestoration final : public Restoration {
 public:
  SqliteRestoration(SqliteOptions options, std::optional<FileLock> lock, ScratchDatabase copy, Migration migrated,
                    std::unique_ptr<Storage> storage)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        copy_(std::move(copy)),
        migrated_(migrated),
        storage_(std::move(storage)) {}

  Storage& storage() noexcept override { return *storage_; }
  Result<std::optional<keys::KeyTable>> replaced_keys() override;
  Result<std::size_t> end_sessions(Instant now) override;
  Result<RestoreReport> put_in_place(Instant now) override;

 private:
  [[nodiscard]] Result<void> set_aside(const std::filesystem::path& kept) const;

  const SqliteOptions options_;         // with an absolute path
  const std::optional<FileLock> lock_;  // on the store that is to be replaced, if there is one
  ScratchDatabase copy_;
  const Migration migrated_;
  std::unique_ptr<Storage> storage_;  // of copy_
};

Result<std::optional<keys::KeyTable>> SqliteRestoration::replaced_keys() {
  if (!lock_) return std::optional<keys::KeyTable>();
  Result<OpenedFile> opened = open_existing(options_.path, options_.busy_timeout, Connection::Access::sole);
  if (!opened) return opened.error();
  if (opened->schema.empty) return std::optional<keys::KeyTable>();
  Result<keys::KeyTable> table = load_keys(opened->connection);
  if (!table) return table.error();
  return std::optional<keys::KeyTable>(*std::move(table));
}

Result<std::size_t> SqliteRestoration::end_sessions(Instant now) {
  Result<Connection> connection = Connection::open(copy_.path(), options_.busy_timeout);
  if (!connection) return connection.error();
  const Result<std::optional<std::int64_t>> alive =
      connection->statement("SELECT count(*) FROM refresh_families WHERE revoked_at IS NULL AND expires_at > ?1")
          .bind(now)
          .first([](const Row& row) -> Result<std::int64_t> { return row.integer(0); });
  if (!alive) return alive.error();
  // Of all, because a clock may have been ahead when the others expired.
  if (Result<void> done =
          connection->statement("UPDATE refresh_families SET revoked_at = ?1 WHERE revoked_at IS NULL").bind(now).run();
      !done)
    return done.error();
  return static_cast<std::size_t>(alive->value_or(0));
}

/// The store keeps its name too until the new one takes it, so that there is never none: a service would begin anew.
/// What is in its log is put into it; where that fails, the log goes along, for it must never meet the new store.
Result<void> SqliteRestoration::set_aside(const std::filesystem::path& kept) const {
  if (lock_) {
    if (Result<OpenedFile> opened = open_existing(options_.path, options_.busy_timeout, Connection::Access::sole))
      (void)opened->connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  for (const auto name : {log_of, journal_of}) {
    const std::filesystem::path beside = name(options_.path);
    std::error_code code;
    const bool is_empty = std::filesystem::file_size(beside, code) == 0;
    if (code) continue;  // there is none
    if (is_empty) {
      std::filesystem::remove(beside, code);
    } else {
      std::filesystem::rename(beside, name(kept), code);
    }
    if (code) return unavailable(beside.string() + ": " + code.message());
  }
  std::error_code code;
  std::filesystem::remove(shared_memory_of(options_.path), code);
  if (lock_) {
    std::filesystem::create_hard_link(options_.path, kept, code);
    if (code) std::filesystem::rename(options_.path, kept, code);  // a file system without links
    if (code) return unavailable(kept.string() + ": " + code.message());
  }
  return sync_folder_of(options_.path);
}

Result<RestoreReport> SqliteRestoration::put_in_place(Instant now) {
  storage_.reset();  // the last connection takes the log into the file
  std::error_code absent;
  if (std::filesystem::file_size(log_of(copy_.path()), absent) > 0 && !absent)
    return unavailable(log_of(copy_.path()).string() + ": somebody else has opened what was to become the store");
  const std::filesystem::path kept = name_for_replaced(options_.path, now);
  if (Result<void> aside = set_aside(kept); !aside) return aside.error();
  if (Result<void> moved = copy_.move_to(options_.path, lock_ ? Overwrite::yes : Overwrite::no); !moved)
    return moved.error();
  return RestoreReport{lock_ ? kept : std::filesystem::path(), migrated_};
}

/// Nobody can open the store for as long as this lives.
Result<std::optional<FileLock>> lock_store(const std::filesystem::path& store, Overwrite overwrite) {
  std::error_code absent;
  if (!std::filesystem::exists(std::filesystem::symlink_status(store, absent))) return std::optional<FileLock>();
  Result<FileLock> lock = FileLock::acquire(store);
  if (!lock) return lock.error();
  if (overwrite == Overwrite::no) return conflict(store.string() + ": there is a store already");
  return std::optional<FileLock>(*std::move(lock));
}

Result<Migration> take_copy(const std::filesystem::path& backup, const ScratchDatabase& copy, Duration patience) {
  std::error_code absent;
  if (!std::filesystem::exists(backup, absent)) return not_found(backup.string() + ": there is no such file");
  {
    Result<OpenedFile> source = open_existing(backup, patience, Connection::Access::read_only);
    if (!source) return source.error();
    if (source->schema.empty) return invalid(backup.string() + ": there is no store in it");
    if (Result<void> copied = copy_database(source->connection, copy.path(), patience); !copied) return copied.error();
  }
  {
    Result<OpenedFile> copied = open_existing(copy.path(), patience);
    if (!copied) return copied.error();
    if (Result<void> sound = check_integrity(copied->connection); !sound) return sound.error();
  }
  return migrate_database({.path = copy.path(), .busy_timeout = patience});
}

Result<std::unique_ptr<Restoration>> prepare(const SqliteOptions& options, const std::filesystem::path& from,
                                             Overwrite overwrite) {
  const Result<std::filesystem::path> store = absolute_path(options.path);
  if (!store) return store.error();
  const Result<std::filesystem::path> backup = absolute_path(from);
  if (!backup) return backup.error();
  std::error_code absent;
  if (std::filesystem::equivalent(*store, *backup, absent)) return invalid(backup->string() + ": this is the store");
  Result<std::optional<FileLock>> lock = lock_store(*store, overwrite);
  if (!lock) return lock.error();
  Result<ScratchDatabase> copy = ScratchDatabase::make_beside(*store);
  if (!copy) return copy.error();
  const Result<Migration> migrated = take_copy(*backup, *copy, options.busy_timeout);
  if (!migrated) return about_backup(*backup, *copy, migrated.error());
  Result<std::unique_ptr<Storage>> storage = open_sqlite({.path = copy->path(), .busy_timeout = options.busy_timeout});
  if (!storage) return about_backup(*backup, *copy, storage.error());
  return std::unique_ptr<Restoration>(
      std::make_unique<SqliteRestoration>(SqliteOptions{.path = *store, .busy_timeout = options.busy_timeout},
                                          *std::move(lock), *std::move(copy), *migrated, *std::move(storage)));
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Restoration>> prepare_restore(const SqliteOptions& options, const std::filesystem::path& backup,
                                                     Overwrite overwrite) {
  return sqlite::prepare(options, backup, overwrite);
}

}  // namespace mintmark::storage
