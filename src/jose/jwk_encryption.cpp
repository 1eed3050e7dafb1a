// Keys for encryption out of JWKs.

#include <algorithm>
#include <array>

#include "jwe_secrets.hpp"
#include "mintmark/base/contains.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::jose {
namespace {

template <std::size_t N>
bool lists_one_of(const Jwk& jwk, const std::array<std::string_view, N>& operations) {
  return std::ranges::any_of(operations, [&](std::string_view operation) { return contains(jwk.key_ops, operation); });
}

/// RFC 7517 §4.3; which of the operations it is depends on the algorithm, and none of them is one of signatures.
constexpr std::array<std::string_view, 4> kEncrypting = {"encrypt", "wrapKey", "deriveKey", "deriveBits"};
constexpr std::array<std::string_view, 4> kDecrypting = {"decrypt", "unwrapKey", "deriveKey", "deriveBits"};

Result<void> check_encryption_use(const Jwk& jwk) {
  if (!jwk.use.empty() && jwk.use != "enc") return invalid("JWK: \"use\" is not \"enc\"");
  if (jwk.alg) return invalid("JWK: \"alg\" is one of signatures");
  return {};
}

/// A private key that may decrypt has a public part that may encrypt.
Result<void> check_may_encrypt(const Jwk& jwk) {
  const bool decrypts = std::holds_alternative<crypto::PrivateKey>(jwk.key) && lists_one_of(jwk, kDecrypting);
  if (!jwk.key_ops.empty() && !lists_one_of(jwk, kEncrypting) && !decrypts) {
    return invalid("JWK: \"key_ops\" does not allow to encrypt");
  }
  return check_encryption_use(jwk);
}

Result<void> check_may_decrypt(const Jwk& jwk) {
  if (!jwk.key_ops.empty() && !lists_one_of(jwk, kDecrypting)) {
    return invalid("JWK: \"key_ops\" does not allow to decrypt");
  }
  return check_encryption_use(jwk);
}

/// What the key says that it is for. An `enc` in the place of `alg` is said of a key for `dir`.
std::optional<KeyManagement> own_alg(const Jwk& jwk) {
  return jwk.content_encryption ? KeyManagement::dir : jwk.key_management;
}

Result<KeyManagement> choose_alg(const Jwk& jwk, std::optional<KeyManagement> asked) {
  const std::optional<KeyManagement> own = own_alg(jwk);
  if (own && asked && *own != *asked) return invalid("JWK: the key is for another algorithm");
  if (own) return *own;
  if (asked) return *asked;
  return invalid("JWK: the key does not say its algorithm");
}

Result<EncryptionKey> make_from_secret(const Jwk& jwk, const Secret& secret, KeyManagement alg,
                                       std::optional<ContentEncryption> enc) {
  if (recipient_kind(alg) == RecipientKind::password) return EncryptionKey::from_password(alg, secret);
  if (alg != KeyManagement::dir) return EncryptionKey::make(alg, jwk.kid, secret);
  const std::optional<ContentEncryption> chosen = jwk.content_encryption ? jwk.content_encryption : enc;
  if (!chosen) return invalid("JWK: the key does not say its \"enc\"");
  return EncryptionKey::make_direct(*chosen, jwk.kid, secret);
}

void add_if_good(std::vector<DecryptionKey>& keys, Result<DecryptionKey> key) {
  if (key) keys.push_back(*std::move(key));
}

std::vector<DecryptionKey> open_secret(const Jwk& jwk, const Secret& secret, KeyManagement alg) {
  std::vector<DecryptionKey> keys;
  if (recipient_kind(alg) == RecipientKind::password) {
    add_if_good(keys, DecryptionKey::from_password(alg, secret));
  } else if (alg != KeyManagement::dir) {
    add_if_good(keys, DecryptionKey::make(alg, jwk.kid, secret));
  } else {
    for (const ContentEncryption enc : all_content_encryptions()) {
      if (jwk.content_encryption.value_or(enc) == enc) {
        add_if_good(keys, DecryptionKey::make_direct(enc, jwk.kid, secret));
      }
    }
  }
  return keys;
}

}  // namespace

Result<EncryptionKey> make_encryption_key(const Jwk& jwk, std::optional<KeyManagement> alg,
                                          std::optional<ContentEncryption> enc) {
  if (Result<void> allowed = check_may_encrypt(jwk); !allowed) return allowed.error();
  const Result<KeyManagement> chosen = choose_alg(jwk, alg);
  if (!chosen) return chosen.error();
  if (const auto* secret = std::get_if<Secret>(&jwk.key)) return make_from_secret(jwk, *secret, *chosen, enc);
  if (const auto* key = std::get_if<crypto::PrivateKey>(&jwk.key)) {
    return EncryptionKey::make(*chosen, jwk.kid, key->public_key());
  }
  return EncryptionKey::make(*chosen, jwk.kid, std::get<crypto::PublicKey>(jwk.key));
}

std::vector<DecryptionKey> make_decryption_keys(const Jwk& jwk, std::optional<KeyManagement> alg) {
  if (!check_may_decrypt(jwk)) return {};
  const Result<KeyManagement> chosen = choose_alg(jwk, alg);
  if (const auto* secret = std::get_if<Secret>(&jwk.key)) {
    return chosen ? open_secret(jwk, *secret, *chosen) : std::vector<DecryptionKey>();
  }
  std::vector<DecryptionKey> keys;
  const auto* key = std::get_if<crypto::PrivateKey>(&jwk.key);
  if (key == nullptr) return keys;
  for (const KeyManagement each : all_key_managements()) {
    const bool is_asked = own_alg(jwk).value_or(each) == each && alg.value_or(each) == each;
    if (is_asked) add_if_good(keys, DecryptionKey::make(each, jwk.kid, *key));
  }
  return keys;
}

}  // namespace mintmark::jose
