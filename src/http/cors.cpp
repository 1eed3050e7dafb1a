#include "cors.hpp"

#include <chrono>
#include <utility>

#include "mintmark/base/contains.hpp"
#include "mintmark/http/routes.hpp"

namespace mintmark::http {
namespace {

/// Requires: `origin` is one that a client is registered with, or "*".
Answer share_with(Answer answer, std::string_view origin) {
  add_field(answer, "Access-Control-Allow-Origin", origin);
  add_field(answer, "Access-Control-Expose-Headers", "DPoP-Nonce, Retry-After, WWW-Authenticate, X-Request-Id");
  return answer;
}

}  // namespace

Answer vary_by_origin(Answer answer) {
  add_field(answer, "Vary", "Origin");
  return answer;
}

Answer Cors::share_with_client(const oauth::Client& client, const Request& request, Answer answer) {
  answer = vary_by_origin(std::move(answer));
  if (!request.origin || !contains(client.cors_origins, *request.origin)) return answer;
  return share_with(std::move(answer), *request.origin);
}

Answer Cors::share_with_all(const Request& request, Answer answer) {
  answer = vary_by_origin(std::move(answer));
  return request.origin ? share_with(std::move(answer), "*") : answer;
}

Reaction Cors::share_with_unknown(const Request& request, const Exchange& exchange, Answer answer) const {
  answer = vary_by_origin(std::move(answer));
  if (!request.origin) return answer;
  Answer unshared = answer;
  return Deferred{services_.storage_pool,
                  [this, &request, &exchange, answer = std::move(answer)] {
                    return any_client_allows(*request.origin, exchange) ? share_with(answer, *request.origin) : answer;
                  },
                  std::move(unshared)};
}

/// May block.
bool Cors::any_client_allows(std::string_view origin, const Exchange& exchange) const {
  const Result<bool> allowed = services_.directory.allows_cors_origin(origin);
  if (allowed) return *allowed;
  services_.access_log.server_problem(exchange.request_id, allowed.error());
  return false;
}

Reaction Cors::options(Route route, const Request& request, const Exchange& exchange) const {
  if (!request.origin || !request.access_control_request_method) {
    Answer answer = vary_by_origin({.status = 204});
    add_field(answer, "Allow", allowed_methods(route));
    return answer;
  }
  return Deferred{
      services_.storage_pool, [this, &request, &exchange] { return render_preflight(*request.origin, exchange); },
      vary_by_origin(render_oauth_error({oauth::OAuthCode::temporarily_unavailable, "too many requests at once"},
                                        HeaderAuth::absent, {}))};
}

/// No Access-Control-Allow-Credentials: cookies mean nothing here.
Answer Cors::render_preflight(std::string_view origin, const Exchange& exchange) const {
  Answer answer = vary_by_origin({.status = 204});
  if (!any_client_allows(origin, exchange)) return answer;
  add_field(answer, "Access-Control-Allow-Origin", origin);
  add_field(answer, "Access-Control-Allow-Methods", "POST");
  add_field(answer, "Access-Control-Allow-Headers", "authorization, content-type, dpop");
  const auto max_age = std::chrono::floor<std::chrono::seconds>(settings_.load()->options.cors_max_age);
  add_field(answer, "Access-Control-Max-Age", std::to_string(max_age.count()));
  return answer;
}

}  // namespace mintmark::http
