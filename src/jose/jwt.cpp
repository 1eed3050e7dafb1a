#include "mintmark/jose/jwt.hpp"

#include <cmath>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::jose {
namespace {

Result<void> check_times(const Json& claims, const JwtExpectation& expectation) {
  const Result<std::optional<Instant>> expires = read_date(claims, "exp");
  const Result<std::optional<Instant>> not_before = read_date(claims, "nbf");
  const Result<std::optional<Instant>> issued = read_date(claims, "iat");
  for (const auto* date : {&expires, &not_before, &issued}) {
    if (!*date) return date->error();
  }
  if (!expires->has_value()) return invalid("JWT: no \"exp\"");
  if (expectation.now >= **expires + expectation.leeway) return invalid("JWT: expired");
  if (not_before->has_value() && expectation.now + expectation.leeway < **not_before)
    return invalid("JWT: not yet good");
  return {};
}

/// RFC 7519 §4.1: `iss`, `sub` and `jti` are strings.
Result<void> check_types(const Json& claims) {
  for (const char* name : {"iss", "sub", "jti"}) {
    if (claims.contains(name) && !claims[name].is_string()) {
      return invalid(std::string("JWT: \"") + name + "\" is not a string");
    }
  }
  return {};
}

Result<void> check_parties(const Json& claims, const JwtExpectation& expectation) {
  if (expectation.issuer && find_string(claims, "iss") != expectation.issuer) return invalid("JWT: another issuer");
  const Result<std::vector<std::string>> audiences = read_audiences(claims);
  if (!audiences) return audiences.error();
  if (expectation.audience && !contains(*audiences, *expectation.audience)) return invalid("JWT: for another audience");
  return {};
}

/// RFC 7515 §4.1.9: a media type whose "application/" may be left out.
std::string_view without_prefix(std::string_view typ) {
  constexpr std::string_view kPrefix = "application/";
  if (typ.size() > kPrefix.size() && equals_ignoring_case(typ.substr(0, kPrefix.size()), kPrefix)) {
    typ.remove_prefix(kPrefix.size());
  }
  return typ;
}

Result<void> check_typ(std::string_view typ, const JwtExpectation& expectation) {
  if (expectation.typ && !equals_ignoring_case(without_prefix(typ), without_prefix(*expectation.typ))) {
    return invalid("JWT: another \"typ\"");
  }
  return {};
}

}  // namespace

Result<std::optional<Instant>> read_date(const Json& claims, const char* name) {
  constexpr double kLatest =
      253402300799.0;  // the end of the year 9999: later ones are milliseconds by mistake, or worse
  const auto claim = claims.find(name);
  if (claim == claims.end()) return std::optional<Instant>();
  if (!claim->is_number()) return invalid(std::string("JWT: \"") + name + "\" is not a number");
  const double seconds = claim->get<double>();
  if (!(seconds >= 0 && seconds <= kLatest)) return invalid(std::string("JWT: \"") + name + "\" is out of range");
  return std::optional(from_unix_ms(static_cast<std::int64_t>(std::floor(seconds * 1000))));
}

Result<std::vector<std::string>> read_audiences(const Json& claims) {
  std::vector<std::string> audiences;
  const auto claim = claims.find("aud");
  if (claim == claims.end()) return audiences;
  if (claim->is_string()) {
    audiences.push_back(claim->get<std::string>());
    return audiences;
  }
  if (!claim->is_array()) return invalid("JWT: \"aud\" is neither a string nor an array");
  for (const Json& audience : *claim) {
    if (!audience.is_string()) return invalid("JWT: \"aud\" holds something else than strings");
    audiences.push_back(audience.get<std::string>());
  }
  return audiences;
}

std::string_view UnsignedClaims::finish() {
  if (!finished_) json_.end_object();
  finished_ = true;
  return text_;
}

Result<std::string> sign_jwt(const SigningKey& key, std::string_view typ, UnsignedClaims& claims) {
  return sign_jws(key, {.typ = typ}, as_bytes(claims.finish()));
}

Result<std::string> encrypt_jwt(const EncryptionKey& key, ContentEncryption enc, std::string_view typ,
                                std::string_view signed_token) {
  return encrypt_jwe(key, enc, {.cty = typ}, as_bytes(signed_token));
}

Result<std::string> open_nested_jwt(std::string_view token, std::span<const DecryptionKey> keys) {
  const Result<DecryptedJwe> jwe = decrypt_jwe(token, keys);
  if (!jwe) return jwe.error();
  const std::string_view cty = without_prefix(jwe->cty);
  if (!equals_ignoring_case(cty, "JWT") && !equals_ignoring_case(cty, "at+jwt")) {
    return invalid("JWE: \"cty\" does not say that a JWT is inside");
  }
  return std::string(jwe->plaintext.reveal_text());
}

Result<VerifiedJwt> verify_jwt(std::string_view token, std::span<const VerificationKey> keys,
                               const JwtExpectation& expectation) {
  Result<VerifiedJws> jws = verify_jws(token, keys);
  if (!jws) return jws.error();
  if (Result<void> typ = check_typ(jws->typ, expectation); !typ) return typ.error();
  Result<Json> claims = parse_json_object(as_text(jws->payload));
  if (!claims) return claims.error();
  if (Result<void> types = check_types(*claims); !types) return types.error();
  if (Result<void> times = check_times(*claims, expectation); !times) return times.error();
  if (Result<void> parties = check_parties(*claims, expectation); !parties) return parties.error();

  VerifiedJwt jwt;
  jwt.claims_ = std::move(*claims);
  jwt.header_ = std::move(jws->header);
  jwt.alg_ = jws->alg;
  jwt.kid_ = std::move(jws->kid);
  jwt.typ_ = without_prefix(jws->typ);
  return jwt;
}

}  // namespace mintmark::jose
