#include "mintmark/oauth/verification_keys.hpp"

#include <algorithm>
#include <iterator>

#include "mintmark/base/contains.hpp"
#include "mintmark/jose/jwk.hpp"
#include "name_lists.hpp"

namespace mintmark::oauth {

Result<VerificationKeys> read_verification_keys(std::string_view key_set) {
  if (key_set.size() > kMaxKeySetBytes) return invalid("JWKS: too large");
  const Result<std::vector<jose::Jwk>> set = jose::parse_jwk_set(key_set);
  if (!set) return set.error();
  if (set->size() > kMaxKeysInSet) return invalid("JWKS: too many keys");
  VerificationKeys keys;
  for (const jose::Jwk& jwk : *set) {
    if (!std::holds_alternative<crypto::PublicKey>(jwk.key)) {
      return invalid("a secret or a private key must not stand here: expected public keys alone");
    }
    std::vector<jose::VerificationKey> usable = jose::make_verification_keys(jwk);
    keys.insert(keys.end(), std::move_iterator(usable.begin()), std::move_iterator(usable.end()));
  }
  if (keys.empty()) return invalid("no key in the set can verify signatures");
  return keys;
}

VerificationKeys select_keys(const VerificationKeys& keys, const std::vector<jose::Alg>& algs) {
  if (algs.empty()) return keys;
  VerificationKeys selected;
  for (const jose::VerificationKey& key : keys) {
    if (contains(algs, key.alg())) selected.push_back(key);
  }
  return selected;
}

std::optional<KeySetPlace> read_key_set_place(JsonReader& in) {
  const Json document = in.any("jwks");
  if (in.has("jwks_uri")) {
    if (in.has("jwks")) in.reject("jwks_uri", "expected either this or jwks, not both");
    return read_jwks_uri(in);
  }
  if (!in.has("jwks")) return std::nullopt;
  Result<VerificationKeys> keys = read_verification_keys(document.dump());
  if (!keys) {
    in.reject("jwks", keys.error().detail);
    return std::nullopt;
  }
  return InlineKeySet{document, std::make_shared<const VerificationKeys>(*std::move(keys))};
}

void render_key_set_place(const KeySetPlace& place, Json& document) {
  if (const auto* uri = std::get_if<JwksUri>(&place)) document["jwks_uri"] = uri->url;
  if (const auto* set = std::get_if<InlineKeySet>(&place)) document["jwks"] = set->document;
}

std::vector<jose::Alg> read_signature_algs(JsonReader& in, std::string_view member) {
  std::vector<jose::Alg> algs = read_algs(in, member);
  if (std::ranges::any_of(algs, jose::is_symmetric)) {
    in.reject(member, "expected algorithms of signatures with a public key, such as \"ES256\"");
  }
  return algs;
}

std::vector<jose::Alg> read_algs(JsonReader& in, std::string_view member) {
  return read_names(in, member, jose::all_algs(), "expected names of algorithms, such as \"ES256\" (RFC 7518 §3.1)");
}

Json render_algs(const std::vector<jose::Alg>& algs) {
  return render_names(algs);
}

}  // namespace mintmark::oauth
