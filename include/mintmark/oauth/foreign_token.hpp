#pragma once
// Verifying JWTs that somebody else made: a client its assertion, a trusted issuer its tokens.
// Thread safety: pure functions.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/secret.hpp"
#include "mintmark/jose/jwt.hpp"
#include "mintmark/oauth/trusted_issuer.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"

namespace mintmark::oauth {

/// By how much clocks may differ: a token is good for so much longer, and may come from so far in the future.
inline constexpr Duration kForeignClockSkew = std::chrono::seconds(30);

/// A token as it came, and what it says of itself, believed by nobody: to find out whose keys must verify it.
struct ForeignToken {
  Secret text;
  std::string issuer;                 ///< `iss`, or empty
  std::string subject;                ///< `sub`, or empty
  std::string kid;                    ///< of the header, or empty
  std::optional<jose::Alg> alg = {};  ///< of the header: which kind of keys is asked; the key itself decides
};

/// Never fails: what cannot be read names nobody, and is refused where it is verified.
ForeignToken read_foreign_token(Secret text);

struct ForeignTokenRules {
  const KeySetPlace& keys;
  const std::vector<jose::Alg>& algs;     ///< all of the keys' where empty
  std::string_view issuer;                ///< `iss` must be it
  std::span<const std::string_view> typ;  ///< one of these, without case, where there is one (RFC 8725 §3.11)
  Duration max_lifetime;                  ///< the most that it may have left
};

/// Signature, `iss`, `exp` (required, RFC 7523 §3), `nbf`, `iat` and `typ`. Errors: unavailable, where the keys have
/// not been fetched yet; else what is wrong, for the log.
Result<jose::VerifiedJwt> verify_foreign_token(const ForeignToken& token, const ForeignTokenRules& rules,
                                               VerificationKeySets& key_sets, Instant now);

/// A token of a trusted issuer, for one of `audiences` alone and of one of the types `typ`: the one way to believe what
/// such an issuer says. Errors: as above; invalid, where the issuer is not trusted.
Result<jose::VerifiedJwt> verify_trusted_token(const ForeignToken& token, const TrustedIssuerMap& trusted,
                                               std::span<const std::string> audiences,
                                               std::span<const std::string_view> typ, VerificationKeySets& key_sets,
                                               Instant now);

/// `aud` must be one value alone, and one of `allowed`: a list with others in it is meant for others too, who could use
/// the token here (RFC 7523 §3; CVE-2025-27370).
Result<void> require_sole_audience(const Json& claims, std::span<const std::string> allowed);

/// When such a token is good no more. Requires: verified.
Instant last_moment_of(const jose::VerifiedJwt& token);

}  // namespace mintmark::oauth
