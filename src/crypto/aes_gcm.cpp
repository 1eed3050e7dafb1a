#include "aead_modes.hpp"
#include "aes_cipher.hpp"
#include "fatal.hpp"
#include "mintmark/crypto/random.hpp"
#include "secret_buffer.hpp"

namespace mintmark::crypto {
namespace {

int int_size(ByteView bytes) noexcept {
  return static_cast<int>(bytes.size());
}

}  // namespace

Sealed seal_gcm(const Secret& key, ByteView plaintext, ByteView associated_data) {
  Sealed sealed{random_bytes(kGcmNonceBytes), Bytes(plaintext.size()), Bytes(kGcmTagBytes)};
  const EVP_CIPHER* const cipher = aes_cipher(AesMode::gcm, key.size());
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int written = 0;
  if (!context || EVP_EncryptInit_ex2(context.get(), cipher, key.reveal().data(), sealed.nonce.data(), nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &written, associated_data.data(), int_size(associated_data)) != 1 ||
      EVP_EncryptUpdate(context.get(), sealed.ciphertext.data(), &written, plaintext.data(), int_size(plaintext)) !=
          1 ||
      EVP_EncryptFinal_ex(context.get(), sealed.tag.data(), &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kGcmTagBytes), sealed.tag.data()) !=
          1) {
    fatal("AES-GCM failed");
  }
  return sealed;
}

std::optional<Secret> open_gcm(const Secret& key, const SealedView& sealed, ByteView associated_data) {
  const ByteView ciphertext = sealed.ciphertext;
  Bytes tag(sealed.tag.begin(), sealed.tag.end());  // OpenSSL takes it through a pointer to non-const
  SecretBuffer plaintext(ciphertext.size() + 1);    // never empty, so that its data() is never null

  const EVP_CIPHER* const cipher = aes_cipher(AesMode::gcm, key.size());
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool opened =
      context && EVP_DecryptInit_ex2(context.get(), cipher, key.reveal().data(), sealed.nonce.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, associated_data.data(), int_size(associated_data)) == 1 &&
      EVP_DecryptUpdate(context.get(), plaintext.data(), &written, ciphertext.data(), int_size(ciphertext)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int_size(tag), tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), plaintext.data() + ciphertext.size(), &written) == 1;
  if (!opened) return std::nullopt;
  return plaintext.take(ciphertext.size());
}

}  // namespace mintmark::crypto
