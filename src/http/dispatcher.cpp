#include "dispatcher.hpp"

namespace mintmark::http {
namespace {

Answer render_status(unsigned status, std::string_view body) {
  Answer answer{.status = status, .body = std::string(body)};
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

Dispatcher::Dispatcher(const Services& services, const ServerOptions& options, const std::atomic<bool>& draining)
    : services_(services),
      draining_(draining),
      routes_(services.issuer),
      token_route_(services, options.cors_max_age),
      documents_(services) {}

Reaction Dispatcher::react(const Request& request, const Exchange& exchange) {
  const Route route = find_route(request);
  if (route == Route::other) return render_refusal(404, "there is nothing at this path");
  switch (request.method) {
    case Method::post:
      if (route == Route::token) return token_route_.post(request, exchange);
      break;
    case Method::options:
      if (route == Route::token) return token_route_.options(request, exchange);
      if (route == Route::jwks || route == Route::metadata) return render_document_preflight();
      break;
    case Method::get:
    case Method::head:
      return read(route, request);
    case Method::other:
      break;
  }
  return render_wrong_method(route);
}

/// GET and HEAD, which differ only in what is sent.
Reaction Dispatcher::read(Route route, const Request& request) {
  switch (route) {
    case Route::jwks:
      return documents_.get_jwks(request);
    case Route::metadata:
      return documents_.get_metadata(request);
    case Route::health:
      return render_status(200, R"({"status":"ok"})");
    case Route::readiness:
      return get_readiness();
    case Route::token:
    case Route::other:
      break;
  }
  return render_wrong_method(route);
}

Reaction Dispatcher::get_readiness() const {
  if (draining_.load(std::memory_order_relaxed)) return render_not_ready();
  const auto check = [this] {
    const Result<void> ready = services_.readiness.check_ready(services_.clock.now());
    return ready ? render_status(200, R"({"status":"ready"})") : render_not_ready();
  };
  return Deferred{services_.storage_pool, check, render_not_ready()};
}

}  // namespace mintmark::http
