#include "mintmark/http/answer.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "mintmark/base/json_writer.hpp"

namespace mintmark::http {
namespace {

using oauth::OAuthCode;

/// RFC 6749 §5.1: no cache may keep a token; here, nor any other answer that is not a public document.
constexpr std::string_view kNoStore = "Cache-Control: no-store\r\nPragma: no-cache\r\n";
constexpr Duration kDefaultRetry = std::chrono::seconds(1);

std::string_view status_line(unsigned status) noexcept {
  switch (status) {
    case 200:
      return "HTTP/1.1 200 OK\r\n";
    case 204:
      return "HTTP/1.1 204 No Content\r\n";
    case 304:
      return "HTTP/1.1 304 Not Modified\r\n";
    case 400:
      return "HTTP/1.1 400 Bad Request\r\n";
    case 401:
      return "HTTP/1.1 401 Unauthorized\r\n";
    case 404:
      return "HTTP/1.1 404 Not Found\r\n";
    case 405:
      return "HTTP/1.1 405 Method Not Allowed\r\n";
    case 408:
      return "HTTP/1.1 408 Request Timeout\r\n";
    case 411:
      return "HTTP/1.1 411 Length Required\r\n";
    case 413:
      return "HTTP/1.1 413 Content Too Large\r\n";
    case 414:
      return "HTTP/1.1 414 URI Too Long\r\n";
    case 415:
      return "HTTP/1.1 415 Unsupported Media Type\r\n";
    case 417:
      return "HTTP/1.1 417 Expectation Failed\r\n";
    case 429:
      return "HTTP/1.1 429 Too Many Requests\r\n";
    case 431:
      return "HTTP/1.1 431 Request Header Fields Too Large\r\n";
    case 501:
      return "HTTP/1.1 501 Not Implemented\r\n";
    case 503:
      return "HTTP/1.1 503 Service Unavailable\r\n";
    default:
      return "HTTP/1.1 500 Internal Server Error\r\n";
  }
}

void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(digits, static_cast<std::size_t>(end - digits));
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// Whole seconds, rounded up: a client that comes back sooner would come too soon.
void add_retry_after(Answer& answer, Duration delay) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::max(delay, kDefaultRetry));
  answer.fields += "Retry-After: ";
  append_number(answer.fields, seconds.count());
  answer.fields += "\r\n";
}

}  // namespace

void add_field(Answer& answer, std::string_view name, std::string_view value) {
  append_field(answer.fields, name, value);
}

Answer render_token_response(const oauth::TokenResponse& response) {
  Answer answer;
  answer.fields = kNoStore;
  // Growing would leave copies of the tokens behind.
  constexpr std::size_t kNamesBytes = 240;
  answer.body.reserve(response.access_token.size() + response.scope.size() + kNamesBytes);
  JsonWriter json(answer.body);
  json.begin_object()
      .member("access_token", response.access_token)
      .member("token_type", oauth::name(response.token_type))
      .member("expires_in", std::int64_t{std::chrono::floor<std::chrono::seconds>(response.expires_in).count()});
  if (!response.scope.empty()) json.member("scope", response.scope);
  if (response.issued_token_type) json.member("issued_token_type", oauth::name(*response.issued_token_type));
  if (response.refresh_token) json.member("refresh_token", response.refresh_token->reveal_text());
  json.end_object();
  return answer;
}

Answer render_oauth_error(const oauth::OAuthError& error, HeaderAuth header_auth, std::string_view request_id) {
  Answer answer{.status = oauth::http_status(error.code), .fields = std::string(kNoStore), .error = error.code};
  JsonWriter json(answer.body);
  json.begin_object().member("error", oauth::name(error.code)).member("error_description", error.description.str());
  if (error.code == OAuthCode::server_error) json.member("request_id", request_id);
  json.end_object();
  if (error.code == OAuthCode::invalid_client && header_auth == HeaderAuth::present) {
    add_field(answer, "WWW-Authenticate", R"(Basic realm="mintmark", charset="UTF-8")");
  }
  if (error.code == OAuthCode::slow_down || error.code == OAuthCode::temporarily_unavailable) {
    add_retry_after(answer, error.retry_after.value_or(kDefaultRetry));
  }
  return answer;
}

Answer render_refusal(unsigned status, oauth::ClientText text) {
  Answer answer = render_oauth_error({OAuthCode::invalid_request, text}, HeaderAuth::absent, {});
  answer.status = status;
  return answer;
}

void append_answer(std::string& out, const Answer& answer, const AnswerFrame& frame) {
  constexpr std::size_t kFrameBytes = 320;
  const bool has_content = answer.status != 204 && answer.status != 304;
  out.reserve(out.size() + answer.fields.size() + answer.body.size() + kFrameBytes);
  out += status_line(answer.status);
  append_field(out, "Date", frame.date);
  if (has_content) {
    append_field(out, "Content-Type", answer.content_type);
    out += "Content-Length: ";
    append_number(out, static_cast<std::int64_t>(answer.body.size()));
    out += "\r\n";
  }
  out += answer.fields;
  out += "X-Content-Type-Options: nosniff\r\n";
  if (!frame.request_id.empty()) append_field(out, "X-Request-Id", frame.request_id);
  if (frame.close) out += "Connection: close\r\n";
  out += "\r\n";
  if (has_content && !frame.head_only) out += answer.body;
}

}  // namespace mintmark::http
