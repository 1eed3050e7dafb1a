#pragma once
// Proof of possession: a JWS that is signed with the key in its own header (RFC 9449 §4.2). It proves that somebody has
// that key, and nothing about who he is: for that, keys of a header are never believed (see jws.hpp).
// Thread safety: pure functions. Errors: invalid, crypto, unsupported, with a reason fit for a log.

#include <string>
#include <string_view>

#include "mintmark/jose/jws.hpp"

namespace mintmark::jose {

struct PossessionProof {
  Json claims;
  std::string typ;
  std::string thumbprint;  ///< of the key: RFC 7638, SHA-256
};

/// The key must be public, of a type that is ours, and fit `alg`, which is never symmetric.
Result<PossessionProof> verify_possession(std::string_view token, std::size_t max_bytes);

}  // namespace mintmark::jose
