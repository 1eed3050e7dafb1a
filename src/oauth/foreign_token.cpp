#include "mintmark/oauth/foreign_token.hpp"

#include <algorithm>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::oauth {
namespace {

constexpr JsonLimits kClaimsLimits{.max_bytes = kMaxTokenBytes, .max_depth = 16, .max_values = 1000};

/// A key without a name answers to any.
bool has_kid(const VerificationKeys& keys, const std::string& kid) {
  return std::ranges::any_of(
      keys, [&](const jose::VerificationKey& key) { return key.kid().empty() || key.kid().str() == kid; });
}

Result<VerificationKeys> find_keys(const ForeignToken& token, const ForeignTokenRules& rules,
                                   VerificationKeySets& key_sets, Instant now) {
  const std::shared_ptr<const VerificationKeys> keys = key_sets.find(rules.keys, now);
  if (keys == nullptr) return unavailable("the key set has not been fetched yet");
  // Its owner may have begun to sign with a key that is younger than what was fetched.
  if (!token.kid.empty() && !has_kid(*keys, token.kid) && key_sets.renew(rules.keys, now)) {
    return unavailable("the key set is fetched once more, for a key that is not in it");
  }
  return select_keys(*keys, rules.algs);
}

Result<void> check_typ(const jose::VerifiedJwt& jwt, const ForeignTokenRules& rules) {
  if (jwt.typ().empty()) return {};
  const bool is_allowed =
      std::ranges::any_of(rules.typ, [&](std::string_view typ) { return equals_ignoring_case(typ, jwt.typ()); });
  if (!is_allowed) return invalid("another \"typ\"");
  return {};
}

Result<void> check_times(const jose::VerifiedJwt& jwt, const ForeignTokenRules& rules, Instant now) {
  const Result<std::optional<Instant>> expires = jose::read_date(jwt.claims(), "exp");
  const Result<std::optional<Instant>> issued = jose::read_date(jwt.claims(), "iat");
  if (!expires || !issued || !*expires) return invalid("no \"exp\"");
  if (**expires > now + rules.max_lifetime + kForeignClockSkew) return invalid("\"exp\" is too far away");
  if (*issued && **issued > now + kForeignClockSkew) return invalid("issued in the future");
  return {};
}

}  // namespace

ForeignToken read_foreign_token(Secret text) {
  ForeignToken token{.text = std::move(text), .issuer = {}, .subject = {}, .kid = {}, .alg = {}};
  const Result<jose::UnverifiedJws> decoded = jose::decode_unverified(token.text.reveal_text(), kMaxTokenBytes);
  if (!decoded) return token;
  const Result<Json> claims = parse_json_object(as_text(decoded->payload), kClaimsLimits);
  if (!claims) return token;
  token.issuer = find_string(*claims, "iss").value_or("");
  token.subject = find_string(*claims, "sub").value_or("");
  token.kid = find_string(decoded->header, "kid").value_or("");
  token.alg = jose::find_alg(find_string(decoded->header, "alg").value_or(""));
  return token;
}

Result<jose::VerifiedJwt> verify_foreign_token(const ForeignToken& token, const ForeignTokenRules& rules,
                                               VerificationKeySets& key_sets, Instant now) {
  const Result<VerificationKeys> keys = find_keys(token, rules, key_sets, now);
  if (!keys) return keys.error();
  Result<jose::VerifiedJwt> jwt = jose::verify_jwt(
      token.text.reveal_text(), *keys,
      {.issuer = std::string(rules.issuer), .audience = {}, .typ = {}, .now = now, .leeway = kForeignClockSkew});
  if (!jwt) return jwt;
  if (Result<void> checked = check_typ(*jwt, rules); !checked) return checked.error();
  if (Result<void> checked = check_times(*jwt, rules, now); !checked) return checked.error();
  return jwt;
}

Result<jose::VerifiedJwt> verify_trusted_token(const ForeignToken& token, const TrustedIssuerMap& trusted,
                                               std::span<const std::string> audiences,
                                               std::span<const std::string_view> typ, VerificationKeySets& key_sets,
                                               Instant now) {
  const auto issuer = trusted.find(token.issuer);
  if (issuer == trusted.end()) return invalid("of an issuer that is not trusted");
  Result<jose::VerifiedJwt> jwt = verify_foreign_token(token,
                                                       {.keys = issuer->second.keys,
                                                        .algs = issuer->second.algs,
                                                        .issuer = issuer->second.issuer,
                                                        .typ = typ,
                                                        .max_lifetime = issuer->second.max_lifetime},
                                                       key_sets, now);
  if (!jwt) return jwt;
  if (Result<void> meant = require_sole_audience(jwt->claims(), audiences); !meant) return meant.error();
  return jwt;
}

Result<void> require_sole_audience(const Json& claims, std::span<const std::string> allowed) {
  const Result<std::vector<std::string>> audiences = jose::read_audiences(claims);
  if (!audiences) return audiences.error();
  if (audiences->size() != 1) return invalid("\"aud\" is not exactly one");
  if (!contains(allowed, audiences->front())) return invalid("for another audience");
  return {};
}

Instant last_moment_of(const jose::VerifiedJwt& token) {
  return **jose::read_date(token.claims(), "exp") + kForeignClockSkew;
}

}  // namespace mintmark::oauth
