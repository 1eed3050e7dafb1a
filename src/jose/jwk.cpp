#include "mintmark/jose/jwk.hpp"

#include <algorithm>

#include "jwk_members.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/json_writer.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::jose {
namespace {

Result<Alg> choose_alg(const Jwk& jwk, std::optional<Alg> asked) {
  const std::optional<Alg> own = signature_alg(jwk);
  if (own && asked && *own != *asked) return invalid("JWK: the key is for another algorithm");
  if (own) return *own;
  if (asked) return *asked;
  return invalid("JWK: the key does not say its algorithm");
}

bool lists(const Jwk& jwk, std::string_view operation) {
  return std::find(jwk.key_ops.begin(), jwk.key_ops.end(), operation) != jwk.key_ops.end();
}

bool is_encryption_alg(const Jwk& jwk) {
  return jwk.key_management || jwk.content_encryption;
}

/// RFC 7517 §4.2.
Result<void> check_signature_use(const Jwk& jwk) {
  if (!jwk.use.empty() && jwk.use != "sig") return invalid("JWK: \"use\" is not \"sig\"");
  if (is_encryption_alg(jwk)) return invalid("JWK: \"alg\" is one of encryption");
  return {};
}

/// RFC 7517 §4.3.
Result<void> check_may_sign(const Jwk& jwk) {
  if (!jwk.key_ops.empty() && !lists(jwk, "sign")) return invalid("JWK: \"key_ops\" does not allow to sign");
  return check_signature_use(jwk);
}

/// A private key that may sign has a public part that may verify.
Result<void> check_may_verify(const Jwk& jwk) {
  const bool signs = std::holds_alternative<crypto::PrivateKey>(jwk.key) && lists(jwk, "sign");
  if (!jwk.key_ops.empty() && !lists(jwk, "verify") && !signs) {
    return invalid("JWK: \"key_ops\" does not allow to verify");
  }
  return check_signature_use(jwk);
}

std::string hash_canonical(std::string_view canonical) {
  return encode_base64url(crypto::digest(crypto::Hash::sha256, as_bytes(canonical)));
}

}  // namespace

std::optional<Alg> signature_alg(const Jwk& jwk) {
  if (jwk.alg || is_encryption_alg(jwk)) return jwk.alg;
  if (const auto* key = std::get_if<crypto::PublicKey>(&jwk.key)) return only_alg(key->type());
  if (const auto* key = std::get_if<crypto::PrivateKey>(&jwk.key)) return only_alg(key->type());
  return std::nullopt;
}

Result<SigningKey> make_signing_key(const Jwk& jwk, std::optional<Alg> alg) {
  if (Result<void> allowed = check_may_sign(jwk); !allowed) return allowed.error();
  const Result<Alg> chosen = choose_alg(jwk, alg);
  if (!chosen) return chosen.error();
  if (const auto* secret = std::get_if<Secret>(&jwk.key)) {
    return jwk.kid.empty() ? SigningKey::make(*chosen, *secret) : SigningKey::make(*chosen, jwk.kid, *secret);
  }
  if (const auto* key = std::get_if<crypto::PrivateKey>(&jwk.key)) {
    return jwk.kid.empty() ? SigningKey::make(*chosen, *key) : SigningKey::make(*chosen, jwk.kid, *key);
  }
  return invalid("JWK: a public key does not sign");
}

Result<VerificationKey> make_verification_key(const Jwk& jwk, std::optional<Alg> alg) {
  if (Result<void> allowed = check_may_verify(jwk); !allowed) return allowed.error();
  const Result<Alg> chosen = choose_alg(jwk, alg);
  if (!chosen) return chosen.error();
  if (const auto* secret = std::get_if<Secret>(&jwk.key)) return VerificationKey::make(*chosen, jwk.kid, *secret);
  if (const auto* key = std::get_if<crypto::PrivateKey>(&jwk.key)) {
    return VerificationKey::make(*chosen, jwk.kid, key->public_key());
  }
  return VerificationKey::make(*chosen, jwk.kid, std::get<crypto::PublicKey>(jwk.key));
}

std::vector<VerificationKey> make_verification_keys(const Jwk& jwk) {
  std::vector<VerificationKey> keys;
  for (const Alg alg : all_algs()) {
    if (Result<VerificationKey> key = make_verification_key(jwk, alg)) keys.push_back(std::move(*key));
  }
  return keys;
}

Json public_jwk(const crypto::PublicKey& key) {
  const crypto::PublicParts parts = key.parts();
  Json jwk = {{"kty", kty(key.type())}};
  if (!crv(key.type()).empty()) jwk["crv"] = crv(key.type());
  for (const PublicMember& member : public_members(key.type())) {
    jwk[std::string(member.name)] = encode_base64url(parts.*member.number);
  }
  return jwk;
}

Result<Json> public_half(const Jwk& jwk) {
  const auto* pair = std::get_if<crypto::PrivateKey>(&jwk.key);
  const auto* single = std::get_if<crypto::PublicKey>(&jwk.key);
  if (pair == nullptr && single == nullptr) return invalid("JWK: nothing of a shared secret is public");
  Json json = public_jwk(pair != nullptr ? pair->public_key() : *single);
  if (jwk.alg) json["alg"] = name(*jwk.alg);
  if (jwk.key_management) json["alg"] = name(*jwk.key_management);
  if (!jwk.kid.empty()) json["kid"] = jwk.kid.str();
  if (!jwk.use.empty()) json["use"] = jwk.use;
  return json;
}

std::string thumbprint(const crypto::PublicKey& key) {
  // RFC 7638 §3.3: the required members and no others, by name, without white space.
  Json canonical = public_jwk(key);
  if (kty(key.type()) == "AKP") canonical["alg"] = name(*only_alg(key.type()));  // RFC 9964 §6
  return hash_canonical(canonical.dump());
}

std::string thumbprint(const Jwk& jwk) {
  if (const auto* secret = std::get_if<Secret>(&jwk.key)) {
    std::string canonical = "{\"k\":\"";
    canonical.reserve(secret->size() * 2 + 32);
    append_base64url(canonical, secret->reveal());
    canonical += "\",\"kty\":\"oct\"}";
    std::string hash = hash_canonical(canonical);
    wipe(canonical.data(), canonical.size());
    return hash;
  }
  const auto* key = std::get_if<crypto::PrivateKey>(&jwk.key);
  return thumbprint(key != nullptr ? key->public_key() : std::get<crypto::PublicKey>(jwk.key));
}

}  // namespace mintmark::jose
