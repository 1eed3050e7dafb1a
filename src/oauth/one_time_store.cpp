#include "mintmark/oauth/one_time_store.hpp"

namespace mintmark::oauth {

std::string_view name(OneTimeKind kind) noexcept {
  switch (kind) {
    case OneTimeKind::authorization_code:
      return "authorization_code";
    case OneTimeKind::client_assertion:
      return "client_assertion";
    case OneTimeKind::dpop_proof:
      break;
  }
  return "dpop_proof";
}

}  // namespace mintmark::oauth
