#pragma once
// JWE in compact serialization (RFC 7516 §7.1).
// Thread safety: pure functions.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "mintmark/base/json.hpp"
#include "mintmark/jose/encryption_key.hpp"

namespace mintmark::jose {

/// Header parameters that a caller may choose. `alg` and `kid` are the key's.
struct JweHeader {
  std::string_view typ = {};  ///< left out if empty
  std::string_view cty = {};  ///< left out if empty
};

/// A fresh content encryption key, nonce and, for ECDH-ES, ephemeral key with every call.
/// Errors: invalid, where the key is for another `enc` alone; crypto.
Result<std::string> encrypt_jwe(const EncryptionKey& key, ContentEncryption enc, const JweHeader& header,
                                ByteView plaintext);

struct DecryptedJwe {
  KeyManagement alg;
  ContentEncryption enc;
  KeyId kid;  ///< of the key that decrypted
  std::string cty;
  Json header;
  Secret plaintext;
};

struct JweExpectation {
  std::span<const ContentEncryption> encs = all_content_encryptions();
  std::size_t max_bytes = 64 * 1024;
};

/// The key is chosen among `keys` by the header's `kid` where it has one, else by `alg` alone; a key without a `kid`,
/// as from PEM, answers to any. Its own algorithm must be the header's, and `enc` one of those expected: a token
/// chooses nothing. `crit` and `zip` are refused; `jwk`, `jku`, `x5u` and `x5c` are never read. Errors: invalid, for
/// what is malformed or not for these keys, which the sender can see for himself; crypto, with one text, whatever fails
/// once a key is used. Where the content encryption key cannot be had, a random one is used instead (RFC 7516 §11.5),
/// so that wrong padding, a wrong wrapping and a wrong tag take the same steps; `./dev bench timing` measures what
/// difference is left.
Result<DecryptedJwe> decrypt_jwe(std::string_view token, std::span<const DecryptionKey> keys,
                                 const JweExpectation& expectation = {});

/// Whether the text has the five parts of a JWE, whatever is in them.
bool looks_like_jwe(std::string_view token) noexcept;

/// The header that everybody can read, believed by nobody: for `mintmark token decode` only.
Result<Json> decode_jwe_header(std::string_view token, std::size_t max_bytes = 64 * 1024);

}  // namespace mintmark::jose
