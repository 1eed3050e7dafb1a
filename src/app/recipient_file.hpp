#pragma once
// Files with the key that an API wants its tokens encrypted to. Thread safety: pure functions.

#include "mintmark/base/secret.hpp"
#include "mintmark/oauth/token_encryption.hpp"

namespace mintmark::app {

/// The public JWK in `text`: a JWK, the one key of a JWKS that `alg` can be used with, or a public key or certificate
/// in PEM. Errors: invalid, unsupported, with what keeps it from being used.
Result<Json> read_recipient_jwk(const Secret& text, jose::KeyManagement alg);

}  // namespace mintmark::app
