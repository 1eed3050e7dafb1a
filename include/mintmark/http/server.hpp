#pragma once
// The HTTP/1.1 server: N network threads, each with its own event loop and its own listener on one port, which share
// nothing but immutable snapshots. It serves {issuer path}/token, the public documents, /healthz and /readyz.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/http/forwarded.hpp"
#include "mintmark/http/services.hpp"

namespace mintmark::http {

struct ServerOptions {
  /// An IPv4 or IPv6 address; "::" listens on IPv4 too.
  std::string address = "127.0.0.1";
  /// 0: any free one, see Server::port().
  std::uint16_t port = 8080;
  /// Network threads; 0: one per CPU. More than CPUs only cost.
  unsigned threads = 0;
  /// From the first byte of a request to its last; afterwards 408. Higher holds connections of slow clients for longer.
  /// Also what a complete request may wait for a thread of a pool; afterwards 503.
  Duration request_deadline = std::chrono::seconds(10);
  /// For a client to take an answer; afterwards the connection is cut.
  Duration write_deadline = std::chrono::seconds(10);
  /// How long a connection may be silent between requests, and before the first.
  Duration idle_timeout = std::chrono::seconds(60);
  /// Request line and header fields together; beyond it 414 or 431. Each busy connection may need as much memory.
  std::size_t max_header_bytes = std::size_t{8} * 1024;
  /// Beyond it 413. Each busy connection may need as much memory.
  std::size_t max_body_bytes = std::size_t{32} * 1024;
  /// Of all threads together; the next ones are told 503 and closed. Each needs a file descriptor, which the
  /// caller sees to.
  std::size_t max_connections = 10'000;
  /// Of one source network (an IPv4 address, an IPv6 /64), by the address of the peer; trusted proxies and peers on
  /// Unix-domain sockets are not counted. 0: no limit. Too low locks out large networks behind one address.
  std::size_t max_connections_per_source = 1'000;
  /// Peers whose word on whom a request is from is believed. A client inside of them can claim to be anybody.
  TrustedProxies trusted_proxies = {};
  /// Where they say it.
  ForwardedHeader forwarded_header = ForwardedHeader::x_forwarded_for;
  /// Afterwards the connection is closed, so that clients spread again over instances and threads.
  std::size_t max_requests_per_connection = 10'000;
  /// What drain() gives requests in flight. Below the grace of whoever sends SIGTERM (Kubernetes: 30 s).
  Duration drain_time = std::chrono::seconds(20);
  /// How long a browser may remember a preflight answer (whole seconds). Longer delays the withdrawal of an origin.
  Duration cors_max_age = std::chrono::minutes(10);
};

struct ServerLoad {
  std::size_t connections;  ///< open ones
  std::size_t max_connections;
};

/// Thread safety: all functions from any thread; none from a signal handler (see SignalWatcher).
class Server {
 public:
  /// Binds and listens; requests wait in the kernel until run(). Requires: what `services` refers to outlives the
  /// server. Errors: invalid (not an address), unavailable: "cannot listen on 127.0.0.1:8080: Address already in use".
  static Result<std::unique_ptr<Server>> open(ServerOptions options, Services services);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] ServerLoad load() const noexcept;

  /// Serves until drain() or stop_now() has finished. Call once. Throws std::system_error where a network thread
  /// cannot be started.
  void run();

  /// Stops accepting, closes idle connections, lets requests in flight finish, and cuts what is left after
  /// ServerOptions::drain_time. Returns at once; run() returns when it is done.
  void drain();

  /// Cuts every connection. run() returns as soon as the jobs that are on a pool's threads have ended.
  void stop_now();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
