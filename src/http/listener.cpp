#include "listener.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "endpoint.hpp"

namespace mintmark::http {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

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
  Listener listener(socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), address.ai_family);
  const auto bind_it = [&] { return bind(listener.descriptor(), address.ai_addr, address.ai_addrlen) == 0; };
  const auto share = [&] { return set_option(listener, SOL_SOCKET, SO_REUSEPORT, 1); };
  if (listener.descriptor() < 0 || !set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1) ||
      (listener.family() == AF_INET6 && !set_option(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0)) ||
      (binding == Binding::first ? !bind_it() || !share() : !share() || !bind_it()) ||
      listen(listener.descriptor(), SOMAXCONN) != 0) {
    return cannot_listen(endpoint, errno);
  }
  return listener;
}

sockaddr_storage name_of(int descriptor) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound), &size) != 0) bound.ss_family = AF_UNSPEC;
  return bound;
}

/// 0 for what is no TCP socket.
std::uint16_t port_of(const sockaddr_storage& name) {
  if (name.ss_family == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&name)->sin_port);
  if (name.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&name)->sin6_port);
  return 0;
}

std::string render_name(const sockaddr_storage& name) {
  if (name.ss_family == AF_UNIX) return std::string("unix:") + reinterpret_cast<const sockaddr_un*>(&name)->sun_path;
  char host[NI_MAXHOST];
  const socklen_t size = name.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&name);
  if (getnameinfo(generic, size, host, sizeof host, nullptr, 0, NI_NUMERICHOST) != 0) return "?";
  return render_endpoint(host, port_of(name));
}

int option_of(int descriptor, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  return getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 ? value : -1;
}

void note(SideListeners& side, const std::string& address) {
  if (!side.addresses.empty()) side.addresses += ", ";
  side.addresses += address;
}

/// Every thread accepts from one queue, each through a descriptor of its own.
Result<void> share(SideListeners& side, Listener first) {
  for (std::size_t i = 1; i < side.by_thread.size(); ++i) {
    Listener copy(fcntl(first.descriptor(), F_DUPFD_CLOEXEC, 0), first.family());
    if (copy.descriptor() < 0) return cannot_listen("a duplicate of a socket", errno);
    side.by_thread[i].push_back(std::move(copy));
  }
  side.by_thread[0].push_back(std::move(first));
  return {};
}

Result<void> add_tcp(SideListeners& side, const std::string& address, std::uint16_t port) {
  const std::string endpoint = render_endpoint(address, port);
  AddressList parsed = parse_address(address, port);
  if (!parsed) return invalid("cannot listen on " + endpoint + ": not an IP address");
  Result<Listener> first = open_listener(*parsed, endpoint, Binding::first);
  if (!first) return first.error();
  side.port = port_of(name_of(first->descriptor()));
  side.by_thread[0].push_back(*std::move(first));
  parsed = parse_address(address, side.port);
  for (std::size_t i = 1; i < side.by_thread.size(); ++i) {
    Result<Listener> further = open_listener(*parsed, endpoint, Binding::further);
    if (!further) return further.error();
    side.by_thread[i].push_back(*std::move(further));
  }
  note(side, render_endpoint(address, side.port));
  return {};
}

Result<void> add_unix(SideListeners& side, const std::filesystem::path& path, std::uint32_t mode) {
  Result<UnixListener> opened = listen_at(path, mode);
  if (!opened) return opened.error();
  Listener first(opened->descriptor, AF_UNIX);
  side.files.push_back(std::move(opened->file));
  note(side, "unix:" + path.string());
  return share(side, std::move(first));
}

Result<void> add_activated(SideListeners& side, int descriptor) {
  const std::string text = "descriptor " + std::to_string(descriptor);
  const sockaddr_storage name = name_of(descriptor);
  const bool known = name.ss_family == AF_INET || name.ss_family == AF_INET6 || name.ss_family == AF_UNIX;
  if (!known || option_of(descriptor, SO_TYPE) != SOCK_STREAM || option_of(descriptor, SO_ACCEPTCONN) != 1) {
    return invalid("cannot listen on " + text + ": not a listening stream socket");
  }
  Listener own(fcntl(descriptor, F_DUPFD_CLOEXEC, 0), name.ss_family);
  const int flags = fcntl(own.descriptor(), F_GETFL);
  if (own.descriptor() < 0 || flags < 0 || fcntl(own.descriptor(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return cannot_listen(text, errno);
  }
  if (side.port == 0) side.port = port_of(name);
  note(side, render_name(name));
  return share(side, std::move(own));
}

struct SideOptions {
  const std::string& address;
  std::optional<std::uint16_t> port;
  const std::filesystem::path& unix_socket;
  std::uint32_t unix_socket_mode;
};

Result<SideListeners> open_side(const SideOptions& options, const std::vector<int>& activated, std::size_t threads) {
  SideListeners side;
  side.by_thread.resize(threads);
  for (const int descriptor : activated) {
    if (Result<void> added = add_activated(side, descriptor); !added) return added.error();
  }
  if (!activated.empty()) return side;
  if (options.port) {
    if (Result<void> added = add_tcp(side, options.address, *options.port); !added) return added.error();
  }
  if (!options.unix_socket.empty()) {
    Result<void> added = add_unix(side, options.unix_socket, options.unix_socket_mode);
    if (!added) return added.error();
  }
  return side;
}

std::vector<int> activated_for(const ServerOptions& options, bool is_private) {
  std::vector<int> descriptors;
  for (const ActivatedSocket& socket : options.activated) {
    if (socket.is_private == is_private) descriptors.push_back(socket.descriptor);
  }
  return descriptors;
}

}  // namespace

Listener::~Listener() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<SideListeners> open_public_listeners(const ServerOptions& options, std::size_t threads) {
  Result<SideListeners> side = open_side({options.address, options.port, options.unix_socket, options.unix_socket_mode},
                                         activated_for(options, false), threads);
  if (side && side->empty()) return invalid("there is nothing to listen on: neither a port nor a Unix-domain socket");
  return side;
}

Result<SideListeners> open_private_listeners(const ServerOptions& options) {
  const PrivateOptions& side = options.private_side;
  return open_side({side.address, side.port, side.unix_socket, side.unix_socket_mode}, activated_for(options, true), 1);
}

}  // namespace mintmark::http
