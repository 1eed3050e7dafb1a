#pragma once
// Between big-endian bytes and OpenSSL's numbers.

#include "mintmark/base/bytes.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {

/// Never null.
BnPtr to_bignum(ByteView big_endian);
/// Without leading zeros; empty for zero.
Bytes to_bytes(const BIGNUM* number);
/// With leading zeros to `size` bytes. Requires: the number is not longer.
Bytes to_bytes(const BIGNUM* number, std::size_t size);

}  // namespace mintmark::crypto
