// The sender's side of key management: RFC 7518 §4.

#include "mintmark/jose/encryption_key.hpp"

#include <variant>

#include "jwe_secrets.hpp"
#include "kid.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/key_wrap.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/jose/jwk.hpp"
#include "oaep.hpp"

namespace mintmark::jose {
namespace {

constexpr std::size_t kPasswordSaltBytes = 16;

Result<ContentKey> encrypt_to_rsa(KeyManagement alg, ContentEncryption enc, const crypto::PublicKey& key) {
  ContentKey out{crypto::random_secret(content_key_bytes(enc)), {}, Json::object()};
  Result<Bytes> encrypted = key.encrypt_oaep(oaep_hash(alg), out.key.reveal());
  if (!encrypted) return encrypted.error();
  out.encrypted_key = *std::move(encrypted);
  return out;
}

/// A content key wrapped under `wrapping_key`.
ContentKey wrap_fresh_key(ContentEncryption enc, const Secret& wrapping_key, Json parameters) {
  Secret key = crypto::random_secret(content_key_bytes(enc));
  Bytes wrapped = crypto::wrap_key(wrapping_key, key);
  return {std::move(key), std::move(wrapped), std::move(parameters)};
}

/// RFC 7518 §4.6: an ephemeral key pair for each token.
Result<ContentKey> agree_with(KeyManagement alg, ContentEncryption enc, const crypto::PublicKey& key) {
  const Result<crypto::PrivateKey> ephemeral = crypto::PrivateKey::generate(key.type());
  if (!ephemeral) return ephemeral.error();
  const Result<Secret> shared = ephemeral->agree(key);
  if (!shared) return shared.error();
  Json parameters = {{"epk", public_jwk(ephemeral->public_key())}};
  Secret agreed = derive_agreed_key(alg, enc, *shared, {}, {});
  if (alg == KeyManagement::ECDH_ES) return ContentKey{std::move(agreed), {}, std::move(parameters)};
  return wrap_fresh_key(enc, agreed, std::move(parameters));
}

/// RFC 7518 §4.7.
ContentKey seal_fresh_key(ContentEncryption enc, const Secret& wrapping_key) {
  Secret key = crypto::random_secret(content_key_bytes(enc));
  crypto::Sealed sealed = crypto::seal(gcm_of(wrapping_key.size()), wrapping_key, key.reveal(), {});
  Json parameters = {{"iv", encode_base64url(sealed.nonce)}, {"tag", encode_base64url(sealed.tag)}};
  return {std::move(key), std::move(sealed.ciphertext), std::move(parameters)};
}

ContentKey wrap_with_secret(KeyManagement alg, ContentEncryption enc, const Secret& secret) {
  switch (alg) {
    case KeyManagement::A128GCMKW:
    case KeyManagement::A192GCMKW:
    case KeyManagement::A256GCMKW:
      return seal_fresh_key(enc, secret);
    case KeyManagement::dir:
      return {secret, {}, Json::object()};
    default:
      return wrap_fresh_key(enc, secret, Json::object());
  }
}

/// RFC 7518 §4.8.
ContentKey wrap_with_password(KeyManagement alg, ContentEncryption enc, const Secret& password, std::uint32_t count) {
  const Bytes salt = crypto::random_bytes(kPasswordSaltBytes);
  return wrap_fresh_key(enc, derive_password_key(alg, password, salt, count),
                        {{"p2s", encode_base64url(salt)}, {"p2c", count}});
}

bool is_fast(crypto::KeyType type) noexcept {
  return type == crypto::KeyType::rsa || type == crypto::KeyType::p256 || type == crypto::KeyType::x25519;
}

}  // namespace

struct EncryptionKey::Impl {
  KeyManagement alg;
  KeyId kid;
  std::variant<crypto::PublicKey, Secret> key;  ///< Secret: of AES, or a password
  std::optional<ContentEncryption> enc;         ///< of `dir`
  std::uint32_t count;                          ///< of PBES2-*
};

Result<EncryptionKey> EncryptionKey::make(KeyManagement alg, KeyId kid, crypto::PublicKey key) {
  if (Result<void> fits = check_key_pair(alg, key.type()); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return EncryptionKey(std::make_shared<const Impl>(Impl{alg, std::move(kid), std::move(key), {}, 0}));
}

Result<EncryptionKey> EncryptionKey::make(KeyManagement alg, KeyId kid, Secret secret) {
  if (Result<void> fits = check_wrapping_secret(alg, secret); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return EncryptionKey(std::make_shared<const Impl>(Impl{alg, std::move(kid), std::move(secret), {}, 0}));
}

Result<EncryptionKey> EncryptionKey::make_direct(ContentEncryption enc, KeyId kid, Secret secret) {
  if (Result<void> fits = check_direct_secret(enc, secret); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return EncryptionKey(
      std::make_shared<const Impl>(Impl{KeyManagement::dir, std::move(kid), std::move(secret), enc, 0}));
}

Result<EncryptionKey> EncryptionKey::from_password(KeyManagement alg, Secret password, std::uint32_t count) {
  if (Result<void> fits = check_password(alg, password); !fits) return fits.error();
  if (count < kMinPbes2Count || count > kMaxPbes2Count) return invalid("the number of iterations is out of bounds");
  return EncryptionKey(std::make_shared<const Impl>(Impl{alg, {}, std::move(password), {}, count}));
}

KeyManagement EncryptionKey::alg() const noexcept {
  return impl_->alg;
}

const KeyId& EncryptionKey::kid() const noexcept {
  return impl_->kid;
}

std::optional<ContentEncryption> EncryptionKey::only_enc() const noexcept {
  return impl_->enc;
}

bool EncryptionKey::is_slow() const noexcept {
  if (const auto* key = std::get_if<crypto::PublicKey>(&impl_->key)) return !is_fast(key->type());
  return recipient_kind(impl_->alg) == RecipientKind::password;
}

Result<ContentKey> EncryptionKey::make_content_key(ContentEncryption enc) const {
  if (impl_->enc.value_or(enc) != enc) return invalid("JWE: the key is for another \"enc\"");
  if (const auto* key = std::get_if<crypto::PublicKey>(&impl_->key)) {
    return recipient_kind(impl_->alg) == RecipientKind::rsa ? encrypt_to_rsa(impl_->alg, enc, *key)
                                                            : agree_with(impl_->alg, enc, *key);
  }
  const auto& secret = std::get<Secret>(impl_->key);
  if (recipient_kind(impl_->alg) == RecipientKind::password) {
    return wrap_with_password(impl_->alg, enc, secret, impl_->count);
  }
  return wrap_with_secret(impl_->alg, enc, secret);
}

}  // namespace mintmark::jose
