#pragma once
// SIGTERM and SIGINT as ordinary calls: containers and terminals both ask once to drain and twice to end at once.
//
//   SignalWatcher signals([&] { server.drain(); }, [] { std::_Exit(1); });
//   server.run();
//
// Other signals ask for something else: SIGHUP to reload, SIGUSR1 to open files anew.
//
//   signals.on(SIGUSR1, [&] { log.reopen(); });
//
// Thread safety: one instance at a time in a process; on() from the thread that made it.

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
  /// Waits for calls that run, and tells of further signals meanwhile; then SIGTERM and SIGINT have their former
  /// meaning again, and the signals of on() are ignored, so that one that comes late ends nothing.
  ~SignalWatcher();

  /// From here on `action` runs at each `signal`, one action at a time, on a thread that they share and the two calls
  /// above do not. A signal that comes several times before its action has begun may count as one. Call once for each
  /// signal. Requires: `action` does not throw. Throws std::system_error where this cannot be set up.
  void on(int signal, std::function<void()> action);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
