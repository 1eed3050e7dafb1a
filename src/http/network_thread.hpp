#pragma once
// One thread's share of the server: an event loop, listeners and the connections that it accepted.

#include <memory>
#include <vector>

#include "listener.hpp"
#include "server_state.hpp"

namespace mintmark::http {

/// Thread safety: drain() and stop_now() from any thread.
class NetworkThread {
 public:
  /// Requires: `state` outlives the object.
  NetworkThread(std::vector<Listener> listeners, ServerState& state);
  NetworkThread(const NetworkThread&) = delete;
  NetworkThread& operator=(const NetworkThread&) = delete;
  ~NetworkThread();

  /// Until it has drained or was stopped.
  void run();
  /// Goes on accepting for `delay`. Requires: ServerState::last_answers.
  void drain(Duration delay);
  /// Requires: ServerState::last_answers, draining and cut.
  void stop_now();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
