#pragma once
// What all network threads of a server share.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "mintmark/http/server.hpp"
#include "mintmark/http/services.hpp"

namespace mintmark::http {

struct ServerState {
  const ServerOptions options;
  const Services services;
  std::atomic<bool> draining{false};        ///< every answer is the last of its connection
  std::atomic<bool> cut{false};             ///< jobs that have not begun are dropped
  std::atomic<std::size_t> connections{0};  ///< open ones, of all threads
  std::atomic<std::uint64_t> refused_connections{0};
};

/// One of ServerOptions::max_connections, given back at the end.
class ConnectionSlot {
 public:
  /// None if all are taken. Requires: `state` outlives the slot.
  static std::optional<ConnectionSlot> take(ServerState& state) {
    ConnectionSlot slot(state);
    if (slot.number_ > state.options.max_connections) return std::nullopt;
    return slot;
  }
  ConnectionSlot(ConnectionSlot&& other) noexcept
      : state_(std::exchange(other.state_, nullptr)), number_(other.number_) {}
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ~ConnectionSlot() {
    if (state_ != nullptr) --state_->connections;
  }

 private:
  explicit ConnectionSlot(ServerState& state) noexcept : state_(&state), number_(++state.connections) {}

  ServerState* state_;
  std::size_t number_;
};

}  // namespace mintmark::http
