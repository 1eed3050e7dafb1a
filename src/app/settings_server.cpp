#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

using namespace std::chrono_literals;

void append_server(std::vector<Setting>& table) {
  table.push_back(make_text(
      "server.address", [](auto& c) -> auto& { return c.server.address; },
      "IPv4 or IPv6 address to listen on. \"::\" listens on all of both."));
  table.push_back(make_integer(
      "server.port", 0, 65535, [](auto& c) -> auto& { return c.server.port; }, "TCP port; 0 takes any free one."));
  table.push_back(make_integer(
      "server.threads", 0, 1024, [](auto& c) -> auto& { return c.server.threads; },
      "Network threads; 0 is one for each CPU."));
  table.push_back(make_duration(
      "server.request_deadline", 100ms, 10min, [](auto& c) -> auto& { return c.server.request_deadline; },
      "From the first byte of a request to its last; afterwards 408. Also how long a request may wait "
      "for a thread; afterwards 503."));
  table.push_back(make_duration(
      "server.write_deadline", 100ms, 10min, [](auto& c) -> auto& { return c.server.write_deadline; },
      "For a client to take an answer; afterwards the connection is cut."));
  table.push_back(make_duration(
      "server.idle_timeout", 100ms, 1h, [](auto& c) -> auto& { return c.server.idle_timeout; },
      "How long a connection may be silent between requests."));
  table.push_back(make_byte_size(
      "server.max_header_size", 1024, 1 << 20U, [](auto& c) -> auto& { return c.server.max_header_bytes; },
      "Request line and header fields together; beyond it 431."));
  table.push_back(make_byte_size(
      "server.max_body_size", 1024, 1 << 20U, [](auto& c) -> auto& { return c.server.max_body_bytes; },
      "Body of a request; beyond it 413."));
  table.push_back(make_integer(
      "server.max_connections", 1, 1'000'000, [](auto& c) -> auto& { return c.server.max_connections; },
      "Connections at once; further ones are told 503. Each needs a file descriptor: the service raises "
      "its limit to the hard one, and allows fewer connections, with a warning, where that is too low."));
  table.push_back(make_integer(
      "server.max_requests_per_connection", 1, 1'000'000'000,
      [](auto& c) -> auto& { return c.server.max_requests_per_connection; },
      "Afterwards the connection is closed, so that clients spread again."));
  table.push_back(make_duration(
      "server.drain_time", 0ms, 1h, [](auto& c) -> auto& { return c.server.drain_time; },
      "What requests in flight are given after SIGTERM. Keep it below the grace of whoever "
      "sends SIGTERM."));
  table.push_back(make_duration(
      "server.cors_max_age", 0ms, 24h, [](auto& c) -> auto& { return c.server.cors_max_age; },
      "How long a browser may remember a preflight answer."));
}

}  // namespace mintmark::app
