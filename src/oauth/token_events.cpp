#include "mintmark/oauth/token_events.hpp"

namespace mintmark::oauth {

std::string_view name(Endpoint endpoint) noexcept {
  switch (endpoint) {
    case Endpoint::token:
      return "token";
    case Endpoint::introspection:
      return "introspection";
    case Endpoint::revocation:
      break;
  }
  return "revocation";
}

}  // namespace mintmark::oauth
