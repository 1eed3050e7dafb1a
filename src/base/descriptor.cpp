#include "mintmark/base/descriptor.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace mintmark {

Descriptor::~Descriptor() {
  if (!is_open()) return;
  const int kept = errno;
  ::close(descriptor_);
  errno = kept;
}

std::size_t write_all(int descriptor, std::string_view text) noexcept {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(descriptor, text.data() + done, text.size() - done);
    if (written < 0 && errno == EINTR) continue;
    if (written == 0) errno = ENOSPC;
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  return done;
}

Error file_error(const std::filesystem::path& path, int code) {
  const std::string detail = path.string() + ": " + std::generic_category().message(code);
  return code == ENOENT ? not_found(detail) : unavailable(detail);
}

}  // namespace mintmark
