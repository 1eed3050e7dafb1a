#pragma once
// Signals as ordinary calls. SIGTERM and SIGINT: containers and terminals both ask once to drain and twice to end at
// once. Others by on().
//
//   SignalWatcher signals([&] { server.drain(); }, [] { std::_Exit(1); });
//   signals.on(SIGHUP, [&] { server.reload(); });
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
  /// From here on `signal`, one of the others, calls `action`, each time and one call at a time, on a thread of the
  /// watcher's own. Requires: `action` neither throws nor takes long; once for each signal.
  void on(int signal, std::function<void()> action);
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
