#pragma once
// The public keys of somebody whose signatures are believed: of a client that authenticates with them, of an issuer
// whose tokens are accepted. In a document they stand as they are or by the URL where they are published:
//
//   "jwks": { "keys": [ … ] }          "jwks_uri": "https://app.example.com/jwks.json"
//
// Thread safety: values and pure functions.

#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "mintmark/jose/key.hpp"
#include "mintmark/oauth/key_set_source.hpp"

namespace mintmark::oauth {

using VerificationKeys = std::vector<jose::VerificationKey>;

/// What a JWK or JWKS can verify: at least one key. What is not ours is passed over. Errors: invalid, for a set with a
/// secret or a private key in it, which nobody may publish; too many keys; none that can be used.
Result<VerificationKeys> read_verification_keys(std::string_view key_set);

/// Those of `algs`, or all where it is empty.
VerificationKeys select_keys(const VerificationKeys& keys, const std::vector<jose::Alg>& algs);

/// A key set in a document.
struct InlineKeySet {
  Json document;
  std::shared_ptr<const VerificationKeys> keys;  ///< never null

  bool operator==(const InlineKeySet& other) const { return document == other.document; }
};

using KeySetPlace = std::variant<JwksUri, InlineKeySet>;

/// Reads the members `jwks` and `jwks_uri`, of which at most one may be there; problems are recorded in `in`.
std::optional<KeySetPlace> read_key_set_place(JsonReader& in);
/// Adds the member: read_key_set_place gives it back.
void render_key_set_place(const KeySetPlace& place, Json& document);

/// Algorithms, none twice; problems are recorded in `in`.
std::vector<jose::Alg> read_algs(JsonReader& in, std::string_view member);
/// Likewise, of signatures with a public key.
std::vector<jose::Alg> read_signature_algs(JsonReader& in, std::string_view member);
Json render_algs(const std::vector<jose::Alg>& algs);

}  // namespace mintmark::oauth
