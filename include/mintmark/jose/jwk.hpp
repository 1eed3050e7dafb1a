#pragma once
// JSON Web Keys and sets of them (RFC 7517), their thumbprints (RFC 7638), and keys from PEM.
// Thread safety: pure functions. Errors: invalid, with what is wrong; unsupported, for a type that is not ours.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mintmark/jose/key.hpp"

namespace mintmark::jose {

/// What one JWK holds, before anybody asks it to sign or verify.
struct Jwk {
  std::variant<Secret, crypto::PublicKey, crypto::PrivateKey> key;
  std::optional<Alg> alg;  ///< from `alg`, or where the key's type allows one algorithm alone
  KeyId kid;               ///< may be empty
  std::string use;         ///< may be empty
  std::vector<std::string> key_ops;
};

Result<Jwk> parse_jwk(const Json& json);
/// One JWK or a JWKS, as text. In a set, keys of types, curves or algorithms that are not ours are passed over
/// (RFC 7517 §5), and so are broken ones, unless the set holds a secret: then they are an error.
Result<std::vector<Jwk>> parse_jwk_set(std::string_view text);
/// JWK, JWKS or PEM (private, public, certificate), by looking.
Result<std::vector<Jwk>> parse_key_file(const Secret& text);

/// Requires `alg` of the JWK or `alg` to be there, and to agree where both are; `use` and `key_ops` must allow it.
Result<SigningKey> make_signing_key(const Jwk& jwk, std::optional<Alg> alg = {});
Result<VerificationKey> make_verification_key(const Jwk& jwk, std::optional<Alg> alg = {});

/// One for each algorithm that the JWK leaves open: a bare RSA key verifies RS* and PS*. Empty where it may verify
/// nothing.
std::vector<VerificationKey> make_verification_keys(const Jwk& jwk);

/// RFC 7638 §3 (SHA-256), of public and private keys alike; RFC 9964 for AKP.
std::string thumbprint(const crypto::PublicKey& key, Alg alg);
std::string thumbprint(const Jwk& jwk);

}  // namespace mintmark::jose
