#include "form_request.hpp"

#include <utility>

namespace mintmark::http {

HeaderAuth header_auth(const Request& request) noexcept {
  return request.authorization ? HeaderAuth::present : HeaderAuth::absent;
}

std::optional<Secret> read_authorization(const Request& request) {
  if (!request.authorization) return std::nullopt;
  return Secret(*request.authorization);
}

Result<BodyFormat, Answer> read_body_format(const Request& request) {
  // RFC 6749 §2.3.1, §3.2: what stands in a URL stands in logs.
  if (request.query) return render_refusal(400, "parameters belong in the body, not in the URL");
  const std::optional<BodyFormat> format = find_body_format(request.content_type.value_or(""));
  if (!format) {
    return render_refusal(415, "Content-Type must be application/x-www-form-urlencoded or application/json");
  }
  return *format;
}

Result<Parameters, Answer> read_form(const Request& request) {
  Result<Parameters> parameters = parse_form(request.body);
  if (!parameters) return render_refusal(400, "the body is not a well-formed form");
  return *std::move(parameters);
}

}  // namespace mintmark::http
