#pragma once
// What the server did, told to whoever logs and counts. Every label is of a closed set: no path, no header and nothing
// else that a client wrote is in it.
// Thread safety: the functions are called from any thread, must return soon and must not throw.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "mintmark/base/error.hpp"
#include "mintmark/base/trace_context.hpp"
#include "mintmark/oauth/client.hpp"
#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::http {

enum class Method { get, head, post, options, other };

/// `other` is every path that is not served, and every request that did not get as far as a path.
enum class Route { token, introspection, revocation, jwks, metadata, openapi, health, readiness, metrics, other };

/// "GET", … and "OTHER".
std::string_view name(Method method) noexcept;
/// The enumerator as it is spelt.
std::string_view name(Route route) noexcept;

/// Why a connection was closed before anything was read from it.
enum class ConnectionRefusal {
  too_many,            ///< ServerOptions::max_connections
  too_many_of_source,  ///< ServerOptions::max_connections_per_source
};

/// The enumerator as it is spelt.
std::string_view name(ConnectionRefusal refusal) noexcept;

struct ServedRequest {
  Method method;
  Route route;
  unsigned status;
  std::chrono::microseconds duration;  ///< from the first byte of the request to the last of the answer
  std::size_t answer_bytes;            ///< head and body, as far as they were sent
  bool complete = true;                ///< whether all of the answer was sent
  std::string_view request_id;
  /// The client's: the peer's own ("unix" for a Unix-domain socket), or what trusted proxies say.
  std::string_view remote_address;
  std::optional<oauth::OAuthCode> error;
  std::optional<oauth::GrantType> grant = {};  ///< that a token request came to, whatever became of it
  TraceContext trace = {};                     ///< as the client says
};

struct FailedHandshake {
  std::string_view remote_address;
  std::string_view reason;  ///< OpenSSL's literal text, or ours: of a closed set
};

class AccessLog {
 public:
  virtual ~AccessLog() = default;
  /// Once for each request that was answered, refused ones included.
  virtual void request_served(const ServedRequest& request) noexcept = 0;
  /// Something that should not happen: an exception in a handler (with the id that the client can quote), a connection
  /// that could not be accepted (without). The server goes on.
  virtual void server_problem(std::string_view request_id, const Error& error) noexcept = 0;
  /// A connection was told 503 and closed. `peer` is the address of the connection itself.
  virtual void connection_refused(ConnectionRefusal /*why*/, std::string_view /*peer*/) noexcept {}
  /// A client that did not get as far as a request, because TLS did not come about. Of interest to who counts or
  /// debugs, hence not everybody's duty.
  virtual void handshake_failed(const FailedHandshake& /*handshake*/) noexcept {}
};

}  // namespace mintmark::http
