#pragma once
// Listening sockets, several on one port, among which the kernel spreads connections.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "mintmark/base/result.hpp"

namespace mintmark::http {

/// Owns a descriptor.
class Listener {
 public:
  Listener(int descriptor, bool is_v6) noexcept : descriptor_(descriptor), is_v6_(is_v6) {}
  Listener(Listener&& other) noexcept : descriptor_(other.release()), is_v6_(other.is_v6_) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_v6() const noexcept { return is_v6_; }
  /// Hands the descriptor to the caller.
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
  bool is_v6_;
};

struct Listeners {
  std::vector<Listener> sockets;
  std::uint16_t port;
};

/// `count` listeners on one address and port (0: any). Requires: `count` is at least 1. Errors: invalid, unavailable,
/// as Server::open says.
Result<Listeners> open_listeners(const std::string& address, std::uint16_t port, std::size_t count);

}  // namespace mintmark::http
