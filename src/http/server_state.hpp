#pragma once
// What the network threads of a server share.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "mintmark/base/published.hpp"
#include "mintmark/http/server.hpp"
#include "mintmark/http/services.hpp"
#include "source_connections.hpp"
#include "tls_context.hpp"

namespace mintmark::http {

/// What the server does now; replaced as a whole.
struct Settings {
  ServerOptions options;
  std::shared_ptr<const TlsContext> tls;  ///< null: plain HTTP
};

/// Whom a side of the server is for.
enum class Audience { clients, operators };

/// One side of the server.
struct ServerState {
  const Audience audience;
  const Services& services;
  Published<Settings>& settings;
  /// Where what may block for operators goes: no request of a client is before it in the queue.
  WorkerPool& operations_pool;
  const std::atomic<bool>& leaving;         ///< of the whole server: /readyz says so
  std::atomic<bool> last_answers{false};    ///< every answer is the last of its connection
  std::atomic<bool> draining{false};        ///< idle connections are closed
  std::atomic<bool> cut{false};             ///< jobs that have not begun are dropped
  std::atomic<std::size_t> connections{0};  ///< open ones, of all threads
  SourceConnections sources{settings.load()->options.max_connections_per_source};
};

/// One of the connections that a side may have, and of those of its source, given back at the end.
class ConnectionSlot {
 public:
  /// An error says which are all taken. `peer`: none for one without an IP address. `options`: what is in effect.
  /// Requires: `state` outlives the slot.
  static Result<ConnectionSlot, ConnectionRefusal> take(ServerState& state, const ServerOptions& options,
                                                        const std::optional<IpAddress>& peer) {
    const bool for_clients = state.audience == Audience::clients;
    ConnectionSlot slot(state);
    if (slot.number_ > (for_clients ? options.max_connections : options.private_side.max_connections)) {
      return ConnectionRefusal::too_many;
    }
    if (for_clients && peer && !options.trusted_proxies.contains(*peer)) {
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
