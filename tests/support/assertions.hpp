#pragma once
// What signs assertions (RFC 7523) and DPoP proofs (RFC 9449) for tests, for programs that link the oauth module.
// Thread safety: pure functions.

#include <memory>
#include <string>

#include "mintmark/base/base64.hpp"
#include "mintmark/jose/jwk.hpp"
#include "mintmark/oauth/client_assertion.hpp"

namespace mintmark::testing {

/// A JWS with any header, signed with any key.
inline std::string compact_jws(const Json& header, const Json& claims, const jose::SigningKey& key) {
  const std::string message =
      encode_base64url(as_bytes(header.dump())) + "." + encode_base64url(as_bytes(claims.dump()));
  return message + "." + encode_base64url(key.sign(as_bytes(message)).value());
}

inline Json jws_header(const jose::SigningKey& key) {
  return {{"alg", jose::name(key.alg())}, {"kid", key.kid().str()}};
}

inline Json public_key_set(const jose::SigningKey& key) {
  return {{"keys", Json::array({key.verification_key().public_jwk()})}};
}

inline oauth::KeySetPlace inline_keys(const jose::SigningKey& key) {
  const Json set = public_key_set(key);
  return oauth::InlineKeySet{
      set, std::make_shared<const oauth::VerificationKeys>(oauth::read_verification_keys(set.dump()).value())};
}

/// Of the client itself, good for a minute.
inline Json assertion_claims(const std::string& client, const std::string& audience, const std::string& jti,
                             Instant now) {
  return {{"iss", client},
          {"sub", client},
          {"aud", audience},
          {"exp", to_numeric_date(now + std::chrono::minutes(1))},
          {"iat", to_numeric_date(now)},
          {"jti", jti}};
}

/// The header of a DPoP proof.
inline Json proof_header(const jose::SigningKey& key) {
  Json jwk =
      jose::public_jwk(std::get<crypto::PublicKey>(jose::parse_jwk(key.verification_key().public_jwk()).value().key));
  return {{"typ", "dpop+jwt"}, {"alg", jose::name(key.alg())}, {"jwk", std::move(jwk)}};
}

inline Json proof_claims(const std::string& uri, const std::string& jti, Instant now) {
  return {{"htm", "POST"}, {"htu", uri}, {"jti", jti}, {"iat", to_numeric_date(now)}};
}

}  // namespace mintmark::testing
