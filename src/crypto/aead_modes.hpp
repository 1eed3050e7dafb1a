#pragma once
// The two constructions behind Aead. Lengths are the caller's to check: of keys, nonces and tags as Aead says, of the
// rest not above kMaxCipherBytes.

#include <optional>

#include "mintmark/crypto/aead.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

struct SealedView {
  ByteView nonce;
  ByteView ciphertext;
  ByteView tag;
};

inline constexpr std::size_t kGcmNonceBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;
inline constexpr std::size_t kCbcNonceBytes = 16;  ///< a block of AES

/// AES-GCM (NIST SP 800-38D).
Sealed seal_gcm(const Secret& key, ByteView plaintext, ByteView associated_data);
/// None for what was not sealed so.
std::optional<Secret> open_gcm(const Secret& key, const SealedView& sealed, ByteView associated_data);

/// AES-CBC with PKCS#7 padding, then HMAC with `hash` cut to half (RFC 7518 §5.2.2).
Sealed seal_cbc_hmac(Hash hash, const Secret& key, ByteView plaintext, ByteView associated_data);
/// None for what was not sealed so.
std::optional<Secret> open_cbc_hmac(Hash hash, const Secret& key, const SealedView& sealed, ByteView associated_data);

}  // namespace mintmark::crypto
