#include "mintmark/oauth/token_encryption.hpp"

#include "mintmark/jose/jwk.hpp"

namespace mintmark::oauth {
namespace {

bool is_public_key_management(jose::KeyManagement alg) noexcept {
  const jose::RecipientKind kind = jose::recipient_kind(alg);
  return kind == jose::RecipientKind::rsa || kind == jose::RecipientKind::key_agreement;
}

std::string names_of_public_key_managements() {
  std::string names;
  for (const jose::KeyManagement alg : public_key_managements())
    names += (names.empty() ? "" : ", ") + std::string(jose::name(alg));
  return names;
}

jose::KeyManagement read_alg(JsonReader& in) {
  const Result<jose::KeyManagement> alg = parse_public_key_management(in.required_string("alg"));
  if (!alg) in.reject("alg", alg.error().detail);
  return alg ? *alg : jose::KeyManagement::ECDH_ES;
}

jose::ContentEncryption read_enc(JsonReader& in) {
  constexpr auto kDefault = jose::ContentEncryption::A256GCM;
  const std::optional<jose::ContentEncryption> enc =
      jose::find_content_encryption(in.string("enc", jose::name(kDefault)));
  if (!enc) in.reject("enc", "unknown content encryption");
  return enc.value_or(kDefault);
}

/// None where the document is refused.
std::optional<TokenEncryption> read_members(JsonReader in) {
  const jose::KeyManagement alg = read_alg(in);
  const jose::ContentEncryption enc = read_enc(in);
  const Json jwk = in.any("jwk");
  const bool has_jwk = in.has("jwk");
  if (has_jwk == in.has("jwks_uri"))
    in.reject(has_jwk ? "jwks_uri" : "jwk", "expected exactly one of jwk and jwks_uri");
  if (!has_jwk) {
    TokenEncryption encryption{alg, enc, read_jwks_uri(in)};
    (void)in.finish();  // problems are the parent's
    return encryption;
  }
  (void)in.any("jwks_uri");
  Result<RecipientKey> key = make_recipient_key(jwk, alg);
  if (!key) in.reject("jwk", key.error().detail);
  (void)in.finish();
  if (!key) return std::nullopt;
  return TokenEncryption{alg, enc, *std::move(key)};
}

}  // namespace

std::vector<jose::KeyManagement> public_key_managements() {
  std::vector<jose::KeyManagement> algs;
  for (const jose::KeyManagement alg : jose::all_key_managements()) {
    if (is_public_key_management(alg)) algs.push_back(alg);
  }
  return algs;
}

Result<jose::KeyManagement> parse_public_key_management(std::string_view name) {
  const std::optional<jose::KeyManagement> alg = jose::find_key_management(name);
  if (alg && is_public_key_management(*alg)) return *alg;
  const std::string expected = "expected one of " + names_of_public_key_managements();
  return invalid(alg ? expected + ": a token is encrypted to a public key, not with a secret" : expected);
}

Result<RecipientKey> make_recipient_key(const Json& jwk, jose::KeyManagement alg) {
  if (jwk.is_object() && find_string(jwk, "kty") == "oct") {
    return invalid("a shared secret must not stand here: expected a public key");
  }
  const Result<jose::Jwk> parsed = jose::parse_jwk(jwk);
  if (!parsed) return parsed.error();
  if (!std::holds_alternative<crypto::PublicKey>(parsed->key)) {
    return invalid("a private key must not stand here: expected its public half alone");
  }
  Result<jose::EncryptionKey> key = jose::make_encryption_key(*parsed, alg);
  if (!key) return key.error();
  return RecipientKey{jwk, *std::move(key)};
}

Result<std::vector<RecipientKey>> read_recipient_keys(std::string_view key_set, jose::KeyManagement alg) {
  const Result<Json> document = parse_json_object(key_set, {.max_bytes = kMaxKeySetBytes});
  if (!document) return document.error();
  const auto found = document->find("keys");
  const Json members = found == document->end() ? Json::array({*document}) : *found;
  if (!members.is_array()) return invalid("JWKS: \"keys\" is not an array");
  if (members.size() > kMaxKeysInSet) return invalid("JWKS: too many keys");

  std::vector<RecipientKey> keys;
  std::string reason = "there is no key in it";
  for (const Json& member : members) {
    Result<RecipientKey> key = make_recipient_key(member, alg);
    if (key) {
      keys.push_back(*std::move(key));
    } else if (&member == &members.front()) {
      reason = key.error().detail;
    }
  }
  if (keys.empty()) return invalid("no key can be used with " + std::string(jose::name(alg)) + ": " + reason);
  return keys;
}

std::optional<TokenEncryption> read_token_encryption(JsonReader& in) {
  if (!in.has("encryption")) in.reject("encryption", "is required with format \"jwt+jwe\"");
  return read_members(in.child("encryption"));
}

Json render_token_encryption(const TokenEncryption& encryption) {
  Json document = {{"alg", jose::name(encryption.alg)}, {"enc", jose::name(encryption.enc)}};
  if (const auto* uri = std::get_if<JwksUri>(&encryption.recipient)) document["jwks_uri"] = uri->url;
  if (const auto* key = std::get_if<RecipientKey>(&encryption.recipient)) document["jwk"] = key->jwk;
  return document;
}

}  // namespace mintmark::oauth
