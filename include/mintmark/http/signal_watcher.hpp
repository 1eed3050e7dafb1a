#pragma once
// SIGTERM and SIGINT as ordinary calls: containers and terminals both ask once to drain and twice to end at once.
//
//   SignalWatcher signals([&] { server.drain(); }, [] { std::_Exit(1); });
//   server.run();
//
// Thread safety: one instance at a time in a process.

#include <functional>
#include <memory>

namespace mintmark::http {

class SignalWatcher {
 public:
  /// From here on neither signal ends the process. On threads of the watcher's own, `on_first` runs at the first signal
  /// and `on_later` at each further one, at once even where the call before it has not returned. Requires: neither
  /// throws. Throws std::system_error where a thread cannot be started.
  SignalWatcher(std::function<void()> on_first, std::function<void()> on_later);
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;
  /// Waits for calls that run, and tells of further signals meanwhile; then the signals have their former meaning
  /// again.
  ~SignalWatcher();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
