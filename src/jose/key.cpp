#include "mintmark/jose/key.hpp"

#include "hmac_secret.hpp"
#include "jwk_write.hpp"
#include "kid.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::jose {
namespace {

Error wrong_algorithm(Alg alg) {
  return invalid("key: not one for " + std::string(name(alg)));
}

Result<void> check_asymmetric(Alg alg, crypto::KeyType type) {
  if (is_symmetric(alg) || key_type(alg) != type) return wrong_algorithm(alg);
  return {};
}

}  // namespace

struct VerificationKey::Impl {
  Alg alg;
  KeyId kid;
  std::variant<crypto::PublicKey, Secret> key;
};

Result<VerificationKey> VerificationKey::make(Alg alg, KeyId kid, crypto::PublicKey key) {
  if (Result<void> fits = check_asymmetric(alg, key.type()); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return VerificationKey(std::make_shared<const Impl>(Impl{alg, std::move(kid), std::move(key)}));
}

Result<VerificationKey> VerificationKey::make(Alg alg, KeyId kid, Secret secret) {
  if (!is_symmetric(alg)) return wrong_algorithm(alg);
  if (Result<void> fits = check_hmac_secret(alg, secret); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return VerificationKey(std::make_shared<const Impl>(Impl{alg, std::move(kid), std::move(secret)}));
}

Alg VerificationKey::alg() const noexcept {
  return impl_->alg;
}

const KeyId& VerificationKey::kid() const noexcept {
  return impl_->kid;
}

Json VerificationKey::public_jwk() const {
  Json jwk = jose::public_jwk(std::get<crypto::PublicKey>(impl_->key));
  jwk["alg"] = name(impl_->alg);
  jwk["use"] = "sig";
  if (!impl_->kid.empty()) jwk["kid"] = impl_->kid.str();
  return jwk;
}

std::string VerificationKey::public_pem() const {
  return std::get<crypto::PublicKey>(impl_->key).to_pem();
}

Result<void> VerificationKey::verify(ByteView message, ByteView signature) const {
  if (const auto* key = std::get_if<crypto::PublicKey>(&impl_->key)) {
    return key->verify(signature_scheme(impl_->alg), message, signature);
  }
  const Bytes expected = crypto::hmac(hmac_hash(impl_->alg), std::get<Secret>(impl_->key).reveal(), message);
  if (!crypto::constant_time_equal(expected, signature)) return crypto_error("signature: not valid");
  return {};
}

struct SigningKey::Impl {
  VerificationKey verification_key;
  std::variant<crypto::PrivateKey, Secret> key;
};

Result<SigningKey> SigningKey::generate(Alg alg, std::size_t rsa_bits) {
  if (is_symmetric(alg)) return make(alg, crypto::random_secret(crypto::digest_bytes(hmac_hash(alg))));
  Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(key_type(alg), rsa_bits);
  if (!key) return key.error();
  return make(alg, std::move(*key));
}

Result<SigningKey> SigningKey::make(Alg alg, crypto::PrivateKey key) {
  KeyId kid(thumbprint(key.public_key()));
  return make(alg, std::move(kid), std::move(key));
}

Result<SigningKey> SigningKey::make(Alg alg, KeyId kid, crypto::PrivateKey key) {
  Result<VerificationKey> verification_key = VerificationKey::make(alg, std::move(kid), key.public_key());
  if (!verification_key) return verification_key.error();
  return SigningKey(std::make_shared<const Impl>(Impl{std::move(*verification_key), std::move(key)}));
}

Result<SigningKey> SigningKey::make(Alg alg, Secret secret) {
  return make(alg, random_kid(), std::move(secret));
}

Result<SigningKey> SigningKey::make(Alg alg, KeyId kid, Secret secret) {
  Result<VerificationKey> verification_key = VerificationKey::make(alg, std::move(kid), secret);
  if (!verification_key) return verification_key.error();
  return SigningKey(std::make_shared<const Impl>(Impl{std::move(*verification_key), std::move(secret)}));
}

Result<SigningKey> SigningKey::parse(const Secret& serialized) {
  const Result<std::vector<Jwk>> keys = parse_jwk_set(serialized.reveal_text());
  if (!keys) return keys.error();
  if (keys->size() != 1 || !keys->front().alg || keys->front().kid.empty()) {
    return invalid("key: not one private JWK with alg and kid");
  }
  return make_signing_key(keys->front());
}

Alg SigningKey::alg() const noexcept {
  return impl_->verification_key.alg();
}

const KeyId& SigningKey::kid() const noexcept {
  return impl_->verification_key.kid();
}

const VerificationKey& SigningKey::verification_key() const noexcept {
  return impl_->verification_key;
}

Secret SigningKey::serialize() const {
  return write_private_jwk(name(alg()), {}, kid(), impl_->key);
}

Secret SigningKey::private_pem() const {
  return std::get<crypto::PrivateKey>(impl_->key).to_pem();
}

const Secret& SigningKey::shared_secret() const noexcept {
  return *std::get_if<Secret>(&impl_->key);
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  if (const auto* key = std::get_if<crypto::PrivateKey>(&impl_->key)) {
    return key->sign(signature_scheme(alg()), message);
  }
  return crypto::hmac(hmac_hash(alg()), std::get<Secret>(impl_->key).reveal(), message);
}

}  // namespace mintmark::jose
