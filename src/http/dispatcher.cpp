#include "dispatcher.hpp"

#include <utility>

namespace mintmark::http {
namespace {

Answer render_status(unsigned status, std::string body) {
  Answer answer{.status = status, .body = std::move(body)};
  add_field(answer, "Cache-Control", "no-store");
  return answer;
}

Answer render_not_ready() {
  Answer answer = render_status(503, R"({"status":"not ready"})");
  add_field(answer, "Retry-After", "1");
  return answer;
}

Answer render_wrong_method(Route route) {
  Answer answer = render_refusal(405, "this method is not allowed here");
  add_field(answer, "Allow", allowed_methods(route));
  return answer;
}

}  // namespace

Dispatcher::Dispatcher(ServerState& state)
    : state_(state),
      services_(state.services),
      routes_(services_.issuer),
      token_route_(services_, state.settings),
      inquiry_route_(services_, state.settings),
      cors_(services_, state.settings),
      documents_(services_) {}

Reaction Dispatcher::react(const Request& request, const Exchange& exchange) {
  const Route route = find_route(request);
  if (route == Route::other) return render_refusal(404, "there is nothing at this path");
  if (route == Route::metrics && services_.metrics == nullptr) return render_refusal(404, "there are no metrics");
  switch (request.method) {
    case Method::post:
      return post(route, request, exchange);
    case Method::options:
      return answer_options(route, request, exchange);
    case Method::get:
    case Method::head:
      return read(route, request);
    case Method::other:
      break;
  }
  return render_wrong_method(route);
}

Reaction Dispatcher::post(Route route, const Request& request, const Exchange& exchange) const {
  switch (route) {
    case Route::token:
      return token_route_.post(request, exchange);
    case Route::introspection:
      return inquiry_route_.introspect(request, exchange);
    case Route::revocation:
      return inquiry_route_.revoke(request, exchange);
    default:
      return render_wrong_method(route);
  }
}

Reaction Dispatcher::answer_options(Route route, const Request& request, const Exchange& exchange) const {
  switch (route) {
    case Route::token:
    case Route::revocation:
      return cors_.options(route, request, exchange);
    case Route::jwks:
    case Route::metadata:
    case Route::openapi:
      return render_document_preflight();
    default:
      return render_wrong_method(route);
  }
}

/// GET and HEAD, which differ only in what is sent.
Reaction Dispatcher::read(Route route, const Request& request) {
  switch (route) {
    case Route::jwks:
      return documents_.get_jwks(request);
    case Route::metadata:
      return documents_.get_metadata(request);
    case Route::openapi:
      return documents_.get_openapi(request);
    case Route::health:
      return render_status(200, R"({"status":"ok"})");
    case Route::readiness:
      return get_readiness();
    case Route::metrics:
      return get_metrics();
    case Route::token:
    case Route::introspection:
    case Route::revocation:
    case Route::other:
      break;
  }
  return render_wrong_method(route);
}

Reaction Dispatcher::get_readiness() const {
  if (state_.leaving.load(std::memory_order_relaxed)) return render_not_ready();
  const auto check = [this] {
    const Result<void> ready = services_.readiness.check_ready(services_.clock.now());
    return ready ? render_status(200, R"({"status":"ready"})") : render_not_ready();
  };
  return Deferred{pool_for_checks(), check, render_not_ready()};
}

Reaction Dispatcher::get_metrics() const {
  const auto render = [this] {
    Answer answer = render_status(200, services_.metrics->render_metrics());
    answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
    return answer;
  };
  return Deferred{state_.operations_pool, render,
                  render_oauth_error({oauth::OAuthCode::temporarily_unavailable, "too many requests at once"},
                                     HeaderAuth::absent, {})};
}

WorkerPool& Dispatcher::pool_for_checks() const noexcept {
  return state_.audience == Audience::operators ? state_.operations_pool : services_.storage_pool;
}

}  // namespace mintmark::http
