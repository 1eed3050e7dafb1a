#include "unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>

#include "mintmark/base/descriptor.hpp"

namespace mintmark::http {
namespace {

Descriptor make_socket() noexcept {
  return Descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

Error cannot_listen(const std::filesystem::path& path, const std::string& reason) {
  return unavailable("cannot listen on unix:" + path.string() + ": " + reason);
}

Error cannot_listen(const std::filesystem::path& path, int reason) {
  return cannot_listen(path, std::generic_category().message(reason));
}

std::optional<sockaddr_un> make_address(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.empty() || text.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, text.data(), text.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

/// A server that was killed leaves its socket behind, and only an attempt tells that from one that lives.
Result<void> remove_stale(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return errno == ENOENT ? Result<void>() : cannot_listen(path, errno);
  if (!S_ISSOCK(found.st_mode)) return cannot_listen(path, "there is a file that is no socket");
  // Not blocking: a live server whose queue is full is no reason to wait.
  const Descriptor probe = make_socket();
  if (!probe.is_open()) return cannot_listen(path, errno);
  if (::connect(probe.get(), generic(address), sizeof address) == 0) return cannot_listen(path, EADDRINUSE);
  if (errno != ECONNREFUSED) return cannot_listen(path, errno == EAGAIN ? EADDRINUSE : errno);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return cannot_listen(path, errno);
  return {};
}

}  // namespace

UnixSocketFile::UnixSocketFile(std::filesystem::path path) : path_(std::move(path)) {
  struct stat made {};
  if (::lstat(path_.c_str(), &made) != 0) return;
  device_ = made.st_dev;
  inode_ = made.st_ino;
}

UnixSocketFile::~UnixSocketFile() {
  struct stat now {};
  if (path_.empty() || ::lstat(path_.c_str(), &now) != 0) return;
  if (now.st_dev == device_ && now.st_ino == inode_) ::unlink(path_.c_str());
}

Result<UnixListener> listen_at(const std::filesystem::path& path, mode_t mode) {
  const std::optional<sockaddr_un> address = make_address(path);
  if (!address) {
    return invalid("cannot listen on unix:" + path.string() + ": expected a path of at most " +
                   std::to_string(sizeof sockaddr_un{}.sun_path - 1) + " bytes");
  }
  if (Result<void> removed = remove_stale(path, *address); !removed) return removed.error();
  Descriptor socket = make_socket();
  // bind() takes the mode of the descriptor, less the umask; what the umask took is given back afterwards.
  if (!socket.is_open() || ::fchmod(socket.get(), mode) != 0 ||
      ::bind(socket.get(), generic(*address), sizeof *address) != 0) {
    return cannot_listen(path, errno);
  }
  UnixSocketFile file(path);
  if (::chmod(path.c_str(), mode) != 0 || ::listen(socket.get(), SOMAXCONN) != 0) return cannot_listen(path, errno);
  return UnixListener{socket.release(), std::move(file)};
}

}  // namespace mintmark::http
