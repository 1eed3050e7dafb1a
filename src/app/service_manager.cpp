#include "mintmark/app/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace mintmark::app {

ServiceManager ServiceManager::from_environment() {
  const char* const socket = std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): before other threads
  ServiceManager manager(socket == nullptr ? std::string() : std::string(socket));
  ::unsetenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): likewise
  return manager;
}

void ServiceManager::tell(std::string_view state) const noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // A name of the abstract namespace begins with a zero byte, and ends with its length.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const std::size_t length = offsetof(sockaddr_un, sun_path) + socket_.size() + (address.sun_path[0] == '\0' ? 0 : 1);

  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return;
  (void)::sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL, reinterpret_cast<const sockaddr*>(&address),
                 static_cast<socklen_t>(length));
  ::close(descriptor);
}

}  // namespace mintmark::app
