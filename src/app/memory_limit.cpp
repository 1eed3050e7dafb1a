#include "mintmark/app/memory_limit.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "byte_size.hpp"
#include "mintmark/base/file.hpp"
#include "mintmark/base/number.hpp"
#include "mintmark/base/text.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFileBytes = std::size_t{64} * 1024;
/// Version 1 has no word for "no limit"; it shows the most that it can count to, rounded down to a page.
constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 62U;

/// "max" of version 2 is no number.
std::optional<std::uint64_t> read_limit(const fs::path& file) {
  const Result<std::string> content = read_file(file, kMaxFileBytes);
  if (!content) return std::nullopt;
  const std::optional<std::uint64_t> bytes = parse_number<std::uint64_t>(trim(*content));
  return bytes && *bytes < kNoLimit ? bytes : std::nullopt;
}

void lower(std::optional<std::uint64_t>& limit, std::optional<std::uint64_t> other) {
  if (other) limit = limit ? std::min(*limit, *other) : *other;
}

/// Of the group and all above it: a limit holds for what is below. Inside a container the path may be that of the host
/// while the files are those of the container, so what is not there is skipped.
std::optional<std::uint64_t> least_limit(const fs::path& mount, std::string_view group, const char* file) {
  std::optional<std::uint64_t> limit;
  fs::path path = fs::path(group).relative_path();
  for (;;) {
    lower(limit, read_limit(mount / path / file));
    if (path.empty()) return limit;
    path = path.parent_path();
  }
}

bool names_memory(std::string_view controllers) {
  const std::vector<std::string_view> names = split(controllers, ',');
  return std::ranges::find(names, "memory") != names.end();
}

}  // namespace

std::optional<std::uint64_t> find_memory_limit(const fs::path& root) {
  // Lines of "ID:CONTROLLERS:PATH"; version 2 has one without controllers (cgroups(7)).
  const Result<std::string> groups = read_file(root / "proc/self/cgroup", kMaxFileBytes);
  if (!groups) return std::nullopt;
  std::optional<std::uint64_t> limit;
  for (const std::string_view line : split(*groups, '\n')) {
    const std::size_t first = line.find(':');
    const std::size_t second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view group = line.substr(second + 1);
    if (controllers.empty()) {
      lower(limit, least_limit(root / "sys/fs/cgroup", group, "memory.max"));
    } else if (names_memory(controllers)) {
      lower(limit, least_limit(root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"));
    }
  }
  return limit;
}

Result<void> check_memory_limit(const Config& config, std::optional<std::uint64_t> limit) {
  // The budget bounds what all workers use together, imported hashes of any parameters included.
  if (!limit || config.passwords.memory_budget_bytes <= *limit) return {};
  return invalid(full_place_of(config, "passwords.memory_budget") + ": " +
                 format_byte_size(config.passwords.memory_budget_bytes) +
                 " for password hashes is more than the memory limit of this process's control group, " +
                 format_byte_size(*limit) + ": lower it, well below the limit, or raise the limit");
}

}  // namespace mintmark::app
