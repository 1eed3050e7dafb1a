#include "mintmark/app/file_limit.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

namespace mintmark::app {
namespace {

/// Of each network thread: its listeners (TCP and Unix-domain) and what its event loop waits with.
constexpr std::uint64_t kFilesPerThread = 5;
/// Standard streams, the database's connections, their logs and temporary files, and what libraries open for a moment.
constexpr std::uint64_t kOtherFiles = 64;

}  // namespace

std::uint64_t raise_file_limit() noexcept {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return UINT64_MAX;
  const rlim_t former = std::exchange(limit.rlim_cur, limit.rlim_max);
  return setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : former;
}

Result<std::size_t> fit_connections(const http::ServerOptions& options, std::uint64_t file_limit) {
  const std::uint64_t threads = options.threads > 0 ? options.threads : std::thread::hardware_concurrency();
  // One thread more for operators, whose connections a flood of clients must leave room for.
  const std::uint64_t others = kOtherFiles + kFilesPerThread * (threads + 1) + options.private_side.max_connections;
  if (file_limit > others) return std::min<std::uint64_t>(options.max_connections, file_limit - others);
  return unavailable("server.max_connections: the process may have " + std::to_string(file_limit) +
                     " files open, and needs " + std::to_string(others) + " beside connections (ulimit -n)");
}

}  // namespace mintmark::app
