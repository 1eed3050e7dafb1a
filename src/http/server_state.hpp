#pragma once
// What all network threads of a server share.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "mintmark/http/server.hpp"
#include "mintmark/http/services.hpp"
#include "source_connections.hpp"

namespace mintmark::http {

struct ServerState {
  const ServerOptions options;
  const Services services;
  std::atomic<bool> draining{false};        ///< every answer is the last of its connection
  std::atomic<bool> cut{false};             ///< jobs that have not begun are dropped
  std::atomic<std::size_t> connections{0};  ///< open ones, of all threads
  SourceConnections sources{options.max_connections_per_source};
};

/// One of ServerOptions::max_connections and of those of its source, given back at the end.
class ConnectionSlot {
 public:
  /// An error says which are all taken. `peer`: none for one without an IP address.
  /// Requires: `state` outlives the slot.
  static Result<ConnectionSlot, ConnectionRefusal> take(ServerState& state, const std::optional<IpAddress>& peer) {
    ConnectionSlot slot(state);
    if (slot.number_ > state.options.max_connections) return ConnectionRefusal::too_many;
    if (peer && !state.options.trusted_proxies.contains(*peer)) {
      std::optional<SourceConnections::Ticket> ticket = state.sources.enter(*peer);
      if (!ticket) return ConnectionRefusal::too_many_of_source;
      slot.of_source_.emplace(*std::move(ticket));
    }
    return slot;
  }
  ConnectionSlot(ConnectionSlot&& other) noexcept
      : state_(std::exchange(other.state_, nullptr)), number_(other.number_), of_source_(std::move(other.of_source_)) {}
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ~ConnectionSlot() {
    if (state_ != nullptr) --state_->connections;
  }

 private:
  explicit ConnectionSlot(ServerState& state) noexcept : state_(&state), number_(++state.connections) {}

  ServerState* state_;
  std::size_t number_;
  std::optional<SourceConnections::Ticket> of_source_;
};

}  // namespace mintmark::http
