#pragma once
// An answer before it is bytes, the one table of how errors look (RFC 6749 §5.2, for every status), and the bytes.
// Thread safety: pure functions.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/oauth/client.hpp"
#include "mintmark/oauth/oauth_error.hpp"
#include "mintmark/oauth/token_issuer.hpp"

namespace mintmark::http {

struct Answer {
  unsigned status = 200;
  std::string_view content_type = "application/json";  ///< a literal; not sent without a body
  std::string fields = {};                             ///< further header fields, each with its line end
  std::string body = {};
  std::optional<oauth::OAuthCode> error = {};  ///< for the log; so is
  std::optional<oauth::GrantType> grant = {};  ///< what a token request came to
};

/// Appends "name: value" as one field. Requires: `value` has no control characters.
void add_field(Answer& answer, std::string_view name, std::string_view value);

/// RFC 6749 §5.1.
Answer render_token_response(const oauth::TokenResponse& response);

/// Whether the client tried to authenticate by the Authorization header.
enum class HeaderAuth { absent, present };

/// RFC 6749 §5.2. A 500 carries `request_id` for the client to quote; nothing else of an error leaves but its literals.
Answer render_oauth_error(const oauth::OAuthError& error, HeaderAuth header_auth, std::string_view request_id);

/// The same shape for what HTTP itself refuses: `status` is 4xx or 501.
Answer render_refusal(unsigned status, oauth::ClientText text);

/// What the connection adds to an answer.
struct AnswerFrame {
  std::string_view date;        ///< see HttpDate
  std::string_view request_id;  ///< not sent if empty
  bool close = false;           ///< tell the client that the connection ends
  bool head_only = false;       ///< for HEAD: all fields, no body
};

/// Appends the whole answer, so that one write sends it.
void append_answer(std::string& out, const Answer& answer, const AnswerFrame& frame);

}  // namespace mintmark::http
