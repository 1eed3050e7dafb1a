#pragma once
// AES as OpenSSL has it: the ciphers, fetched once.

#include <cstddef>
#include <limits>

#include "openssl_ptr.hpp"

namespace mintmark::crypto {

enum class AesMode { cbc, gcm, wrap };

/// Never null. Requires: `key_bytes` is 16, 24 or 32.
const EVP_CIPHER* aes_cipher(AesMode mode, std::size_t key_bytes);

/// What OpenSSL's `int` can count, with a block of padding.
inline constexpr std::size_t kMaxCipherBytes = std::numeric_limits<int>::max() - 16;

}  // namespace mintmark::crypto
