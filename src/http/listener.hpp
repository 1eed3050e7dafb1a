#pragma once
// Listening sockets: several on one TCP port, among which the kernel spreads connections; one Unix-domain socket, or
// one that somebody else bound, shared by all threads.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mintmark/base/result.hpp"
#include "mintmark/http/server.hpp"
#include "unix_socket.hpp"

namespace mintmark::http {

/// Owns a descriptor.
class Listener {
 public:
  Listener(int descriptor, int family) noexcept : descriptor_(descriptor), family_(family) {}
  Listener(Listener&& other) noexcept : descriptor_(other.release()), family_(other.family_) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  /// AF_INET, AF_INET6 or AF_UNIX.
  [[nodiscard]] int family() const noexcept { return family_; }
  /// Hands the descriptor to the caller.
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
  int family_;
};

/// What one side of the server listens on.
struct SideListeners {
  std::vector<std::vector<Listener>> by_thread;  ///< each thread's own; all empty where the side does not listen
  std::vector<UnixSocketFile> files;
  std::uint16_t port = 0;  ///< of TCP; 0: none
  std::string addresses;   ///< "127.0.0.1:8080, unix:/run/mintmark.sock"

  [[nodiscard]] bool empty() const noexcept { return addresses.empty(); }
};

/// Errors of both: invalid, unavailable, as Server::open says. Requires: `threads` is at least 1.
Result<SideListeners> open_public_listeners(const ServerOptions& options, std::size_t threads);
Result<SideListeners> open_private_listeners(const ServerOptions& options);

}  // namespace mintmark::http
