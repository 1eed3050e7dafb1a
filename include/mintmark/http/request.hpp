#pragma once
// One HTTP/1.1 request, and the parser that is fed its bytes. Beast reads the grammar of the head; what it tolerates
// and request smuggling lives on (RFC 9112 §11.2) is refused beside it. Thread safety: none.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/trace_context.hpp"
#include "mintmark/http/access_log.hpp"
#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::http {

/// The fields that something here acts upon; everything else that a client sends is dropped unread.
struct Request {
  Method method = Method::other;
  std::string_view path;                  ///< exactly as sent: nothing is decoded or normalised
  std::optional<std::string_view> query;  ///< without the question mark
  std::optional<std::string_view> accept;
  std::optional<std::string_view> access_control_request_method;
  std::optional<std::string_view> authorization;
  std::optional<std::string_view> client_cert;  ///< RFC 9440
  std::optional<std::string_view> content_type;
  std::optional<std::string_view> dpop;
  std::optional<std::string_view> if_none_match;
  std::optional<std::string_view> origin;
  TraceContext trace;           ///< empty where `traceparent` is not there, not valid or there twice
  std::string forwarded;        ///< RFC 7239: all lines of the field, in order, joined by commas (RFC 9110 §5.3)
  std::string x_forwarded_for;  ///< likewise
  std::string body;
  bool keep_alive = false;  ///< whether the client will send another one
};

/// Why a request is not worth routing.
struct Refusal {
  unsigned status;
  oauth::ClientText text;
};

class RequestParser {
 public:
  enum class State {
    head,      ///< needs more bytes of the head
    body,      ///< the head is read, the body is not
    complete,  ///< see request()
    refused,   ///< see refusal(); nothing after it can be understood, so the connection must be closed
  };

  /// Limits in bytes, see ServerOptions.
  RequestParser(std::size_t max_header_bytes, std::size_t max_body_bytes);
  RequestParser(RequestParser&&) noexcept;
  RequestParser& operator=(RequestParser&&) noexcept;
  /// Wipes what was sent: it may hold secrets.
  ~RequestParser();

  /// Reads on, and returns how many bytes from the front of `input` are used up. Call again with the rest and what
  /// follows it, never with the same bytes alone. Bytes after a complete request are left to the next parser.
  /// Requires: neither complete nor refused.
  std::size_t consume(std::string_view input);

  [[nodiscard]] State state() const noexcept;
  /// Its views live as long as the parser. Fields are there from State::body on; in State::refused as far as they got.
  [[nodiscard]] const Request& request() const noexcept;
  /// Requires: State::refused.
  [[nodiscard]] const Refusal& refusal() const noexcept;
  /// Whether the client waits for "100 Continue" before it sends the body (RFC 9110 §10.1.1).
  [[nodiscard]] bool expects_continue() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::http
