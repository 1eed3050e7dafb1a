#pragma once
// AES Key Wrap with its default initial value (RFC 3394 §2.2.3.1), as RFC 7518 §4.4 uses it.
// Thread safety: pure functions.

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

/// Eight bytes longer than `key`. Requires: `wrapping_key` has 16, 24 or 32 bytes; `key` has 16 or more, a multiple
/// of 8.
Bytes wrap_key(const Secret& wrapping_key, const Secret& key);

/// Requires: `wrapping_key` has 16, 24 or 32 bytes. Errors: crypto, for everything that wrap_key() did not make with
/// it.
Result<Secret> unwrap_key(const Secret& wrapping_key, ByteView wrapped);

}  // namespace mintmark::crypto
