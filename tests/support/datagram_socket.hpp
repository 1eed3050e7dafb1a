#pragma once
// A service manager's end of sd_notify(3): a datagram socket of the file system or of the abstract namespace.
// Thread safety: none. Errors: throws std::runtime_error.

#include <chrono>
#include <optional>
#include <string>

namespace mintmark::testing {

class DatagramSocket {
 public:
  /// `name` as $NOTIFY_SOCKET has it: a path, or "@" and a name.
  explicit DatagramSocket(const std::string& name);
  DatagramSocket(const DatagramSocket&) = delete;
  DatagramSocket& operator=(const DatagramSocket&) = delete;
  ~DatagramSocket();

  /// The next datagram; none if there is none within `limit`.
  [[nodiscard]] std::optional<std::string> receive(std::chrono::milliseconds limit);

 private:
  int socket_;
};

}  // namespace mintmark::testing
