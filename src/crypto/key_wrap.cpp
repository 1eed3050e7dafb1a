#include "mintmark/crypto/key_wrap.hpp"

#include "aes_cipher.hpp"
#include "fatal.hpp"
#include "secret_buffer.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kBlockBytes = 8;     // RFC 3394 §2.2: 64 bits
constexpr std::size_t kMinKeyBytes = 16;   // two blocks
constexpr std::size_t kOverheadBytes = 8;  // the initial value, by which a wrapped key is known again

CipherCtxPtr make_context() {
  CipherCtxPtr context(EVP_CIPHER_CTX_new());
  if (!context) fatal("no memory for a cipher");
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  return context;
}

}  // namespace

Bytes wrap_key(const Secret& wrapping_key, const Secret& key) {
  const ByteView bytes = key.reveal();
  if (bytes.size() < kMinKeyBytes || bytes.size() % kBlockBytes != 0 || bytes.size() > kMaxCipherBytes) {
    fatal("AES Key Wrap: not a key of two or more blocks");
  }
  const EVP_CIPHER* const cipher = aes_cipher(AesMode::wrap, wrapping_key.size());
  const CipherCtxPtr context = make_context();
  Bytes wrapped(bytes.size() + kOverheadBytes);
  int written = 0;
  if (EVP_EncryptInit_ex2(context.get(), cipher, wrapping_key.reveal().data(), nullptr, nullptr) != 1 ||
      EVP_EncryptUpdate(context.get(), wrapped.data(), &written, bytes.data(), static_cast<int>(bytes.size())) != 1 ||
      static_cast<std::size_t>(written) != wrapped.size()) {
    fatal("AES Key Wrap failed");
  }
  return wrapped;
}

Result<Secret> unwrap_key(const Secret& wrapping_key, ByteView wrapped) {
  const ErrorQueueScope errors;
  const EVP_CIPHER* const cipher = aes_cipher(AesMode::wrap, wrapping_key.size());
  Error refusal = crypto_error("AES Key Wrap: not wrapped with this key");  // made in any case: see below
  if (wrapped.size() < kMinKeyBytes + kOverheadBytes || wrapped.size() % kBlockBytes != 0 ||
      wrapped.size() > kMaxCipherBytes) {
    return refusal;
  }
  const CipherCtxPtr context = make_context();
  SecretBuffer key(wrapped.size());  // OpenSSL wants as much room as it is given to read
  int written = 0;
  const bool unwrapped =
      EVP_DecryptInit_ex2(context.get(), cipher, wrapping_key.reveal().data(), nullptr, nullptr) == 1 &&
      EVP_DecryptUpdate(context.get(), key.data(), &written, wrapped.data(), static_cast<int>(wrapped.size())) == 1 &&
      static_cast<std::size_t>(written) == wrapped.size() - kOverheadBytes;
  if (!unwrapped) return refusal;
  // A failure has made an entry in OpenSSL's error queue, which takes time. With one here, most of the difference goes.
  ERR_raise(ERR_LIB_USER, ERR_R_OPERATION_FAIL);
  return key.take(wrapped.size() - kOverheadBytes);
}

}  // namespace mintmark::crypto
