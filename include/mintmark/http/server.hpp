#pragma once
// The HTTP/1.1 server. Its public side, by TCP (plain or TLS), a Unix-domain socket or sockets that systemd hands over,
// serves {issuer path}/token, the public documents, /healthz and /readyz: N network threads, each with its own event
// loop and its own listener on one port, share nothing but immutable snapshots. Its private side, on a thread of its
// own, serves operators: /metrics, /healthz and /readyz.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/http/client_cert.hpp"
#include "mintmark/http/forwarded.hpp"
#include "mintmark/http/services.hpp"
#include "mintmark/http/tls_options.hpp"

namespace mintmark::http {

/// The private side: plain HTTP, for scrapers and probes of the operator's own network. Members as of ServerOptions.
struct PrivateOptions {
  std::string address = "127.0.0.1";
  std::optional<std::uint16_t> port = 8081;
  std::filesystem::path unix_socket = {};
  std::uint32_t unix_socket_mode = 0660;
  /// Its own, so that a flood of clients does not lock the operator out.
  std::size_t max_connections = 64;
};

/// A listening stream socket that somebody else bound, as systemd does (sd_listen_fds(3)).
struct ActivatedSocket {
  int descriptor;  ///< stays the caller's: the server listens on a duplicate
  bool is_private;
};

struct ServerOptions {
  /// An IPv4 or IPv6 address; "::" listens on IPv4 too.
  std::string address = "127.0.0.1";
  /// 0: any free one, see Server::port(). None: no TCP.
  std::optional<std::uint16_t> port = 8080;
  /// A Unix-domain socket beside it; empty: none. What a dead server left there is replaced; it is removed at the end.
  std::filesystem::path unix_socket = {};
  /// Permissions of unix_socket: who may write to it may connect.
  std::uint32_t unix_socket_mode = 0660;
  /// Network threads; 0: one per CPU. More than CPUs only cost.
  unsigned threads = 0;
  /// From the first byte of a request to its last; afterwards 408. Higher holds connections of slow clients for longer.
  /// Also what a TLS handshake may take, and what a complete request may wait for a thread of a pool; afterwards 503.
  Duration request_deadline = std::chrono::seconds(10);
  /// For a client to take an answer; afterwards the connection is cut.
  Duration write_deadline = std::chrono::seconds(10);
  /// How long a connection may be silent between requests, and before the first.
  Duration idle_timeout = std::chrono::seconds(60);
  /// Request line and header fields together; beyond it 414 or 431. Each busy connection may need as much memory.
  std::size_t max_header_bytes = std::size_t{8} * 1024;
  /// Beyond it 413. Each busy connection may need as much memory.
  std::size_t max_body_bytes = std::size_t{32} * 1024;
  /// Of all public threads together; the next ones are told 503 (with TLS: nothing) and closed. Each needs a file
  /// descriptor, which the caller sees to.
  std::size_t max_connections = 10'000;
  /// Of one source network (an IPv4 address, an IPv6 /64), by the address of the peer; trusted proxies and peers on
  /// Unix-domain sockets are not counted. 0: no limit. Too low locks out large networks behind one address.
  std::size_t max_connections_per_source = 1'000;
  /// Peers whose word on whom a request is from is believed. A client inside of them can claim to be anybody.
  TrustedProxies trusted_proxies = {};
  /// Where they say it.
  ForwardedHeader forwarded_header = ForwardedHeader::x_forwarded_for;
  /// Whether their Client-Cert field is the client's certificate. Whoever can write that field can be any client that
  /// authenticates by one, so they must remove what clients send.
  ClientCertField client_cert_field = ClientCertField::ignored;
  /// Afterwards the connection is closed, so that clients spread again over instances and threads.
  std::size_t max_requests_per_connection = 10'000;
  /// How long drain() goes on accepting, not ready but serving, for load balancers to notice: a few seconds in
  /// Kubernetes. Every answer is the last of its connection then.
  Duration drain_delay = std::chrono::seconds(0);
  /// What drain() then gives requests in flight. Both together below the grace of whoever sends SIGTERM (Kubernetes:
  /// 30 s).
  Duration drain_time = std::chrono::seconds(20);
  /// How long a browser may remember a preflight answer (whole seconds). Longer delays the withdrawal of an origin.
  Duration cors_max_age = std::chrono::minutes(10);
  /// Of the public side; without a certificate it is plain HTTP, for use behind a proxy.
  TlsOptions tls = {};
  PrivateOptions private_side = {};
  /// Where there are any for a side, they take the place of its addresses and Unix-domain socket.
  std::vector<ActivatedSocket> activated = {};
};

struct ServerLoad {
  std::size_t connections;  ///< open ones
  std::size_t max_connections;
};

/// Thread safety: all functions from any thread; none from a signal handler (see SignalWatcher).
class Server {
 public:
  /// Binds and listens; requests wait in the kernel until run(). Requires: what `services` refers to outlives the
  /// server. Errors: invalid (not an address; no public listener at all; TLS files that are no pair), unavailable:
  /// "cannot listen on 127.0.0.1:8080: Address already in use".
  static Result<std::unique_ptr<Server>> open(ServerOptions options, Services services);

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// The TCP port of a side; 0 where it has none.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] ServerLoad load() const;
  [[nodiscard]] std::uint16_t private_port() const noexcept;
  /// What a side listens on, for the log: "127.0.0.1:8080, unix:/run/mintmark.sock"; empty where it does not.
  [[nodiscard]] const std::string& addresses() const noexcept;
  [[nodiscard]] const std::string& private_addresses() const noexcept;

  /// Takes over what can change while serving: for the next request of every connection, TLS for new connections.
  /// Errors: invalid, and nothing changed, where anything differs that cannot change (addresses, ports, sockets and
  /// their modes, threads) or the TLS files cannot be used.
  Result<void> update(const ServerOptions& options);

  /// Reads the TLS files again, and takes them over for new connections where they have changed; renews the keys of
  /// session tickets once a day. True if another certificate is in use from now on. To be called every now and then.
  /// Errors: as of open(), and the former files stay in use. A pair that is being replaced file by file is given until
  /// the next call to become one.
  Result<bool> reload_certificate();
  /// The certificate in use; none without TLS.
  [[nodiscard]] std::optional<CertificateInfo> certificate() const;

  /// Serves until drain() or stop_now() has finished. Call once. Throws std::system_error where a network thread
  /// cannot be started.
  void run();

  /// Not ready at once; after ServerOptions::drain_delay stops accepting, closes idle connections, lets requests in
  /// flight finish, and cuts what is left after ServerOptions::drain_time. The private side serves until that is done.
  /// Returns at once; run() returns when it is done.
  void drain();

  /// Cuts every connection. run() returns as soon as the jobs that are on a pool's threads have ended.
  void stop_now();

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
