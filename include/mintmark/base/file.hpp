#pragma once
// Whole files, read with a bound and written so that a crash leaves the old or the new content, never half.
// Thread safety: pure functions. Errors: not_found, unavailable (permissions, full disk), invalid (too large).

#include <cstddef>
#include <filesystem>
#include <string>

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark {

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes);

/// A file that holds one secret as text: at most 64 KiB, one trailing line end removed, not empty.
Result<Secret> read_secret_file(const std::filesystem::path& path);

/// Writes beside, syncs, renames. The new file is readable by its owner alone.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

}  // namespace mintmark
