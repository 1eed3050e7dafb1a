#include "support/datagram_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>

namespace mintmark::testing {

DatagramSocket::DatagramSocket(const std::string& name) : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (name.size() >= sizeof address.sun_path) throw std::runtime_error("too long a name for a socket");
  std::ranges::copy(name, address.sun_path);
  const bool is_abstract = name.starts_with('@');
  if (is_abstract) address.sun_path[0] = '\0';
  const std::size_t size = offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
  if (::bind(socket_, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)) != 0)
    throw std::runtime_error("cannot bind " + name);
}

DatagramSocket::~DatagramSocket() {
  ::close(socket_);
}

std::optional<std::string> DatagramSocket::receive(std::chrono::milliseconds limit) {
  pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, static_cast<int>(limit.count())) != 1) return std::nullopt;
  std::array<char, 4096> buffer{};
  const ssize_t size = ::recv(socket_, buffer.data(), buffer.size(), 0);
  if (size < 0) throw std::runtime_error("cannot receive");
  return std::string(buffer.data(), static_cast<std::size_t>(size));
}

}  // namespace mintmark::testing
