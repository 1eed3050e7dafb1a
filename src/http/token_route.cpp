#include "token_route.hpp"

#include <utility>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/form.hpp"
#include "mintmark/http/negotiation.hpp"
#include "mintmark/http/routes.hpp"

namespace mintmark::http {
namespace {

using oauth::OAuthCode;
using oauth::TokenRequest;
using oauth::Work;

HeaderAuth header_auth(const Request& request) noexcept {
  return request.authorization ? HeaderAuth::present : HeaderAuth::absent;
}

std::optional<Secret> read_authorization(const Request& request) {
  if (!request.authorization) return std::nullopt;
  return Secret(*request.authorization);
}

/// An answer that differs by origin, or may.
Answer vary_by_origin(Answer answer) {
  add_field(answer, "Vary", "Origin");
  return answer;
}

/// Requires: `origin` is one that a client is registered with.
Answer share_with(Answer answer, std::string_view origin) {
  add_field(answer, "Access-Control-Allow-Origin", origin);
  add_field(answer, "Access-Control-Expose-Headers", "DPoP-Nonce, Retry-After, WWW-Authenticate, X-Request-Id");
  return answer;
}

bool lists_origin(const oauth::Client& client, std::string_view origin) {
  return contains(client.cors_origins, origin);
}

Result<Parameters, Answer> read_form(std::string_view body) {
  Result<Parameters> parameters = parse_form(body);
  if (!parameters) return render_refusal(400, "the body is not a well-formed form");
  return *std::move(parameters);
}

/// Everything up to the rules of OAuth itself.
Result<TokenRequest, Answer> read_token_request(const Request& request, const Exchange& exchange,
                                                const oauth::DefaultLoginClient& default_client) {
  // RFC 6749 §2.3.1, §3.2: what stands in a URL stands in logs.
  if (request.query) return render_refusal(400, "parameters belong in the body, not in the URL");
  const std::optional<BodyFormat> format = find_body_format(request.content_type.value_or(""));
  if (!format) {
    return render_refusal(415, "Content-Type must be application/x-www-form-urlencoded or application/json");
  }
  const auto parse = [&]() -> Result<oauth::OAuthResult<TokenRequest>, Answer> {
    if (*format == BodyFormat::json) {
      return oauth::parse_json_token_request(request.body, read_authorization(request), default_client);
    }
    Result<Parameters, Answer> parameters = read_form(request.body);
    if (!parameters) return std::move(parameters).error();
    return oauth::parse_token_request(*std::move(parameters), read_authorization(request));
  };
  Result<oauth::OAuthResult<TokenRequest>, Answer> parsed = parse();
  if (!parsed) return std::move(parsed).error();
  if (!*parsed) return render_oauth_error((*parsed).error(), header_auth(request), exchange.request_id);
  TokenRequest asked = **std::move(parsed);
  if (request.dpop) asked.dpop = *request.dpop;
  return asked;
}

Answer render_outcome(const oauth::OAuthResult<oauth::TokenResponse>& result, const Request& request,
                      const Exchange& exchange) {
  if (!result) return render_oauth_error(result.error(), header_auth(request), exchange.request_id);
  return render_token_response(*result);
}

}  // namespace

TokenRoute::TokenRoute(const Services& services, const Published<Settings>& settings)
    : services_(services), settings_(settings) {}

Reaction TokenRoute::post(const Request& request, const Exchange& exchange) const {
  const Instant now = services_.clock.now();
  const oauth::RequestContext context{exchange.request_id, exchange.remote_address, now, exchange.trace};
  if (const oauth::OAuthResult<void> admitted = services_.token_endpoint.admit_source(context); !admitted) {
    return refuse_source(request, admitted.error());
  }
  Result<TokenRequest, Answer> asked = read_token_request(request, exchange, *services_.default_login_client.load());
  if (!asked) return refuse(request, exchange, vary_by_origin(std::move(asked).error()));
  const Work work = services_.token_endpoint.work_for(*asked, now);
  if (work == Work::immediate) return issue(request, exchange, *asked, now);
  if (std::optional<oauth::TokenOutcome> refused = services_.token_endpoint.refuse_early(*asked, context)) {
    return finish(request, exchange, *refused);
  }
  if (work == Work::storage) return issue_later(services_.storage_pool, request, exchange, *std::move(asked));
  // Who cannot be answered in time is told so now, and makes nobody else wait.
  if (services_.password_pool.expected_end() > settings_.load()->options.request_deadline) {
    return finish(request, exchange,
                  services_.token_endpoint.refuse_overload(*asked, services_.password_pool.expected_wait(), context));
  }
  return issue_later(services_.password_pool, request, exchange, *std::move(asked));
}

/// Says nothing but that this network is too busy, so any page may read it, and nobody looks up which.
Answer TokenRoute::refuse_source(const Request& request, const oauth::OAuthError& error) {
  Answer answer = vary_by_origin(render_oauth_error(error, header_auth(request), {}));
  return request.origin ? share_with(std::move(answer), "*") : answer;
}

/// An answer to a request whose client is not known: who may read it is a question to the store.
Reaction TokenRoute::refuse(const Request& request, const Exchange& exchange, Answer answer) const {
  if (!request.origin) return answer;
  Answer unshared = answer;
  return Deferred{services_.storage_pool,
                  [this, &request, &exchange, answer = std::move(answer)] {
                    return any_client_allows(*request.origin, exchange) ? share_with(answer, *request.origin) : answer;
                  },
                  std::move(unshared)};
}

Reaction TokenRoute::issue(const Request& request, const Exchange& exchange, const TokenRequest& asked,
                           Instant now) const {
  return finish(
      request, exchange,
      services_.token_endpoint.handle(asked, {exchange.request_id, exchange.remote_address, now, exchange.trace}));
}

Reaction TokenRoute::finish(const Request& request, const Exchange& exchange,
                            const oauth::TokenOutcome& outcome) const {
  Answer answer = vary_by_origin(render_outcome(outcome.result, request, exchange));
  answer.grant = outcome.grant;
  if (outcome.dpop_nonce) add_field(answer, "DPoP-Nonce", *outcome.dpop_nonce);
  if (!outcome.client) return refuse(request, exchange, std::move(answer));
  if (request.origin && lists_origin(*outcome.client, *request.origin)) {
    return share_with(std::move(answer), *request.origin);
  }
  return answer;
}

Deferred TokenRoute::issue_later(WorkerPool& pool, const Request& request, const Exchange& exchange,
                                 TokenRequest asked) const {
  Answer if_busy = render_busy(request, asked, pool.expected_wait());
  return {pool,
          [this, &request, &exchange, asked = std::move(asked)] {
            Reaction reaction = issue(request, exchange, asked, services_.clock.now());
            // On a pool's thread already, where the store may be asked without another hop.
            if (Deferred* deferred = std::get_if<Deferred>(&reaction)) return deferred->job();
            return std::get<Answer>(std::move(reaction));
          },
          std::move(if_busy)};
}

/// Never blocks, so an origin is only recognised where the client is in memory.
Answer TokenRoute::render_busy(const Request& request, const TokenRequest& asked, Duration retry_after) const {
  const oauth::OAuthError busy{OAuthCode::temporarily_unavailable, "too many requests at once", retry_after};
  Answer answer = vary_by_origin(render_oauth_error(busy, header_auth(request), {}));
  if (!request.origin || !asked.client_id) return answer;
  const std::shared_ptr<const oauth::Client> client =
      services_.directory.find_cached_client(ClientId(*asked.client_id));
  if (!client || !lists_origin(*client, *request.origin)) return answer;
  return share_with(std::move(answer), *request.origin);
}

/// May block.
bool TokenRoute::any_client_allows(std::string_view origin, const Exchange& exchange) const {
  const Result<bool> allowed = services_.directory.allows_cors_origin(origin);
  if (allowed) return *allowed;
  services_.access_log.server_problem(exchange.request_id, allowed.error());
  return false;
}

Reaction TokenRoute::options(const Request& request, const Exchange& exchange) const {
  if (!request.origin || !request.access_control_request_method) {
    Answer answer = vary_by_origin({.status = 204});
    add_field(answer, "Allow", allowed_methods(Route::token));
    return answer;
  }
  return Deferred{services_.storage_pool,
                  [this, &request, &exchange] { return render_preflight(*request.origin, exchange); },
                  vary_by_origin(render_oauth_error({OAuthCode::temporarily_unavailable, "too many requests at once"},
                                                    HeaderAuth::absent, {}))};
}

/// No Access-Control-Allow-Credentials: cookies mean nothing here.
Answer TokenRoute::render_preflight(std::string_view origin, const Exchange& exchange) const {
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
