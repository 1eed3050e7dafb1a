#include "mintmark/crypto/kdf.hpp"

#include <openssl/core_names.h>

#include <limits>

#include "fatal.hpp"
#include "key_params.hpp"
#include "message_digest.hpp"
#include "openssl_ptr.hpp"
#include "secret_buffer.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kMaxDerivedBytes = 1024;
constexpr std::size_t kMaxInt = std::numeric_limits<int>::max();

EVP_KDF* single_step_kdf() {
  static const KdfPtr kdf(EVP_KDF_fetch(nullptr, "SSKDF", nullptr));
  if (!kdf) fatal("OpenSSL has no SSKDF");
  return kdf.get();
}

EVP_KDF* hkdf_kdf() {
  static const KdfPtr kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  if (!kdf) fatal("OpenSSL has no HKDF");
  return kdf.get();
}

void require_derivable(std::size_t bytes) {
  if (bytes == 0 || bytes > kMaxDerivedBytes) fatal("KDF: asked for no bytes or for more than 1024");
}

}  // namespace

Secret concat_kdf(const Secret& shared, ByteView other_info, std::size_t bytes) {
  require_derivable(bytes);
  if (shared.empty()) fatal("Concat KDF of no secret");
  KeyParams params;
  params.add_text(OSSL_KDF_PARAM_DIGEST, "SHA256")
      .add_octets(OSSL_KDF_PARAM_KEY, shared.reveal())
      .add_octets(OSSL_KDF_PARAM_INFO, other_info);
  const KdfCtxPtr context(EVP_KDF_CTX_new(single_step_kdf()));
  SecretBuffer derived(bytes);
  if (!context || EVP_KDF_derive(context.get(), derived.data(), derived.size(), params.finish()) != 1) {
    fatal("Concat KDF failed");
  }
  return derived.take(bytes);
}

Secret hkdf(const Secret& key, ByteView info, std::size_t bytes) {
  require_derivable(bytes);
  if (key.empty()) fatal("HKDF of no key");
  KeyParams params;
  params.add_text(OSSL_KDF_PARAM_DIGEST, "SHA256")
      .add_octets(OSSL_KDF_PARAM_KEY, key.reveal())
      .add_octets(OSSL_KDF_PARAM_INFO, info);
  const KdfCtxPtr context(EVP_KDF_CTX_new(hkdf_kdf()));
  SecretBuffer derived(bytes);
  if (!context || EVP_KDF_derive(context.get(), derived.data(), derived.size(), params.finish()) != 1) {
    fatal("HKDF failed");
  }
  return derived.take(bytes);
}

Secret pbkdf2(Hash hash, const Secret& password, ByteView salt, std::uint32_t iterations, std::size_t bytes) {
  require_derivable(bytes);
  if (iterations == 0 || iterations > kMaxInt) fatal("PBKDF2: iterations out of range");
  if (password.size() > kMaxInt || salt.size() > kMaxInt) fatal("PBKDF2: a password or salt of 2 GiB");
  const std::string_view phrase = password.reveal_text();
  SecretBuffer derived(bytes);
  if (PKCS5_PBKDF2_HMAC(phrase.data(), static_cast<int>(phrase.size()), salt.data(), static_cast<int>(salt.size()),
                        static_cast<int>(iterations), message_digest(hash), static_cast<int>(derived.size()),
                        derived.data()) != 1) {
    fatal("PBKDF2 failed");
  }
  return derived.take(bytes);
}

}  // namespace mintmark::crypto
