#include "audit_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "mintmark/base/descriptor.hpp"

namespace mintmark::ops {
namespace {

constexpr int kLockAttempts = 200;
constexpr std::chrono::milliseconds kLockPause(5);

/// Of an open file description, and exclusive: it takes the right to write, which flock() does not.
bool set_lock(int fd, short type) noexcept {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

}  // namespace

AuditFile::~AuditFile() {
  if (fd_ >= 0 && !path_.empty()) ::close(fd_);
}

Error AuditFile::error_of(int code) const {
  Error error = file_error(path_.empty() ? "standard error" : path_, code);
  error.detail.insert(0, "the audit stream: ");
  return error;
}

Result<bool> AuditFile::open() {
  if (path_.empty()) return std::exchange(fd_, STDERR_FILENO) != STDERR_FILENO;
  // To be read as well: the last line is what the next one is tied to.
  int fd = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
  struct stat now {};
  if (fd < 0 || ::fstat(fd, &now) != 0) {
    const int code = errno;
    if (fd >= 0) ::close(fd);
    return error_of(code);
  }
  struct stat before {};
  const bool is_same =
      fd_ >= 0 && ::fstat(fd_, &before) == 0 && before.st_dev == now.st_dev && before.st_ino == now.st_ino;
  if (!is_same) {
    std::swap(fd, fd_);
    known_size_ = 0;
    is_regular_ = S_ISREG(now.st_mode);
  }
  if (fd >= 0) ::close(fd);
  return !is_same;
}

AuditFile::Turn::Turn(AuditFile& file) : file_(file) {
  for (int i = 0; file_.is_regular_ && !file_.is_locked_ && i < kLockAttempts; ++i) {
    file_.is_locked_ = set_lock(file_.fd_, F_WRLCK);
    if (file_.is_locked_ || (errno != EAGAIN && errno != EACCES)) return;
    std::this_thread::sleep_for(kLockPause);
  }
}

AuditFile::Turn::~Turn() {
  if (std::exchange(file_.is_locked_, false)) set_lock(file_.fd_, F_UNLCK);
}

std::optional<std::uint64_t> AuditFile::size() const {
  struct stat now {};
  if (!is_regular_ || ::fstat(fd_, &now) != 0) return std::nullopt;
  return static_cast<std::uint64_t>(now.st_size);
}

bool AuditFile::has_changed() const {
  const std::optional<std::uint64_t> now = size();
  return now && *now != known_size_;
}

Result<AuditFile::Change> AuditFile::look(std::string_view own_chain) const {
  Change change;
  const std::optional<std::uint64_t> now = size();
  if (!now || *now == known_size_) return change;
  change.truncated = *now < known_size_;
  std::string tail(std::min<std::uint64_t>(*now, 2 * kMaxAuditLineBytes), '\0');
  const ssize_t got = ::pread(fd_, tail.data(), tail.size(), static_cast<off_t>(*now - tail.size()));
  if (got < 0) return error_of(errno);
  tail.resize(static_cast<std::size_t>(got));
  // The last line that has its end; one that has none is what a crash left.
  const std::size_t end = tail.rfind('\n');
  if (end == std::string::npos) return change;
  const std::size_t before = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::optional<AuditLine> last = parse_audit_line(std::string_view(tail).substr(begin, end - begin));
  if (last && last->chain != own_chain) {
    change.after = AuditHead{std::string(last->chain), last->seq, std::string(last->hash)};
  }
  return change;
}

bool AuditFile::ends_within_line(std::uint64_t size) const {
  char last = '\n';
  return size > 0 && ::pread(fd_, &last, 1, static_cast<off_t>(size - 1)) == 1 && last != '\n';
}

/// One line with one write, which a pipe keeps whole up to 4 KiB: others write to it too.
Result<void> AuditFile::write_stream(std::string_view lines) {
  while (!lines.empty()) {
    const std::size_t line_bytes = std::min(lines.find('\n'), lines.size() - 1) + 1;
    if (write_all(fd_, lines.substr(0, line_bytes)) < line_bytes) return error_of(errno);
    lines.remove_prefix(line_bytes);
  }
  return {};
}

Result<void> AuditFile::append(std::string_view lines) {
  const std::optional<std::uint64_t> before = size();
  if (!before) return write_stream(lines);
  std::uint64_t start = *before;
  if (ends_within_line(*before)) {
    if (write_all(fd_, "\n") != 1) return error_of(errno);
    ++start;
  }
  const std::size_t written = write_all(fd_, lines);
  if (written == lines.size()) {
    known_size_ = start + written;
    return {};
  }
  const int code = errno;
  // A full disk: what did fit is taken back, so that no line is there twice and none by half.
  if (written > 0 && is_locked_ && ::ftruncate(fd_, static_cast<off_t>(start)) != 0) return error_of(errno);
  known_size_ = start;
  return error_of(code);
}

Result<void> AuditFile::sync() {
  if (!is_regular_ || ::fdatasync(fd_) == 0) return {};
  return error_of(errno);
}

}  // namespace mintmark::ops
