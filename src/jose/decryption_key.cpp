// The recipient's side of key management: RFC 7518 §4.

#include <variant>

#include "jwe_secrets.hpp"
#include "jwk_write.hpp"
#include "kid.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/key_wrap.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/jose/encryption_key.hpp"
#include "mintmark/jose/jwk.hpp"
#include "oaep.hpp"

namespace mintmark::jose {
namespace {

constexpr std::size_t kMinPasswordSaltBytes = 8;  // RFC 7518 §4.8.1.1

Error bad_parameter(const char* name) {
  return invalid(std::string("JWE: \"") + name + "\" is missing or malformed");
}

/// A header parameter that holds bytes.
Result<Bytes> read_bytes(const Json& header, const char* name) {
  const std::optional<std::string> text = find_string(header, name);
  if (!text) return bad_parameter(name);
  Result<Bytes> bytes = decode_base64url(*text);
  if (!bytes) return bad_parameter(name);
  return bytes;
}

/// Likewise, empty where there is none.
Result<Bytes> read_optional_bytes(const Json& header, const char* name) {
  if (!header.contains(name)) return Bytes();
  return read_bytes(header, name);
}

/// RFC 7518 §4.6.1.1. A point off its curve would give the private key away piece by piece, so it is no key at all.
Result<crypto::PublicKey> read_ephemeral_key(const Json& header, crypto::KeyType type) {
  const auto epk = header.find("epk");
  if (epk == header.end()) return bad_parameter("epk");
  const Result<Jwk> jwk = parse_jwk(*epk);
  if (!jwk) return bad_parameter("epk");
  const auto* key = std::get_if<crypto::PublicKey>(&jwk->key);
  if (key == nullptr) return invalid("JWE: \"epk\" holds a private key");
  if (key->type() != type) return invalid("JWE: \"epk\" is not on the curve of the key");
  return *key;
}

/// What an agreement or an unwrapping gives, where it gives anything.
using Recovered = Result<std::optional<Secret>>;

std::optional<Secret> if_good(Result<Secret> secret) {
  return secret ? std::optional(*std::move(secret)) : std::nullopt;
}

Result<void> require_no_encrypted_key(ByteView encrypted_key) {
  if (!encrypted_key.empty()) return invalid("JWE: an encrypted key where the algorithm has none");
  return {};
}

Recovered agree(KeyManagement alg, ContentEncryption enc, const crypto::PrivateKey& key, const Json& header,
                ByteView encrypted_key) {
  const bool is_direct = alg == KeyManagement::ECDH_ES;
  if (is_direct) {
    if (Result<void> none = require_no_encrypted_key(encrypted_key); !none) return none.error();
  }
  const Result<crypto::PublicKey> ephemeral = read_ephemeral_key(header, key.type());
  if (!ephemeral) return ephemeral.error();
  const Result<Bytes> apu = read_optional_bytes(header, "apu");
  if (!apu) return apu.error();
  const Result<Bytes> apv = read_optional_bytes(header, "apv");
  if (!apv) return apv.error();
  const Result<Secret> shared = key.agree(*ephemeral);
  if (!shared) return std::optional<Secret>();
  Secret agreed = derive_agreed_key(alg, enc, *shared, *apu, *apv);
  if (is_direct) return std::optional(std::move(agreed));
  return if_good(crypto::unwrap_key(agreed, encrypted_key));
}

Recovered open_sealed_key(const Secret& wrapping_key, const Json& header, ByteView encrypted_key) {
  Result<Bytes> nonce = read_bytes(header, "iv");
  if (!nonce) return nonce.error();
  Result<Bytes> tag = read_bytes(header, "tag");
  if (!tag) return tag.error();
  const crypto::Sealed sealed{*std::move(nonce), Bytes(encrypted_key.begin(), encrypted_key.end()), *std::move(tag)};
  return if_good(crypto::open(gcm_of(wrapping_key.size()), wrapping_key, sealed, {}));
}

Recovered open_with_secret(KeyManagement alg, const Secret& secret, const Json& header, ByteView encrypted_key) {
  switch (alg) {
    case KeyManagement::A128GCMKW:
    case KeyManagement::A192GCMKW:
    case KeyManagement::A256GCMKW:
      return open_sealed_key(secret, header, encrypted_key);
    case KeyManagement::dir:
      if (Result<void> none = require_no_encrypted_key(encrypted_key); !none) return none.error();
      return std::optional(secret);
    default:
      return if_good(crypto::unwrap_key(secret, encrypted_key));
  }
}

/// RFC 7518 §4.8.1.2. The sender says how long we are to compute, so it is bounded (CVE-2023-50967).
Result<std::uint32_t> read_count(const Json& header) {
  const auto count = header.find("p2c");
  if (count == header.end() || !count->is_number_unsigned()) return bad_parameter("p2c");
  const auto value = count->get<std::uint64_t>();
  if (value < kMinPbes2Count || value > kMaxPbes2Count) return invalid("JWE: \"p2c\" is out of bounds");
  return static_cast<std::uint32_t>(value);
}

Recovered open_with_password(KeyManagement alg, const Secret& password, const Json& header, ByteView encrypted_key) {
  const Result<Bytes> salt = read_bytes(header, "p2s");
  if (!salt) return salt.error();
  if (salt->size() < kMinPasswordSaltBytes) return bad_parameter("p2s");
  const Result<std::uint32_t> count = read_count(header);
  if (!count) return count.error();
  return if_good(crypto::unwrap_key(derive_password_key(alg, password, *salt, *count), encrypted_key));
}

}  // namespace

struct DecryptionKey::Impl {
  KeyManagement alg;
  KeyId kid;
  std::variant<crypto::PrivateKey, Secret> key;  ///< Secret: of AES, or a password
  std::optional<ContentEncryption> enc;          ///< of `dir`

  [[nodiscard]] Recovered recover(ContentEncryption content, const Json& header, ByteView encrypted_key) const {
    if (const auto* pair = std::get_if<crypto::PrivateKey>(&key)) {
      if (recipient_kind(alg) == RecipientKind::key_agreement) return agree(alg, content, *pair, header, encrypted_key);
      return if_good(pair->decrypt_oaep(oaep_hash(alg), encrypted_key));
    }
    const auto& secret = std::get<Secret>(key);
    if (recipient_kind(alg) == RecipientKind::password) return open_with_password(alg, secret, header, encrypted_key);
    return open_with_secret(alg, secret, header, encrypted_key);
  }
};

Result<DecryptionKey> DecryptionKey::make(KeyManagement alg, KeyId kid, crypto::PrivateKey key) {
  if (Result<void> fits = check_key_pair(alg, key.type()); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return DecryptionKey(std::make_shared<const Impl>(Impl{alg, std::move(kid), std::move(key), {}}));
}

Result<DecryptionKey> DecryptionKey::make(KeyManagement alg, KeyId kid, Secret secret) {
  if (Result<void> fits = check_wrapping_secret(alg, secret); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return DecryptionKey(std::make_shared<const Impl>(Impl{alg, std::move(kid), std::move(secret), {}}));
}

Result<DecryptionKey> DecryptionKey::make_direct(ContentEncryption enc, KeyId kid, Secret secret) {
  if (Result<void> fits = check_direct_secret(enc, secret); !fits) return fits.error();
  if (Result<void> named = check_kid(kid); !named) return named.error();
  return DecryptionKey(std::make_shared<const Impl>(Impl{KeyManagement::dir, std::move(kid), std::move(secret), enc}));
}

Result<DecryptionKey> DecryptionKey::from_password(KeyManagement alg, Secret password) {
  if (Result<void> fits = check_password(alg, password); !fits) return fits.error();
  return DecryptionKey(std::make_shared<const Impl>(Impl{alg, {}, std::move(password), {}}));
}

Result<DecryptionKey> DecryptionKey::generate(KeyManagement alg, crypto::KeyType type, std::size_t rsa_bits) {
  if (wrapping_key_bytes(alg) > 0 && recipient_kind(alg) == RecipientKind::secret) {
    return make(alg, random_kid(), crypto::random_secret(wrapping_key_bytes(alg)));
  }
  if (Result<void> fits = check_key_pair(alg, type); !fits) return fits.error();
  Result<crypto::PrivateKey> key = crypto::PrivateKey::generate(type, rsa_bits);
  if (!key) return key.error();
  KeyId kid(thumbprint(key->public_key()));
  return make(alg, std::move(kid), *std::move(key));
}

KeyManagement DecryptionKey::alg() const noexcept {
  return impl_->alg;
}

const KeyId& DecryptionKey::kid() const noexcept {
  return impl_->kid;
}

std::optional<ContentEncryption> DecryptionKey::only_enc() const noexcept {
  return impl_->enc;
}

Secret DecryptionKey::serialize() const {
  return write_private_jwk(name(impl_->alg), "enc", impl_->kid, impl_->key);
}

Result<Secret> DecryptionKey::recover_content_key(ContentEncryption enc, const Json& header,
                                                  ByteView encrypted_key) const {
  // Made in any case, so that it costs no more where it is needed.
  Secret random = crypto::random_secret(content_key_bytes(enc));
  Recovered recovered = impl_->recover(enc, header, encrypted_key);
  if (!recovered) return recovered.error();
  const bool is_good = recovered->has_value() && (*recovered)->size() == content_key_bytes(enc);
  return is_good ? **std::move(recovered) : std::move(random);
}

}  // namespace mintmark::jose
