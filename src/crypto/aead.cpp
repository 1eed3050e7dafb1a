#include "mintmark/crypto/aead.hpp"

#include <array>

#include "aead_modes.hpp"
#include "aes_cipher.hpp"
#include "fatal.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {
namespace {

struct AeadInfo {
  Aead aead;
  std::optional<Hash> hmac;  ///< none for GCM, which has a tag of its own
  std::size_t key_bytes;
  std::size_t nonce_bytes;
  std::size_t tag_bytes;
};

// In the order of Aead.
constexpr std::array<AeadInfo, 6> kAeads = {{
    {Aead::aes128_cbc_hmac_sha256, Hash::sha256, 32, kCbcNonceBytes, 16},
    {Aead::aes192_cbc_hmac_sha384, Hash::sha384, 48, kCbcNonceBytes, 24},
    {Aead::aes256_cbc_hmac_sha512, Hash::sha512, 64, kCbcNonceBytes, 32},
    {Aead::aes128_gcm, std::nullopt, 16, kGcmNonceBytes, kGcmTagBytes},
    {Aead::aes192_gcm, std::nullopt, 24, kGcmNonceBytes, kGcmTagBytes},
    {Aead::aes256_gcm, std::nullopt, 32, kGcmNonceBytes, kGcmTagBytes},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kAeads.size(); ++i) {
    if (static_cast<std::size_t>(kAeads[i].aead) != i) return false;
  }
  return true;
}
static_assert(in_order());

const AeadInfo& info(Aead aead) noexcept {
  return kAeads[static_cast<std::size_t>(aead)];
}

bool has_right_lengths(const AeadInfo& of, const Secret& key, const SealedView& sealed, ByteView associated_data) {
  return key.size() == of.key_bytes && sealed.nonce.size() == of.nonce_bytes && sealed.tag.size() == of.tag_bytes &&
         sealed.ciphertext.size() <= kMaxCipherBytes && associated_data.size() <= kMaxCipherBytes;
}

Result<Secret> open_view(Aead aead, const Secret& key, const SealedView& sealed, ByteView associated_data) {
  const ErrorQueueScope errors;
  const AeadInfo& of = info(aead);
  std::optional<Secret> opened;
  if (has_right_lengths(of, key, sealed, associated_data)) {
    opened = of.hmac ? open_cbc_hmac(*of.hmac, key, sealed, associated_data) : open_gcm(key, sealed, associated_data);
  }
  if (!opened) return crypto_error("AEAD: not sealed with this key and these associated data");
  return *std::move(opened);
}

}  // namespace

std::size_t key_bytes(Aead aead) noexcept {
  return info(aead).key_bytes;
}

std::size_t nonce_bytes(Aead aead) noexcept {
  return info(aead).nonce_bytes;
}

std::size_t tag_bytes(Aead aead) noexcept {
  return info(aead).tag_bytes;
}

Sealed seal(Aead aead, const Secret& key, ByteView plaintext, ByteView associated_data) {
  const AeadInfo& of = info(aead);
  if (key.size() != of.key_bytes) fatal("AEAD: the key is of another length");
  if (plaintext.size() > kMaxCipherBytes || associated_data.size() > kMaxCipherBytes) {
    fatal("AEAD: 2 GiB or more in one piece");
  }
  return of.hmac ? seal_cbc_hmac(*of.hmac, key, plaintext, associated_data) : seal_gcm(key, plaintext, associated_data);
}

Result<Secret> open(Aead aead, const Secret& key, const Sealed& sealed, ByteView associated_data) {
  return open_view(aead, key, {sealed.nonce, sealed.ciphertext, sealed.tag}, associated_data);
}

Bytes seal_aes256_gcm(const Secret& key, ByteView plaintext, ByteView associated_data) {
  const Sealed sealed = seal(Aead::aes256_gcm, key, plaintext, associated_data);
  Bytes out = sealed.nonce;
  out.insert(out.end(), sealed.ciphertext.begin(), sealed.ciphertext.end());
  out.insert(out.end(), sealed.tag.begin(), sealed.tag.end());
  return out;
}

Result<Secret> open_aes256_gcm(const Secret& key, ByteView sealed, ByteView associated_data) {
  if (sealed.size() < kGcmNonceBytes + kGcmTagBytes) return crypto_error("AEAD: too short to have been sealed");
  const ByteView rest = sealed.subspan(kGcmNonceBytes);
  const SealedView parts{sealed.first(kGcmNonceBytes), rest.first(rest.size() - kGcmTagBytes), rest.last(kGcmTagBytes)};
  return open_view(Aead::aes256_gcm, key, parts, associated_data);
}

}  // namespace mintmark::crypto
