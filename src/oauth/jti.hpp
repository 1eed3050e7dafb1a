#pragma once
// The `jti` of what is good for once. Thread safety: pure functions.

#include <string>

#include "mintmark/base/json.hpp"
#include "mintmark/oauth/one_time_store.hpp"

namespace mintmark::oauth {

/// To be consumed, and remembered until `expires_at`, apart from those of other issuers. Errors: invalid, where it is
/// missing, empty or longer than 255 bytes.
Result<OneTimeValue> read_jti(const Json& claims, OneTimeKind kind, std::string issuer, Instant expires_at);

}  // namespace mintmark::oauth
