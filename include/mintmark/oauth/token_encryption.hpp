#pragma once
// How the tokens of a resource are encrypted: the member `encryption` of its document.
//
//   { "alg": "ECDH-ES+A128KW", "enc": "A256GCM", "jwks_uri": "https://api.example.com/jwks.json" }
//   { "alg": "RSA-OAEP-256", "jwk": { "kty": "RSA", … } }
//
// Only public keys encrypt here. A secret that two sides share has no place in a document, which is listed and printed.
// Thread safety: values and pure functions.

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mintmark/base/json_reader.hpp"
#include "mintmark/jose/encryption_key.hpp"
#include "mintmark/oauth/key_set_source.hpp"

namespace mintmark::oauth {

/// A public key that tokens can be encrypted to, and the JWK that it was read from.
struct RecipientKey {
  Json jwk;
  jose::EncryptionKey key;

  bool operator==(const RecipientKey& other) const { return jwk == other.jwk; }
};

struct TokenEncryption {
  jose::KeyManagement alg;  ///< RSA-OAEP* or ECDH-ES*
  jose::ContentEncryption enc = jose::ContentEncryption::A256GCM;
  std::variant<JwksUri, RecipientKey> recipient;

  bool operator==(const TokenEncryption&) const = default;
};

/// The algorithms that encrypt to a public key: what `alg` can be.
std::vector<jose::KeyManagement> public_key_managements();

/// Errors: invalid, for what is not one of public_key_managements(), with those that are.
Result<jose::KeyManagement> parse_public_key_management(std::string_view name);

/// Errors: invalid, unsupported: a secret or a private key; a key that is too small, or meant for something else by its
/// `alg`, `use` or `key_ops`.
Result<RecipientKey> make_recipient_key(const Json& jwk, jose::KeyManagement alg);

/// Those keys of a JWK or JWKS that make_recipient_key() takes, in their order: at least one.
/// Errors: invalid, where the text is none or no key can be used, with the reason of the first.
Result<std::vector<RecipientKey>> read_recipient_keys(std::string_view key_set, jose::KeyManagement alg);

/// Reads the member `encryption` of a resource document, which must be there; problems are recorded in `in`.
std::optional<TokenEncryption> read_token_encryption(JsonReader& in);
/// The member `encryption`: read_token_encryption gives it back.
Json render_token_encryption(const TokenEncryption& encryption);

}  // namespace mintmark::oauth
