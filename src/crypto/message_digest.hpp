#pragma once
// Hashing inside the module: OpenSSL's digest objects, fetched once, and hashing without the heap.

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <initializer_list>

#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

/// Never null.
const EVP_MD* message_digest(Hash hash);

struct DigestValue {
  std::array<std::uint8_t, 64> bytes;
  std::size_t size;

  [[nodiscard]] ByteView view() const noexcept { return {bytes.data(), size}; }
};

DigestValue compute_digest(Hash hash, ByteView data);

/// RFC 2104 over the parts, one after the other. Requires: `key` is not empty.
DigestValue compute_hmac(Hash hash, ByteView key, std::initializer_list<ByteView> parts);

}  // namespace mintmark::crypto
