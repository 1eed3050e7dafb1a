#include "mintmark/crypto/aead.hpp"

#include <limits>

#include "fatal.hpp"
#include "mintmark/crypto/random.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kMaxBytes = std::numeric_limits<int>::max();

const EVP_CIPHER* aes256_gcm() {
  static const CipherPtr cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  if (!cipher) fatal("OpenSSL has no AES-256-GCM");
  return cipher.get();
}

int int_size(ByteView bytes) {
  if (bytes.size() > kMaxBytes) fatal("AES-GCM: more than 2 GiB in one piece");
  return static_cast<int>(bytes.size());
}

}  // namespace

Bytes seal_aes256_gcm(const Secret& key, ByteView plaintext, ByteView associated_data) {
  if (key.size() != kKeyBytes) fatal("AES-256-GCM: the key has not 32 bytes");
  Bytes sealed(kNonceBytes + plaintext.size() + kTagBytes);
  std::uint8_t* const nonce = sealed.data();
  std::uint8_t* const ciphertext = nonce + kNonceBytes;
  std::uint8_t* const tag = ciphertext + plaintext.size();
  fill_random({nonce, kNonceBytes});

  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int written = 0;
  if (!context || EVP_EncryptInit_ex2(context.get(), aes256_gcm(), key.reveal().data(), nonce, nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &written, associated_data.data(), int_size(associated_data)) != 1 ||
      EVP_EncryptUpdate(context.get(), ciphertext, &written, plaintext.data(), int_size(plaintext)) != 1 ||
      EVP_EncryptFinal_ex(context.get(), tag, &written) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) != 1) {
    fatal("AES-256-GCM failed");
  }
  return sealed;
}

Result<Secret> open_aes256_gcm(const Secret& key, ByteView sealed, ByteView associated_data) {
  const ErrorQueueScope errors;
  if (key.size() != kKeyBytes) return crypto_error("AES-256-GCM: the key has not 32 bytes");
  if (sealed.size() < kNonceBytes + kTagBytes) return crypto_error("AES-256-GCM: too short to have been sealed");
  const ByteView nonce = sealed.first(kNonceBytes);
  const ByteView ciphertext = sealed.subspan(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  Bytes tag(sealed.end() - kTagBytes, sealed.end());  // OpenSSL takes it through a pointer to non-const
  Bytes plaintext(ciphertext.size() + 1);             // never empty, so that its data() is never null

  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool opened =
      context && EVP_DecryptInit_ex2(context.get(), aes256_gcm(), key.reveal().data(), nonce.data(), nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &written, associated_data.data(), int_size(associated_data)) == 1 &&
      EVP_DecryptUpdate(context.get(), plaintext.data(), &written, ciphertext.data(), int_size(ciphertext)) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), plaintext.data() + ciphertext.size(), &written) == 1;
  if (!opened) {
    wipe(plaintext.data(), plaintext.size());
    return crypto_error("AES-256-GCM: not sealed with this key and these associated data");
  }
  plaintext.resize(ciphertext.size());
  return Secret(std::move(plaintext));
}

}  // namespace mintmark::crypto
