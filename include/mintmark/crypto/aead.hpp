#pragma once
// AES-256-GCM with a random 96-bit nonce, for data at rest.
// Thread safety: pure functions.

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

/// nonce (12) | ciphertext | tag (16). Requires: `key` has 32 bytes.
Bytes seal_aes256_gcm(const Secret& key, ByteView plaintext, ByteView associated_data);

/// Errors: crypto, where key, data or associated data are not those of the sealing.
Result<Secret> open_aes256_gcm(const Secret& key, ByteView sealed, ByteView associated_data);

}  // namespace mintmark::crypto
