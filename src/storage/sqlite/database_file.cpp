#include "sqlite/database_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include "sqlite/sqlite_error.hpp"

namespace mintmark::storage::sqlite {
namespace {

// Where SQLite locks: the pending byte, the reserved byte and the 510 shared ones (os.h, "File locking").
constexpr off_t kFirstLockByte = 0x40000000;
constexpr off_t kLockBytes = 512;

std::filesystem::path with_suffix(const std::filesystem::path& database, const char* suffix) {
  return database.string() + suffix;
}

Result<void> sync(const std::filesystem::path& path, int flags) {
  const Descriptor file(::open(path.c_str(), flags | O_CLOEXEC));
  if (!file.is_open() || ::fsync(file.get()) != 0) return file_error(path, errno);
  return {};
}

/// Some file systems know no renaming that spares what is there; then nobody else is to make the file at this moment.
bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  if (::access(to.c_str(), F_OK) == 0) {
    errno = EEXIST;
    return false;
  }
  return ::rename(from.c_str(), to.c_str()) == 0;
}

struct CloseDatabase {
  void operator()(sqlite3* db) const noexcept { sqlite3_close(db); }
};

}  // namespace

std::filesystem::path log_of(const std::filesystem::path& database) {
  return with_suffix(database, "-wal");
}

std::filesystem::path shared_memory_of(const std::filesystem::path& database) {
  return with_suffix(database, "-shm");
}

std::filesystem::path journal_of(const std::filesystem::path& database) {
  return with_suffix(database, "-journal");
}

Result<ScratchDatabase> ScratchDatabase::make_beside(const std::filesystem::path& place) {
  std::string name = place.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(name.data(), O_CLOEXEC));
  if (!file.is_open()) return file_error(place, errno);
  return ScratchDatabase(name);
}

ScratchDatabase::ScratchDatabase(ScratchDatabase&& other) noexcept : path_(std::exchange(other.path_, {})) {}

ScratchDatabase::~ScratchDatabase() {
  if (path_.empty()) return;
  std::error_code ignored;
  for (const std::filesystem::path& file : {path_, log_of(path_), shared_memory_of(path_), journal_of(path_)})
    std::filesystem::remove(file, ignored);
}

Result<void> ScratchDatabase::move_to(const std::filesystem::path& place, Overwrite overwrite) {
  if (Result<void> synced = sync(path_, O_RDONLY); !synced) return synced;
  const bool moved =
      overwrite == Overwrite::yes ? ::rename(path_.c_str(), place.c_str()) == 0 : rename_to_new(path_, place);
  if (!moved)
    return errno == EEXIST ? conflict(place.string() + ": there is a file already") : file_error(place, errno);
  path_.clear();
  return sync_folder_of(place);
}

Result<void> copy_database(Connection& from, const std::filesystem::path& to, Duration patience) {
  sqlite3* opened = nullptr;
  int code = sqlite3_open_v2(to.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, CloseDatabase> target(opened);
  // Whoever moves it to its place syncs it; until then it is worth nothing.
  if (code == SQLITE_OK)
    code = sqlite3_exec(opened, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_error(opened, code, to.string());
  sqlite3_backup* const backup = sqlite3_backup_init(opened, "main", from.handle(), "main");
  if (backup == nullptr) return sqlite_error(opened, sqlite3_errcode(opened), to.string());
  const auto deadline = std::chrono::steady_clock::now() + patience;
  // In one step, and so of one snapshot: page by page it would begin anew with every write of another process.
  while ((code = sqlite3_backup_step(backup, -1)) == SQLITE_BUSY || code == SQLITE_LOCKED) {
    if (std::chrono::steady_clock::now() >= deadline) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  sqlite3_backup_finish(backup);
  if (code == SQLITE_DONE) return {};
  Error error = sqlite_error(opened, code, to.string());
  const bool lacks_room = (code & 0xff) == SQLITE_FULL;
  return lacks_room ? error : sqlite_error(nullptr, code, from.path());
}

Result<void> check_integrity(Connection& connection) {
  const auto text = [](const Row& row) -> Result<std::string> { return row.text(0); };
  const Result<std::optional<std::string>> answer = connection.statement("PRAGMA integrity_check(1)").first(text);
  if (!answer) return answer.error();
  if (*answer != "ok") return corrupt(connection.path() + ": " + answer->value_or("no answer to integrity_check"));
  const Result<std::optional<std::string>> orphan = connection.statement("PRAGMA foreign_key_check").first(text);
  if (!orphan) return orphan.error();
  if (*orphan) return corrupt(connection.path() + ": a row of " + **orphan + " refers to none");
  return {};
}

Result<FileLock> FileLock::acquire(const std::filesystem::path& path) {
  FileLock lock(Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC)));
  if (!lock.file_.is_open()) return file_error(path, errno);
  struct flock request {};
  request.l_type = F_WRLCK;
  request.l_whence = SEEK_SET;
  request.l_start = kFirstLockByte;
  request.l_len = kLockBytes;
  // Of the open file, not of the process: closing another descriptor of the file does not drop it.
  if (::fcntl(lock.file_.get(), F_OFD_SETLK, &request) == 0) return lock;
  if (errno == EAGAIN || errno == EACCES)
    return conflict(path.string() + ": a running service or command has the store open: stop it first");
  return file_error(path, errno);
}

Result<void> sync_folder_of(const std::filesystem::path& path) {
  return sync(path.has_parent_path() ? path.parent_path() : ".", O_RDONLY | O_DIRECTORY);
}

}  // namespace mintmark::storage::sqlite
