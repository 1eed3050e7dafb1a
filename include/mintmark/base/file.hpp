#pragma once
// Whole files, read with a bound and written so that a crash leaves the old or the new content, never half.
// Thread safety: pure functions. Errors: not_found, unavailable (permissions, full disk), invalid (too large).

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// A file that holds one secret as text: at most 64 KiB, one trailing line end removed, not empty.
Result<Secret> read_secret_file(const std::filesystem::path& path);

/// What tells one content of a regular file from the next without reading it. Two writes within one step of the file
/// system's clock (milliseconds) that leave the size as it is look alike. All that is no regular file, or is not there,
/// is alike.
struct FileStamp {
  bool is_regular = false;
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t bytes = 0;
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;

  bool operator==(const FileStamp&) const = default;
};

/// Of what `path` leads to, through whatever symbolic links.
FileStamp stamp_file(const std::filesystem::path& path) noexcept;

/// Writes beside, syncs, renames. The new file is readable by its owner alone.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

}  // namespace mintmark
