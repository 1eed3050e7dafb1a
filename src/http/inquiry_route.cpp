#include "inquiry_route.hpp"

#include <utility>

#include "form_request.hpp"

namespace mintmark::http {
namespace {

using oauth::IntrospectionFormat;
using oauth::TokenQuestion;

constexpr std::string_view kIntrospectionJwt = "application/token-introspection+jwt";

/// RFC 7009 §2.1, RFC 7662 §2.1: a form, and nothing else.
Result<TokenQuestion, Answer> read_question(const Request& request, const Exchange& exchange) {
  const Result<BodyFormat, Answer> format = read_body_format(request);
  if (!format) return format.error();
  if (*format != BodyFormat::form) {
    return render_refusal(415, "Content-Type must be application/x-www-form-urlencoded");
  }
  Result<Parameters, Answer> parameters = read_form(request);
  if (!parameters) return std::move(parameters).error();
  oauth::OAuthResult<TokenQuestion> question =
      oauth::parse_token_question(*std::move(parameters), read_authorization(request));
  if (!question) return render_oauth_error(question.error(), header_auth(request), exchange.request_id);
  question->certificate = exchange.certificate;
  return *std::move(question);
}

Answer render_busy_pool(const Request& request, const WorkerPool& pool) {
  const oauth::OAuthError busy{oauth::OAuthCode::temporarily_unavailable, "too many requests at once",
                               pool.expected_wait()};
  return render_oauth_error(busy, header_auth(request), {});
}

/// Nothing that may be kept: what is active now may be ended a moment later.
Answer render_private(std::string body) {
  Answer answer{.body = std::move(body)};
  add_field(answer, "Cache-Control", "no-store");
  return answer;
}

Answer render_introspection(const oauth::OAuthResult<oauth::IntrospectionResponse>& response, const Request& request,
                            const Exchange& exchange) {
  if (!response) return render_oauth_error(response.error(), header_auth(request), exchange.request_id);
  Answer answer = render_private(response->body);
  if (response->format == IntrospectionFormat::jwt) answer.content_type = kIntrospectionJwt;
  add_field(answer, "Vary", "Accept");
  return answer;
}

Answer render_revocation(const oauth::OAuthResult<void>& result, const Request& request, const Exchange& exchange) {
  if (!result) return render_oauth_error(result.error(), header_auth(request), exchange.request_id);
  return render_private("{}");
}

}  // namespace

Reaction InquiryRoute::introspect(const Request& request, const Exchange& exchange) const {
  const oauth::RequestContext arrival = context_of(exchange, services_.clock.now());
  if (const oauth::OAuthResult<void> admitted = services_.token_endpoint.admit_source(arrival); !admitted) {
    return render_oauth_error(admitted.error(), header_auth(request), {});
  }
  Result<TokenQuestion, Answer> question = read_question(request, exchange);
  if (!question) return std::move(question).error();
  const bool wants_jwt = request.accept && prefers(*request.accept, kIntrospectionJwt);
  const auto job = [this, &request, &exchange, asked = *std::move(question), wants_jwt] {
    const IntrospectionFormat format = wants_jwt ? IntrospectionFormat::jwt : IntrospectionFormat::json;
    const oauth::RequestContext context = context_of(exchange, services_.clock.now());
    return render_introspection(services_.inquiries.introspect(asked, format, context), request, exchange);
  };
  return Deferred{services_.storage_pool, job, render_busy_pool(request, services_.storage_pool)};
}

Reaction InquiryRoute::revoke(const Request& request, const Exchange& exchange) const {
  const oauth::RequestContext arrival = context_of(exchange, services_.clock.now());
  if (const oauth::OAuthResult<void> admitted = services_.token_endpoint.admit_source(arrival); !admitted) {
    return Cors::share_with_all(request, render_oauth_error(admitted.error(), header_auth(request), {}));
  }
  Result<TokenQuestion, Answer> question = read_question(request, exchange);
  if (!question) return cors_.share_with_unknown(request, exchange, std::move(question).error());
  const auto job = [this, &request, &exchange, asked = *std::move(question)] {
    const oauth::RequestContext context = context_of(exchange, services_.clock.now());
    const oauth::RevocationOutcome outcome = services_.inquiries.revoke(asked, context);
    Answer answer = render_revocation(outcome.result, request, exchange);
    if (outcome.client) return Cors::share_with_client(*outcome.client, request, std::move(answer));
    return resolve(cors_.share_with_unknown(request, exchange, std::move(answer)));
  };
  return Deferred{services_.storage_pool, job,
                  Cors::share_with_all(request, render_busy_pool(request, services_.storage_pool))};
}

}  // namespace mintmark::http
