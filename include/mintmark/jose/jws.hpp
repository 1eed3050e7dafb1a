#pragma once
// JWS in compact serialization (RFC 7515 §7.1).
// Thread safety: pure functions. Errors of verification: invalid (not a JWS that we accept), crypto (signature), all
// with a reason fit for a log; none tells more than that.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mintmark/jose/key.hpp"

namespace mintmark::jose {

/// Header parameters that a caller may choose. `alg` and `kid` are the key's.
struct JwsHeader {
  std::string_view typ = {};  ///< left out if empty
  std::string_view cty = {};  ///< left out if empty
};

Result<std::string> sign_jws(const SigningKey& key, const JwsHeader& header, ByteView payload);

struct VerifiedJws {
  Alg alg;
  KeyId kid;  ///< of the key that verified
  std::string typ;
  Json header;
  Bytes payload;
};

/// The key is chosen among `keys` by the header's `kid` where it has one, else by `alg` alone; a key without a
/// `kid`, as from PEM, answers to any. Its own algorithm must be the header's. `jwk`, `jku`, `x5u` and `x5c` are never
/// read; any `crit` is refused; `none` does not exist.
Result<VerifiedJws> verify_jws(std::string_view token, std::span<const VerificationKey> keys,
                               std::size_t max_bytes = 64 * 1024);

/// What a token says of itself, believed by nobody: for `mintmark token decode` only.
struct UnverifiedJws {
  Json header;
  Bytes payload;
};
Result<UnverifiedJws> decode_unverified(std::string_view token, std::size_t max_bytes = 64 * 1024);

}  // namespace mintmark::jose
