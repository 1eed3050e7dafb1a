#include "mintmark/http/access_log.hpp"

namespace mintmark::http {

std::string_view name(Method method) noexcept {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::head:
      return "HEAD";
    case Method::post:
      return "POST";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return "OTHER";
}

std::string_view name(Route route) noexcept {
  switch (route) {
    case Route::token:
      return "token";
    case Route::introspection:
      return "introspection";
    case Route::revocation:
      return "revocation";
    case Route::jwks:
      return "jwks";
    case Route::metadata:
      return "metadata";
    case Route::openapi:
      return "openapi";
    case Route::health:
      return "health";
    case Route::readiness:
      return "readiness";
    case Route::metrics:
      return "metrics";
    case Route::other:
      break;
  }
  return "other";
}

std::string_view name(ConnectionRefusal refusal) noexcept {
  return refusal == ConnectionRefusal::too_many ? "too_many" : "too_many_of_source";
}

}  // namespace mintmark::http
