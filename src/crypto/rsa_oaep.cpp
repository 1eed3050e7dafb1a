// RSAES-OAEP (RFC 8017 §7.1).

#include <openssl/rsa.h>

#include "fatal.hpp"
#include "key_object.hpp"
#include "message_digest.hpp"
#include "secret_buffer.hpp"

namespace mintmark::crypto {
namespace {

const EVP_MD* sha1() {
  static const MdPtr digest(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  if (!digest) fatal("OpenSSL has no SHA-1");
  return digest.get();
}

const EVP_MD* oaep_digest(OaepHash hash) {
  switch (hash) {
    case OaepHash::sha1:
      return sha1();
    case OaepHash::sha256:
      return message_digest(Hash::sha256);
    case OaepHash::sha384:
      return message_digest(Hash::sha384);
    case OaepHash::sha512:
      return message_digest(Hash::sha512);
  }
  fatal("OAEP: no such hash");
}

Error not_rsa() {
  return invalid("RSA-OAEP: not an RSA key");
}

std::size_t modulus_bytes(const KeyObject& key) {
  return static_cast<std::size_t>(EVP_PKEY_get_size(key.pkey.get()));
}

/// §7.1.1 step 1b: the padding takes two hashes and two bytes.
std::size_t max_plaintext_bytes(const KeyObject& key, OaepHash hash) {
  return modulus_bytes(key) - 2 * static_cast<std::size_t>(EVP_MD_get_size(oaep_digest(hash))) - 2;
}

/// A context that `init` has made ready for this padding; null without memory.
PkeyCtxPtr make_context(const KeyObject& key, OaepHash hash, int (*init)(EVP_PKEY_CTX*)) {
  const EVP_MD* const digest = oaep_digest(hash);
  PkeyCtxPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.pkey.get(), nullptr));
  if (!context || init(context.get()) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) <= 0 ||
      EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), digest) <= 0 ||
      EVP_PKEY_CTX_set_rsa_mgf1_md(context.get(), digest) <= 0) {
    return nullptr;
  }
  return context;
}

}  // namespace

Result<Bytes> PublicKey::encrypt_oaep(OaepHash hash, ByteView plaintext) const {
  const ErrorQueueScope errors;
  if (impl_->type != KeyType::rsa) return not_rsa();
  if (plaintext.size() > max_plaintext_bytes(*impl_, hash)) return invalid("RSA-OAEP: too long for this key");
  const PkeyCtxPtr context = make_context(*impl_, hash, EVP_PKEY_encrypt_init);
  Bytes ciphertext(modulus_bytes(*impl_));
  std::size_t size = ciphertext.size();
  if (!context || EVP_PKEY_encrypt(context.get(), ciphertext.data(), &size, plaintext.data(), plaintext.size()) != 1) {
    return crypto_error("RSA-OAEP: cannot encrypt");
  }
  return ciphertext;
}

Result<Secret> PrivateKey::decrypt_oaep(OaepHash hash, ByteView ciphertext) const {
  const ErrorQueueScope errors;
  if (impl_->type != KeyType::rsa) return not_rsa();
  const PkeyCtxPtr context = make_context(*impl_, hash, EVP_PKEY_decrypt_init);
  SecretBuffer plaintext(modulus_bytes(*impl_));
  std::size_t size = plaintext.size();
  // One condition and one answer: what is wrong with a ciphertext is what Manger's attack (2001) asks for.
  const bool decrypted = context &&
                         EVP_PKEY_decrypt(context.get(), plaintext.data(), &size, ciphertext.data(),
                                          ciphertext.size()) == 1 &&
                         ciphertext.size() == plaintext.size();  // §7.1.2 step 1b; OpenSSL takes shorter ones
  if (!decrypted) return crypto_error("RSA-OAEP: not encrypted to this key");
  return plaintext.take(size);
}

}  // namespace mintmark::crypto
