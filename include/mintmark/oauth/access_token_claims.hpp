#pragma once
// What an access token says (RFC 9068 §2.2): the one place that makes its claims.
// Thread safety: pure functions.

#include <string>
#include <string_view>

#include "mintmark/jose/jwt.hpp"
#include "mintmark/oauth/policy.hpp"

namespace mintmark::oauth {

/// `issuer` is `iss`.
void add_access_token_claims(jose::UnsignedClaims& claims, const Admission& admission, const std::string& issuer,
                             std::string_view jti, Instant now);

}  // namespace mintmark::oauth
