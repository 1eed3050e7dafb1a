// backup_sqlite: a copy made while others write.

#include <array>
#include <system_error>

#include "sqlite/database.hpp"
#include "sqlite/database_file.hpp"

namespace mintmark::storage {
namespace sqlite {
namespace {

/// The store and its own files are never a place for a backup of it, whoever insists.
Result<void> check_place(const std::filesystem::path& store, const std::filesystem::path& to, Overwrite overwrite) {
  std::error_code unreadable;  // then writing says why
  for (const std::filesystem::path& own : {store, log_of(store), shared_memory_of(store), journal_of(store)}) {
    if (to == own || std::filesystem::equivalent(to, own, unreadable))
      return invalid(to.string() + ": this is the store itself");
  }
  const std::filesystem::file_status there = std::filesystem::symlink_status(to, unreadable);
  if (!std::filesystem::exists(there)) return {};
  if (!std::filesystem::is_regular_file(there)) return invalid(to.string() + ": not a file");
  if (overwrite == Overwrite::no) return conflict(to.string() + ": there is a file already");
  return {};
}

Result<Connection> open_source(const std::filesystem::path& path, Duration busy_timeout) {
  std::error_code absent;
  if (!std::filesystem::exists(path, absent)) return not_found(path.string() + ": there is no store");
  Result<OpenedFile> opened = open_existing(path, busy_timeout);
  if (!opened) return opened.error();
  if (opened->schema.empty) return not_found(path.string() + ": the store is empty");
  return std::move(opened->connection);
}

/// One file that stands alone: nothing of it is in a log.
Result<BackupReport> finish_copy(const ScratchDatabase& copy, Duration busy_timeout) {
  Result<OpenedFile> opened = open_existing(copy.path(), busy_timeout);
  if (!opened) return opened.error();
  if (Result<void> single = opened->connection.execute("PRAGMA journal_mode = DELETE"); !single) return single.error();
  if (Result<void> sound = check_integrity(opened->connection); !sound) return sound.error();
  std::error_code unreadable;
  return BackupReport{std::filesystem::file_size(copy.path(), unreadable), opened->schema.version};
}

Result<BackupReport> backup(const SqliteOptions& options, const std::filesystem::path& to, Overwrite overwrite) {
  const Result<std::filesystem::path> store = absolute_path(options.path);
  if (!store) return store.error();
  const Result<std::filesystem::path> place = absolute_path(to);
  if (!place) return place.error();
  if (Result<void> checked = check_place(*store, *place, overwrite); !checked) return checked.error();
  Result<Connection> source = open_source(*store, options.busy_timeout);
  if (!source) return source.error();
  Result<ScratchDatabase> copy = ScratchDatabase::make_beside(*place);
  if (!copy) return copy.error();
  if (Result<void> copied = copy_database(*source, copy->path(), options.busy_timeout); !copied) return copied.error();
  const Result<BackupReport> report = finish_copy(*copy, options.busy_timeout);
  // The copy is as the store is, and its name is not one that anybody knows.
  if (!report && report.error().kind == ErrorKind::corrupt)
    return corrupt(store->string() + ": damaged, so no backup was written (" + report.error().detail + ")");
  if (!report) return report.error();
  if (Result<void> moved = copy->move_to(*place, overwrite); !moved) return moved.error();
  return *report;
}

}  // namespace
}  // namespace sqlite

Result<BackupReport> backup_sqlite(const SqliteOptions& options, const std::filesystem::path& to, Overwrite overwrite) {
  return sqlite::backup(options, to, overwrite);
}

}  // namespace mintmark::storage
