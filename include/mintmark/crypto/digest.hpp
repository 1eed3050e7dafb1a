#pragma once
// SHA-2, HMAC over it, and comparison without a timing signal.
// Thread safety: pure functions.

#include "mintmark/base/bytes.hpp"

namespace mintmark::crypto {

enum class Hash { sha256, sha384, sha512 };

/// 32, 48 or 64.
std::size_t digest_bytes(Hash hash) noexcept;
Bytes digest(Hash hash, ByteView data);
/// RFC 2104. Requires: `key` is not empty.
Bytes hmac(Hash hash, ByteView key, ByteView data);

/// False for different lengths, at once; else a time that depends on the length alone.
bool constant_time_equal(ByteView a, ByteView b) noexcept;

}  // namespace mintmark::crypto
