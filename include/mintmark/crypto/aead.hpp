#pragma once
// Authenticated encryption: the content encryptions of RFC 7518 §5, and AES-256-GCM for data at rest. Nonces are the
// CSPRNG's and nobody else's, fresh with every sealing; tags have their full length.
// Thread safety: pure functions.

#include <cstddef>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

enum class Aead {
  aes128_cbc_hmac_sha256,  ///< RFC 7518 §5.2.3: the key is HMAC's half, then AES's; the tag half a hash
  aes192_cbc_hmac_sha384,
  aes256_cbc_hmac_sha512,
  aes128_gcm,
  aes192_gcm,
  aes256_gcm,
};

/// 16 to 64.
std::size_t key_bytes(Aead aead) noexcept;
/// 12 for GCM, 16 for CBC.
std::size_t nonce_bytes(Aead aead) noexcept;
/// 16, 24 or 32.
std::size_t tag_bytes(Aead aead) noexcept;

struct Sealed {
  Bytes nonce;
  Bytes ciphertext;
  Bytes tag;
};

/// Requires: `key` has key_bytes(aead); at most 2 GiB less 17 bytes of each.
Sealed seal(Aead aead, const Secret& key, ByteView plaintext, ByteView associated_data);

/// Errors: crypto, one text for all: another key, nonce, tag, ciphertext or associated data, or a length that cannot
/// be. The tag is checked first and in constant time, so nothing tells a wrong tag from wrong padding.
Result<Secret> open(Aead aead, const Secret& key, const Sealed& sealed, ByteView associated_data);

/// For data at rest: nonce (12) | ciphertext | tag (16). Requires: `key` has 32 bytes.
Bytes seal_aes256_gcm(const Secret& key, ByteView plaintext, ByteView associated_data);

/// Errors: crypto, where key, data or associated data are not those of the sealing.
Result<Secret> open_aes256_gcm(const Secret& key, ByteView sealed, ByteView associated_data);

}  // namespace mintmark::crypto
