#pragma once
// How much memory the process may have, so that it refuses to start rather than be killed at the first busy hour.
// Thread safety: pure functions.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// The least limit of the control groups that this process is in, version 2 or 1; none where there is no limit or no
/// control group to be seen. `root` stands for "/" in tests.
std::optional<std::uint64_t> find_memory_limit(const std::filesystem::path& root);

/// Errors: invalid, naming the setting and both figures, where password hashes alone could take more than `limit`.
Result<void> check_memory_limit(const Config& config, std::optional<std::uint64_t> limit);

}  // namespace mintmark::app
