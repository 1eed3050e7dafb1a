#pragma once
// The algorithms of JWE (RFC 7518 §4.1 and §5.1, RFC 8037 §3.2): two closed sets. RSA1_5 is not in them.
// Thread safety: pure functions.

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "mintmark/crypto/aead.hpp"
#include "mintmark/crypto/pkey.hpp"

namespace mintmark::jose {

/// `alg` of a JWE: how its recipient comes to the content encryption key.
enum class KeyManagement {
  RSA_OAEP,
  RSA_OAEP_256,
  RSA_OAEP_384,
  RSA_OAEP_512,
  ECDH_ES,
  ECDH_ES_A128KW,
  ECDH_ES_A192KW,
  ECDH_ES_A256KW,
  A128KW,
  A192KW,
  A256KW,
  A128GCMKW,
  A192GCMKW,
  A256GCMKW,
  dir,
  PBES2_HS256_A128KW,
  PBES2_HS384_A192KW,
  PBES2_HS512_A256KW,
};

/// `enc` of a JWE: how the content is encrypted.
enum class ContentEncryption { A128CBC_HS256, A192CBC_HS384, A256CBC_HS512, A128GCM, A192GCM, A256GCM };

std::span<const KeyManagement> all_key_managements() noexcept;
std::span<const ContentEncryption> all_content_encryptions() noexcept;

/// The name on the wire: "ECDH-ES+A128KW", "A128CBC-HS256".
std::string_view name(KeyManagement alg) noexcept;
std::string_view name(ContentEncryption enc) noexcept;
/// Exact, as JOSE names are case-sensitive.
std::optional<KeyManagement> find_key_management(std::string_view name) noexcept;
std::optional<ContentEncryption> find_content_encryption(std::string_view name) noexcept;

/// What the recipient holds.
enum class RecipientKind {
  rsa,            ///< RSA-OAEP*
  key_agreement,  ///< ECDH-ES*: P-256, P-384, P-521, X25519, X448
  secret,         ///< A*KW, A*GCMKW, dir
  password,       ///< PBES2-*
};
RecipientKind recipient_kind(KeyManagement alg) noexcept;

/// Whether a key pair of this type is what `alg` needs.
bool is_for(KeyManagement alg, crypto::KeyType type) noexcept;
/// Of the AES key that wraps the content encryption key: 16, 24 or 32; 0 where none does (RSA-OAEP*, ECDH-ES, dir).
std::size_t wrapping_key_bytes(KeyManagement alg) noexcept;

crypto::Aead aead(ContentEncryption enc) noexcept;

}  // namespace mintmark::jose
