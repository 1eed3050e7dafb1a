#include "mintmark/http/routes.hpp"

namespace mintmark::http {

Routes::Routes(const oauth::Issuer& issuer)
    : paths_{{
          {issuer.path + "/token", Route::token},
          {issuer.path + "/introspect", Route::introspection},
          {issuer.path + "/revoke", Route::revocation},
          {issuer.path + "/.well-known/jwks.json", Route::jwks},
          // RFC 8414 §3.1 puts the issuer's path behind the well-known part, OpenID Connect Discovery §4 before it.
          {"/.well-known/oauth-authorization-server" + issuer.path, Route::metadata},
          {issuer.path + "/.well-known/openid-configuration", Route::metadata},
          {issuer.path + "/openapi.json", Route::openapi},
          {"/healthz", Route::health},
          {"/readyz", Route::readiness},
      }} {}

Route Routes::find(std::string_view path) const noexcept {
  for (const auto& [known, route] : paths_) {
    if (path == known) return route;
  }
  return Route::other;
}

Route find_private_route(std::string_view path) noexcept {
  if (path == "/metrics") return Route::metrics;
  if (path == "/healthz") return Route::health;
  if (path == "/readyz") return Route::readiness;
  return Route::other;
}

std::string_view allowed_methods(Route route) noexcept {
  switch (route) {
    case Route::token:
    case Route::revocation:
      return "POST, OPTIONS";
    case Route::introspection:
      return "POST";
    case Route::jwks:
    case Route::metadata:
    case Route::openapi:
      return "GET, HEAD, OPTIONS";
    case Route::health:
    case Route::readiness:
    case Route::metrics:
      return "GET, HEAD";
    case Route::other:
      break;
  }
  return {};
}

}  // namespace mintmark::http
