#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {

using namespace std::chrono_literals;

void append_server(std::vector<Setting>& table) {
  table.push_back(make_text(
      "server.address", [](auto& c) -> auto& { return c.server.address; },
      "IPv4 or IPv6 address to listen on. \"::\" listens on all of both."));
  table.push_back(make_port(
      "server.port", [](auto& c) -> auto& { return c.server.port; },
      "TCP port; 0 takes any free one, \"off\" leaves a Unix-domain socket alone. Sockets that systemd hands over "
      "(other than those named \"private\") take the place of both."));
  table.push_back(make_path(
      "server.unix_socket", [](auto& c) -> auto& { return c.server.unix_socket; },
      "A Unix-domain socket to listen on too. One that a dead server left there is replaced."));
  table.push_back(make_file_mode(
      "server.unix_socket_mode", [](auto& c) -> auto& { return c.server.unix_socket_mode; },
      "Permissions of server.unix_socket: who may write to it may connect."));
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
      "server.max_connections_per_source", 0, 1'000'000,
      [](auto& c) -> auto& { return c.server.max_connections_per_source; },
      "Connections at once from one source network: an IPv4 address, an IPv6 /64. Trusted proxies are not counted. "
      "0: no limit."));
  table.push_back(make_list(
      "server.trusted_proxies", "a network such as \"10.0.0.0/8\", an address, or \"unix\"", http::add_trusted_proxy,
      http::render_trusted_proxies, [](auto& c) -> auto& { return c.server.trusted_proxies; },
      "Proxies whose word on a client's address is believed: networks without bits beyond their prefix, addresses, and "
      "\"unix\" for whoever connects to a Unix-domain socket. Without them all clients of a proxy are one source. A "
      "client inside of such a network can claim any address."));
  using enum http::ClientCertField;
  table.push_back(make_choice(
      "server.client_cert_header", std::vector{ignored, verified, any},
      [](http::ClientCertField field) { return http::name(field); },
      [](auto& c) -> auto& { return c.server.client_cert_field; },
      "Whether trusted proxies show the certificates of clients in Client-Cert (RFC 9440): \"verified\" where they "
      "pass "
      "on only what an authority for clients has signed, \"any\" where they pass on all. They must remove the field "
      "that a client sends."));
  table.push_back(make_choice(
      "server.forwarded_header", std::vector{http::ForwardedHeader::x_forwarded_for, http::ForwardedHeader::forwarded},
      [](http::ForwardedHeader header) { return http::name(header); },
      [](auto& c) -> auto& { return c.server.forwarded_header; },
      "The header in which trusted proxies say it, \"forwarded\" as RFC 7239 has it. One alone, because a client could "
      "write the one that its proxy leaves as it is."));
  table.push_back(make_integer(
      "server.max_requests_per_connection", 1, 1'000'000'000,
      [](auto& c) -> auto& { return c.server.max_requests_per_connection; },
      "Afterwards the connection is closed, so that clients spread again."));
  table.push_back(make_duration(
      "server.drain_delay", 0ms, 10min, [](auto& c) -> auto& { return c.server.drain_delay; },
      "How long connections are still accepted after SIGTERM, while /readyz already says 503: for load balancers to "
      "notice. In Kubernetes 5s; nothing where nobody asks for readiness."));
  table.push_back(make_duration(
      "server.drain_time", 0ms, 1h, [](auto& c) -> auto& { return c.server.drain_time; },
      "What requests in flight are given after that. Keep both together below the grace of whoever "
      "sends SIGTERM."));
  table.push_back(make_duration(
      "server.cors_max_age", 0ms, 24h, [](auto& c) -> auto& { return c.server.cors_max_age; },
      "How long a browser may remember a preflight answer."));
}

}  // namespace mintmark::app
