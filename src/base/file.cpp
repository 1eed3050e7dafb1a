#include "mintmark/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <vector>

#include "mintmark/base/descriptor.hpp"

namespace mintmark {
namespace {

Error too_large(const std::filesystem::path& path, std::size_t max_bytes) {
  return invalid(path.string() + ": larger than " + std::to_string(max_bytes) + " bytes");
}

constexpr std::size_t kMaxSecretBytes = 64 * 1024;

struct WipedBuffer {
  std::vector<char> bytes = std::vector<char>(kMaxSecretBytes + 1);
  WipedBuffer() = default;
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;
  ~WipedBuffer() { wipe(bytes.data(), bytes.size()); }
};

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error(path, errno);
  std::string content;
  for (;;) {
    const std::size_t have = content.size();
    content.resize(have + 16 * 1024);
    const ssize_t got = ::read(file.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno != EINTR) return file_error(path, errno);
    content.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (content.size() > max_bytes) return too_large(path, max_bytes);
  }
}

Result<Secret> read_secret_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return file_error(path, errno);
  // One buffer that never grows, so that no copy stays behind in freed memory.
  WipedBuffer buffer;
  std::size_t size = 0;
  while (size < buffer.bytes.size()) {
    const ssize_t got = ::read(file.get(), buffer.bytes.data() + size, buffer.bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error(path, errno);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxSecretBytes) return too_large(path, kMaxSecretBytes);
  std::string_view text(buffer.bytes.data(), size);
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty()) return invalid(path.string() + ": empty");
  return Secret(text);
}

FileStamp stamp_file(const std::filesystem::path& path) noexcept {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) return {};
  const auto nanoseconds = [](const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  };
  return {.is_regular = true,
          .device = found.st_dev,
          .inode = found.st_ino,
          .bytes = found.st_size,
          .modified_ns = nanoseconds(found.st_mtim),
          .changed_ns = nanoseconds(found.st_ctim)};
}

Result<void> write_private_file(const std::filesystem::path& path, std::string_view content) {
  // A name of its own, so that two writers do not mix and nothing that lies there already lends its permissions.
  std::string beside = path.string() + ".XXXXXX";
  const Descriptor file(::mkostemp(beside.data(), O_CLOEXEC));
  if (file.get() < 0) return file_error(path, errno);
  if (write_all(file.get(), content) < content.size() || ::fsync(file.get()) != 0 ||
      ::rename(beside.c_str(), path.c_str()) != 0) {
    Error error = file_error(path, errno);
    ::unlink(beside.c_str());
    return error;
  }
  const Descriptor folder(
      ::open(path.has_parent_path() ? path.parent_path().c_str() : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() >= 0 && ::fsync(folder.get()) != 0) return file_error(path, errno);
  return {};
}

}  // namespace mintmark
