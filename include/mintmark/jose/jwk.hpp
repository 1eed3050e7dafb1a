#pragma once
// JSON Web Keys and sets of them (RFC 7517), their thumbprints (RFC 7638), and keys from PEM.
// Thread safety: pure functions. Errors: invalid, with what is wrong; unsupported, for a type that is not ours.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mintmark/jose/encryption_key.hpp"
#include "mintmark/jose/key.hpp"

namespace mintmark::jose {

/// What one JWK holds, before anybody asks it to sign, verify, encrypt or decrypt.
struct Jwk {
  std::variant<Secret, crypto::PublicKey, crypto::PrivateKey> key;
  /// `alg`, of which at most one kind is there.
  std::optional<Alg> alg;
  std::optional<KeyManagement> key_management;
  std::optional<ContentEncryption> content_encryption;  ///< `alg` of an oct key that is for `dir` (RFC 7518 §7.1.1)
  KeyId kid;                                            ///< may be empty
  std::string use;                                      ///< may be empty
  std::vector<std::string> key_ops;
};

Result<Jwk> parse_jwk(const Json& json);
/// One JWK or a JWKS, as text. In a set, keys of types, curves or algorithms that are not ours are passed over
/// (RFC 7517 §5), and so are broken ones, unless the set holds a secret: then they are an error.
Result<std::vector<Jwk>> parse_jwk_set(std::string_view text);
/// Whether a text is PEM rather than JSON, by its first line, wherever that is; and whether a private key is in it.
bool is_pem(std::string_view text) noexcept;
bool is_private_pem(std::string_view text) noexcept;

/// JWK, JWKS or PEM (private, public, certificate), by looking.
Result<std::vector<Jwk>> parse_key_file(const Secret& text);

/// What it signs with: `alg`, or the one algorithm that the type of the key allows. None where it is for encryption.
std::optional<Alg> signature_alg(const Jwk& jwk);

/// Requires signature_alg() of the JWK or `alg` to be there, and to agree where both are; `use` and `key_ops` must
/// allow it.
Result<SigningKey> make_signing_key(const Jwk& jwk, std::optional<Alg> alg = {});
Result<VerificationKey> make_verification_key(const Jwk& jwk, std::optional<Alg> alg = {});

/// One for each algorithm that the JWK leaves open: a bare RSA key verifies RS* and PS*. Empty where it may verify
/// nothing.
std::vector<VerificationKey> make_verification_keys(const Jwk& jwk);

/// Requires `alg` of the JWK or `alg` to be there, and to agree where both are; `use` and `key_ops` must allow it. A
/// key for `dir` needs its `enc`, from the JWK's `alg` or from `enc`.
Result<EncryptionKey> make_encryption_key(const Jwk& jwk, std::optional<KeyManagement> alg = {},
                                          std::optional<ContentEncryption> enc = {});

/// One for each algorithm that the JWK leaves open: a bare EC key opens all of ECDH-ES. A shared secret must say its
/// algorithm, or `alg` does: one secret is never tried with two, but that one for `dir` which names no `enc` opens each
/// that its length fits. Empty where it may decrypt nothing.
std::vector<DecryptionKey> make_decryption_keys(const Jwk& jwk, std::optional<KeyManagement> alg = {});

/// The public numbers with `kty` and `crv`.
Json public_jwk(const crypto::PublicKey& key);

/// `jwk` without what is private, `alg`, `kid` and `use` kept. Errors: invalid, for a shared secret: nothing of it is
/// public.
Result<Json> public_half(const Jwk& jwk);

/// RFC 7638 §3 (SHA-256), of public and private keys alike; RFC 9964 for AKP.
std::string thumbprint(const crypto::PublicKey& key);
std::string thumbprint(const Jwk& jwk);

}  // namespace mintmark::jose
