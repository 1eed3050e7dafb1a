#include <array>

#include "aead_modes.hpp"
#include "aes_cipher.hpp"
#include "fatal.hpp"
#include "message_digest.hpp"
#include "mintmark/crypto/random.hpp"
#include "secret_buffer.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kBlockBytes = 16;

// RFC 7518 §5.2.2.1, step 1.
ByteView mac_half(const Secret& key) noexcept {
  return key.reveal().first(key.size() / 2);
}
ByteView encryption_half(const Secret& key) noexcept {
  return key.reveal().last(key.size() / 2);
}

/// AL: the length in bits, as 64 bits big-endian.
std::array<std::uint8_t, 8> length_in_bits(ByteView bytes) noexcept {
  const std::uint64_t bits = std::uint64_t{bytes.size()} * 8;
  std::array<std::uint8_t, 8> out;
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<std::uint8_t>(bits >> (56 - 8 * i));
  return out;
}

Bytes compute_tag(Hash hash, const Secret& key, ByteView nonce, ByteView ciphertext, ByteView associated_data) {
  const DigestValue mac =
      compute_hmac(hash, mac_half(key), {associated_data, nonce, ciphertext, length_in_bits(associated_data)});
  const ByteView tag = mac.view().first(mac.size / 2);
  return {tag.begin(), tag.end()};
}

Bytes encrypt_cbc(ByteView key, ByteView nonce, ByteView plaintext) {
  Bytes ciphertext(plaintext.size() + kBlockBytes - plaintext.size() % kBlockBytes);
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int body = 0;
  int padding = 0;
  if (!context ||
      EVP_EncryptInit_ex2(context.get(), aes_cipher(AesMode::cbc, key.size()), key.data(), nonce.data(), nullptr) !=
          1 ||
      EVP_EncryptUpdate(context.get(), ciphertext.data(), &body, plaintext.data(),
                        static_cast<int>(plaintext.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), ciphertext.data() + body, &padding) != 1) {
    fatal("AES-CBC failed");
  }
  return ciphertext;
}

std::optional<Secret> decrypt_cbc(ByteView key, ByteView nonce, ByteView ciphertext) {
  SecretBuffer plaintext(ciphertext.size() + kBlockBytes);  // what OpenSSL's manual asks for
  const CipherCtxPtr context(EVP_CIPHER_CTX_new());
  int body = 0;
  int rest = 0;
  const bool decrypted = context &&
                         EVP_DecryptInit_ex2(context.get(), aes_cipher(AesMode::cbc, key.size()), key.data(),
                                             nonce.data(), nullptr) == 1 &&
                         EVP_DecryptUpdate(context.get(), plaintext.data(), &body, ciphertext.data(),
                                           static_cast<int>(ciphertext.size())) == 1 &&
                         EVP_DecryptFinal_ex(context.get(), plaintext.data() + body, &rest) == 1;
  if (!decrypted) return std::nullopt;
  return plaintext.take(static_cast<std::size_t>(body) + static_cast<std::size_t>(rest));
}

}  // namespace

Sealed seal_cbc_hmac(Hash hash, const Secret& key, ByteView plaintext, ByteView associated_data) {
  Bytes nonce = random_bytes(kCbcNonceBytes);
  Bytes ciphertext = encrypt_cbc(encryption_half(key), nonce, plaintext);
  Bytes tag = compute_tag(hash, key, nonce, ciphertext, associated_data);
  return {std::move(nonce), std::move(ciphertext), std::move(tag)};
}

std::optional<Secret> open_cbc_hmac(Hash hash, const Secret& key, const SealedView& sealed, ByteView associated_data) {
  const Bytes tag = compute_tag(hash, key, sealed.nonce, sealed.ciphertext, associated_data);
  // RFC 7518 §5.2.2.2: the padding is looked at only where the tag has vouched for it, so there is no padding oracle.
  if (!constant_time_equal(tag, sealed.tag)) return std::nullopt;
  return decrypt_cbc(encryption_half(key), sealed.nonce, sealed.ciphertext);
}

}  // namespace mintmark::crypto
