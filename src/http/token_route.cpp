#include "token_route.hpp"

#include <utility>

#include "form_request.hpp"

namespace mintmark::http {
namespace {

using oauth::OAuthCode;
using oauth::TokenRequest;
using oauth::Work;

/// Everything up to the rules of OAuth itself.
Result<TokenRequest, Answer> read_token_request(const Request& request, const Exchange& exchange,
                                                const oauth::DefaultLoginClient& default_client) {
  const Result<BodyFormat, Answer> format = read_body_format(request);
  if (!format) return format.error();
  const auto parse = [&]() -> Result<oauth::OAuthResult<TokenRequest>, Answer> {
    if (*format == BodyFormat::json) {
      return oauth::parse_json_token_request(request.body, read_authorization(request), default_client);
    }
    Result<Parameters, Answer> parameters = read_form(request);
    if (!parameters) return std::move(parameters).error();
    return oauth::parse_token_request(*std::move(parameters), read_authorization(request));
  };
  Result<oauth::OAuthResult<TokenRequest>, Answer> parsed = parse();
  if (!parsed) return std::move(parsed).error();
  if (!*parsed) return render_oauth_error((*parsed).error(), header_auth(request), exchange.request_id);
  TokenRequest asked = **std::move(parsed);
  if (request.dpop) asked.dpop = *request.dpop;
  asked.certificate = exchange.certificate;
  return asked;
}

Answer render_outcome(const oauth::OAuthResult<oauth::TokenResponse>& result, const Request& request,
                      const Exchange& exchange) {
  if (!result) return render_oauth_error(result.error(), header_auth(request), exchange.request_id);
  return render_token_response(*result);
}

}  // namespace

TokenRoute::TokenRoute(const Services& services, const Published<Settings>& settings)
    : services_(services), settings_(settings), cors_(services, settings) {}

Reaction TokenRoute::post(const Request& request, const Exchange& exchange) const {
  const Instant now = services_.clock.now();
  const oauth::RequestContext context = context_of(exchange, now);
  if (const oauth::OAuthResult<void> admitted = services_.token_endpoint.admit_source(context); !admitted) {
    // Says nothing but that this network is too busy, so any page may read it, and nobody looks up which.
    return Cors::share_with_all(request, render_oauth_error(admitted.error(), header_auth(request), {}));
  }
  Result<TokenRequest, Answer> asked = read_token_request(request, exchange, *services_.default_login_client.load());
  if (!asked) return cors_.share_with_unknown(request, exchange, std::move(asked).error());
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

Reaction TokenRoute::issue(const Request& request, const Exchange& exchange, const TokenRequest& asked,
                           Instant now) const {
  return finish(request, exchange, services_.token_endpoint.handle(asked, context_of(exchange, now)));
}

Reaction TokenRoute::finish(const Request& request, const Exchange& exchange,
                            const oauth::TokenOutcome& outcome) const {
  Answer answer = render_outcome(outcome.result, request, exchange);
  answer.grant = outcome.grant;
  if (outcome.dpop_nonce) add_field(answer, "DPoP-Nonce", *outcome.dpop_nonce);
  if (!outcome.client) return cors_.share_with_unknown(request, exchange, std::move(answer));
  return Cors::share_with_client(*outcome.client, request, std::move(answer));
}

Deferred TokenRoute::issue_later(WorkerPool& pool, const Request& request, const Exchange& exchange,
                                 TokenRequest asked) const {
  Answer if_busy = render_busy(request, asked, pool.expected_wait());
  return {pool,
          [this, &request, &exchange, asked = std::move(asked)] {
            return resolve(issue(request, exchange, asked, services_.clock.now()));
          },
          std::move(if_busy)};
}

/// Never blocks, so an origin is only recognised where the client is in memory.
Answer TokenRoute::render_busy(const Request& request, const TokenRequest& asked, Duration retry_after) const {
  const oauth::OAuthError busy{OAuthCode::temporarily_unavailable, "too many requests at once", retry_after};
  Answer answer = render_oauth_error(busy, header_auth(request), {});
  const std::shared_ptr<const oauth::Client> client =
      asked.client_id ? services_.directory.find_cached_client(ClientId(*asked.client_id)) : nullptr;
  if (!client) return vary_by_origin(std::move(answer));
  return Cors::share_with_client(*client, request, std::move(answer));
}

}  // namespace mintmark::http
