#include "listener.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace mintmark::http {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string render_endpoint(const std::string& address, std::uint16_t port) {
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  return host + ":" + std::to_string(port);
}

/// `reason` before anything else can change errno.
Error cannot_listen(const std::string& endpoint, int reason) {
  return unavailable("cannot listen on " + endpoint + ": " + std::generic_category().message(reason));
}

AddressList parse_address(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, &freeaddrinfo};
}

bool set_option(const Listener& listener, int level, int option, int value) {
  return setsockopt(listener.descriptor(), level, option, &value, sizeof value) == 0;
}

/// The first listener binds without SO_REUSEPORT, so that another process on the port is an error instead of a silent
/// partner; then it admits the others.
enum class Binding { first, further };

Result<Listener> open_listener(const addrinfo& address, const std::string& endpoint, Binding binding) {
  Listener listener(socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
                    address.ai_family == AF_INET6);
  const auto bind_it = [&] { return bind(listener.descriptor(), address.ai_addr, address.ai_addrlen) == 0; };
  const auto share = [&] { return set_option(listener, SOL_SOCKET, SO_REUSEPORT, 1); };
  if (listener.descriptor() < 0 || !set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1) ||
      (listener.is_v6() && !set_option(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0)) ||
      (binding == Binding::first ? !bind_it() || !share() : !share() || !bind_it()) ||
      listen(listener.descriptor(), SOMAXCONN) != 0) {
    return cannot_listen(endpoint, errno);
  }
  return listener;
}

std::uint16_t port_of(const Listener& listener) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(listener.descriptor(), reinterpret_cast<sockaddr*>(&bound), &size);
  return ntohs(listener.is_v6() ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port
                                : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

}  // namespace

Listener::~Listener() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<Listeners> open_listeners(const std::string& address, std::uint16_t port, std::size_t count) {
  const std::string endpoint = render_endpoint(address, port);
  AddressList parsed = parse_address(address, port);
  if (!parsed) return invalid("cannot listen on " + endpoint + ": not an IP address");
  Result<Listener> first = open_listener(*parsed, endpoint, Binding::first);
  if (!first) return first.error();
  Listeners listeners{{}, port_of(*first)};
  listeners.sockets.push_back(*std::move(first));
  parsed = parse_address(address, listeners.port);
  while (listeners.sockets.size() < count) {
    Result<Listener> further = open_listener(*parsed, endpoint, Binding::further);
    if (!further) return further.error();
    listeners.sockets.push_back(*std::move(further));
  }
  return listeners;
}

}  // namespace mintmark::http
