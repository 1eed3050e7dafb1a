#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

void append_private(std::vector<Setting>& table) {
  table.push_back(make_text(
      "private.address", [](auto& c) -> auto& { return c.server.private_side.address; },
      "IPv4 or IPv6 address of the listener for operators: plain HTTP, with /metrics, /healthz and /readyz."));
  table.push_back(make_port(
      "private.port", [](auto& c) -> auto& { return c.server.private_side.port; },
      "TCP port of that listener; 0 takes any free one, \"off\" has none. Sockets named \"private\" that systemd hands "
      "over take the place of it and of private.unix_socket."));
  table.push_back(make_path(
      "private.unix_socket", [](auto& c) -> auto& { return c.server.private_side.unix_socket; },
      "A Unix-domain socket for operators too. One that a dead server left there is replaced."));
  table.push_back(make_file_mode(
      "private.unix_socket_mode", [](auto& c) -> auto& { return c.server.private_side.unix_socket_mode; },
      "Permissions of private.unix_socket: who may write to it may connect."));
  table.push_back(make_integer(
      "private.max_connections", 1, 10'000, [](auto& c) -> auto& { return c.server.private_side.max_connections; },
      "Connections of operators at once, beside server.max_connections; further ones are told 503."));
}

}  // namespace mintmark::app
