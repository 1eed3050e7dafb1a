#include "mintmark/jose/possession.hpp"

#include <array>

#include "mintmark/jose/jwk.hpp"

namespace mintmark::jose {
namespace {

constexpr JsonLimits kClaimsLimits{.max_bytes = 8192, .max_depth = 8, .max_values = 200};

/// RFC 9449 §4.3: the key must not be a private one; whoever sends his makes it everybody's.
Result<Jwk> read_public_key(const Json& header) {
  constexpr std::array<const char*, 9> kPrivate{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"};
  const auto jwk = header.find("jwk");
  if (jwk == header.end() || !jwk->is_object()) return invalid("no \"jwk\" in the header");
  for (const char* const member : kPrivate) {
    if (jwk->contains(member)) return invalid("the \"jwk\" of the header has a private member");
  }
  Result<Jwk> parsed = parse_jwk(*jwk);
  if (!parsed) return parsed;
  if (!std::holds_alternative<crypto::PublicKey>(parsed->key)) return invalid("the \"jwk\" is not public");
  return parsed;
}

}  // namespace

Result<PossessionProof> verify_possession(std::string_view token, std::size_t max_bytes) {
  const Result<UnverifiedJws> unverified = decode_unverified(token, max_bytes);
  if (!unverified) return unverified.error();
  const std::optional<Alg> alg = find_alg(find_string(unverified->header, "alg").value_or(""));
  if (!alg || is_symmetric(*alg)) return invalid("\"alg\" is not one of a signature with a public key");
  const Result<Jwk> jwk = read_public_key(unverified->header);
  if (!jwk) return jwk.error();
  // Under no name, so that it answers to whatever `kid` the header has.
  const Result<VerificationKey> key = VerificationKey::make(*alg, KeyId(), std::get<crypto::PublicKey>(jwk->key));
  if (!key) return key.error();
  Result<VerifiedJws> jws = verify_jws(token, {&*key, 1}, max_bytes);
  if (!jws) return jws.error();
  Result<Json> claims = parse_json_object(as_text(jws->payload), kClaimsLimits);
  if (!claims) return claims.error();
  return PossessionProof{*std::move(claims), std::move(jws->typ), thumbprint(*jwk)};
}

}  // namespace mintmark::jose
