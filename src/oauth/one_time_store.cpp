#include "mintmark/oauth/one_time_store.hpp"

#include <utility>

#include "mintmark/crypto/digest.hpp"

namespace mintmark::oauth {

std::string_view name(OneTimeKind kind) noexcept {
  switch (kind) {
    case OneTimeKind::authorization_code:
      return "authorization_code";
    case OneTimeKind::client_assertion:
      return "client_assertion";
    case OneTimeKind::dpop_proof:
      return "dpop_proof";
    case OneTimeKind::assertion_grant:
      return "assertion_grant";
    case OneTimeKind::revoked_token:
      break;
  }
  return "revoked_token";
}

OneTimeValue make_one_time_value(OneTimeKind kind, std::string issuer, std::string_view value, Instant expires_at) {
  return {kind, std::move(issuer), crypto::digest(crypto::Hash::sha256, as_bytes(value)), expires_at};
}

}  // namespace mintmark::oauth
