#pragma once
// The file of a listening Unix-domain socket.

#include <sys/types.h>

#include <filesystem>
#include <utility>

#include "mintmark/base/result.hpp"

namespace mintmark::http {

/// Removed at the end, if it is still the same file.
class UnixSocketFile {
 public:
  /// Requires: the file has just been made by this process.
  explicit UnixSocketFile(std::filesystem::path path);
  UnixSocketFile(UnixSocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  UnixSocketFile& operator=(UnixSocketFile&&) = delete;
  ~UnixSocketFile();

 private:
  std::filesystem::path path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

struct UnixListener {
  int descriptor;  ///< the caller's
  UnixSocketFile file;
};

/// Listens at `path`, with these permissions from the first moment on. A socket that nobody listens on any more is
/// replaced. Errors: invalid (too long a path), unavailable (somebody listens, the file is no socket, the system).
Result<UnixListener> listen_at(const std::filesystem::path& path, mode_t mode);

}  // namespace mintmark::http
