#pragma once
// What a service manager is told: sd_notify(3), which is one datagram to the socket in $NOTIFY_SOCKET, without
// libsystemd.

#include <string>
#include <string_view>

namespace mintmark::app {

/// Thread safety: const functions from any thread.
class ServiceManager {
 public:
  /// `socket` as $NOTIFY_SOCKET has it: a path, or "@" and a name of the abstract namespace. Empty: there is nobody to
  /// be told.
  explicit ServiceManager(std::string socket) : socket_{std::move(socket)} {}
  /// Takes it from the environment and out of it. Requires: no other threads yet.
  static ServiceManager from_environment();

  /// Connections are accepted, or wait in the kernel.
  void ready() const noexcept { tell("READY=1"); }
  void stopping() const noexcept { tell("STOPPING=1"); }

 private:
  /// Never waits and never fails: a manager that cannot be told does not keep a service from serving.
  void tell(std::string_view state) const noexcept;

  std::string socket_;
};

}  // namespace mintmark::app
