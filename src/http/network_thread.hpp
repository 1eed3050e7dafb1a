#pragma once
// One thread's share of the server: an event loop, a listener and the connections that it accepted.

#include <memory>

#include "listener.hpp"
#include "server_state.hpp"

namespace mintmark::http {

/// Thread safety: drain() and stop_now() from any thread.
class NetworkThread {
 public:
  /// Requires: `state` outlives the object.
  NetworkThread(Listener listener, ServerState& state);
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;
  ~NetworkThread();

  /// Until it has drained or was stopped.
  void run();
  /// Requires: ServerState::draining.
  void drain();
  /// Requires: ServerState::draining and ServerState::cut.
  void stop_now();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
