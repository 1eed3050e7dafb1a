#pragma once
// What may be the shared secret of a JWE, and what its sender and its recipient derive alike.

#include <cstdint>
#include <optional>

#include "mintmark/base/result.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/jose/jwe_alg.hpp"

namespace mintmark::jose {

/// Errors: invalid, where `alg` takes no such secret or one of another length (RFC 7518 §4.4, §4.7).
Result<void> check_wrapping_secret(KeyManagement alg, const Secret& secret);
/// Errors: invalid, where it is not as long as `enc` asks (RFC 7518 §4.5).
Result<void> check_direct_secret(ContentEncryption enc, const Secret& secret);
/// Errors: invalid, where `alg` takes no password or it is empty.
Result<void> check_password(KeyManagement alg, const Secret& password);
/// Errors: invalid, where `alg` is for another type of key.
Result<void> check_key_pair(KeyManagement alg, crypto::KeyType type);

std::size_t content_key_bytes(ContentEncryption enc) noexcept;

/// The Diffie-Hellman result made a key: of the content for ECDH-ES, else of its wrapping (RFC 7518 §4.6.2).
Secret derive_agreed_key(KeyManagement alg, ContentEncryption enc, const Secret& shared, ByteView apu, ByteView apv);

/// RFC 7518 §4.8.1.1. Requires: PBES2-*.
Secret derive_password_key(KeyManagement alg, const Secret& password, ByteView salt, std::uint32_t count);

/// Of A*GCMKW. Requires: 16, 24 or 32.
crypto::Aead gcm_of(std::size_t key_bytes) noexcept;

}  // namespace mintmark::jose
