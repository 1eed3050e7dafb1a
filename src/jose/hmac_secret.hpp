#pragma once
// What may be the secret of an HS* algorithm.

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/jose/alg.hpp"

namespace mintmark::jose {

/// At least as long as the hash (RFC 7518 §3.2), and not the text of a key of another kind: who verifies RS256 tokens
/// with a public key must not, by an exchange of `alg`, be made to verify HS256 ones with that key as the secret.
/// Requires: `alg` is symmetric. Errors: invalid.
Result<void> check_hmac_secret(Alg alg, const Secret& secret);

}  // namespace mintmark::jose
