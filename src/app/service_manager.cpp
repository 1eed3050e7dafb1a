#include "mintmark/app/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>

#include "mintmark/app/environment.hpp"
#include "mintmark/base/descriptor.hpp"

namespace mintmark::app {

ServiceManager ServiceManager::from_environment() {
  return ServiceManager(take_variable("NOTIFY_SOCKET").value_or(""));
}

void ServiceManager::tell(std::string_view state) const noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  // A name of the abstract namespace begins with a zero byte, and ends with its length.
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';
  const std::size_t length = offsetof(sockaddr_un, sun_path) + socket_.size() + (address.sun_path[0] == '\0' ? 0 : 1);

  const Descriptor descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!descriptor.is_open()) return;
  (void)::sendto(descriptor.get(), state.data(), state.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(length));
}

}  // namespace mintmark::app
