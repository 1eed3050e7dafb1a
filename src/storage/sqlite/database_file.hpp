#pragma once
// Files with a database in them, as a whole: copied, looked through, put into their places so that a crash leaves the
// old one or the new one. Thread safety: none. Errors: unavailable with the path, unless said otherwise.

#include <filesystem>
#include <optional>
#include <utility>

#include "mintmark/base/descriptor.hpp"
#include "mintmark/storage/storage.hpp"
#include "sqlite/connection.hpp"

namespace mintmark::storage::sqlite {

/// The files that SQLite keeps beside a database.
[[nodiscard]] std::filesystem::path log_of(const std::filesystem::path& database);
[[nodiscard]] std::filesystem::path shared_memory_of(const std::filesystem::path& database);
[[nodiscard]] std::filesystem::path journal_of(const std::filesystem::path& database);

/// A file of its owner alone under a name of its own beside `place`; gone with this object, and so is what SQLite keeps
/// beside it, unless it has been put into its place.
class ScratchDatabase {
 public:
  static Result<ScratchDatabase> make_beside(const std::filesystem::path& place);
  ScratchDatabase(ScratchDatabase&& other) noexcept;
  ScratchDatabase& operator=(ScratchDatabase&&) = delete;
  ~ScratchDatabase();

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  /// On disk under the name `place` when it returns. Requires: no connection is open. Errors: conflict, where there is
  /// such a file and it is to be kept.
  Result<void> move_to(const std::filesystem::path& place, Overwrite overwrite);

 private:
  explicit ScratchDatabase(std::filesystem::path path) noexcept : path_(std::move(path)) {}

  std::filesystem::path path_;  // empty once it has been moved
};

/// All of one consistent snapshot, which neither waits for writers nor keeps them waiting. `to` is a file that nobody
/// uses. Errors: corrupt.
Result<void> copy_database(Connection& from, const std::filesystem::path& to, Duration patience);

/// Reads every page. Errors: corrupt, with what SQLite found first.
Result<void> check_integrity(Connection& connection);

/// What keeps everybody else from `path` for as long as it lives, SQLite of whichever process: the lock that SQLite
/// itself takes for exclusive use, also of a file that it could not read.
class FileLock {
 public:
  /// Requires: this process has no connection to the file. Errors: conflict, where somebody has the store open;
  /// not_found.
  static Result<FileLock> acquire(const std::filesystem::path& path);

 private:
  explicit FileLock(Descriptor file) noexcept : file_(std::move(file)) {}
  Descriptor file_;
};

/// What has been renamed in it, or removed, stays so.
Result<void> sync_folder_of(const std::filesystem::path& path);

}  // namespace mintmark::storage::sqlite
