#pragma once
// Keys from secrets: HKDF, the single-step KDF of key agreement, and PBKDF2.
// Thread safety: pure functions.

#include <cstddef>
#include <cstdint>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::crypto {

/// Concat KDF with SHA-256 (NIST SP 800-56A §5.8.1), as RFC 7518 §4.6.2 uses it. `other_info` is complete: its parts
/// and their lengths are the caller's. Requires: `shared` is not empty; 1 to 1024 `bytes`.
Secret concat_kdf(const Secret& shared, ByteView other_info, std::size_t bytes);

/// HKDF-SHA-256 without salt (RFC 5869): a key of its own for each purpose that `info` names, from one good key.
/// Requires: `key` is not empty; 1 to 1024 `bytes`.
Secret hkdf(const Secret& key, ByteView info, std::size_t bytes);

/// RFC 8018 §5.2 with HMAC over `hash`. Takes time in proportion to `iterations`, 1 to INT32_MAX: the caller bounds it.
/// An empty password is taken as it is. Requires: 1 to 1024 `bytes`.
Secret pbkdf2(Hash hash, const Secret& password, ByteView salt, std::uint32_t iterations, std::size_t bytes);

}  // namespace mintmark::crypto
