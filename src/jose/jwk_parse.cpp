#include <algorithm>
#include <array>

#include "jwk_members.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::jose {
namespace {

using crypto::KeyType;

constexpr std::size_t kMaxKeys = 100;
constexpr std::size_t kMaxKeyFileBytes = 256 * 1024;

/// Overwrites the strings of a document that held a private key.
class JsonWipe {
 public:
  explicit JsonWipe(Json& json) noexcept : json_(json) {}
  JsonWipe(const JsonWipe&) = delete;
  JsonWipe& operator=(const JsonWipe&) = delete;
  ~JsonWipe() { wipe_strings(json_); }

 private:
  static void wipe_strings(Json& json) {
    if (auto* text = json.get_ptr<std::string*>()) return wipe(text->data(), text->size());
    if (!json.is_structured()) return;
    for (Json& value : json)
      wipe_strings(value);
  }
  Json& json_;
};

/// An absent member is an empty string.
Result<std::string> read_text(const Json& jwk, const char* name) {
  const auto member = jwk.find(name);
  if (member == jwk.end()) return std::string();
  if (!member->is_string()) return invalid(std::string("JWK: \"") + name + "\" is not a string");
  return member->get<std::string>();
}

Result<Bytes> read_number(const Json& jwk, std::string_view name) {
  const auto member = jwk.find(name);
  if (member == jwk.end() || !member->is_string()) {
    return invalid("JWK: \"" + std::string(name) + "\" is missing or not a string");
  }
  Result<Bytes> bytes = decode_base64url(member->get_ref<const std::string&>());
  if (!bytes) return invalid("JWK: \"" + std::string(name) + "\" is not base64url");
  return bytes;
}

/// RFC 7517 §4.3: strings, none twice.
Result<std::vector<std::string>> read_key_ops(const Json& jwk) {
  std::vector<std::string> operations;
  const auto member = jwk.find("key_ops");
  if (member == jwk.end()) return operations;
  if (!member->is_array()) return invalid("JWK: \"key_ops\" is not an array");
  for (const Json& operation : *member) {
    if (!operation.is_string()) return invalid("JWK: \"key_ops\" holds something else than strings");
    const auto& text = operation.get_ref<const std::string&>();
    if (std::find(operations.begin(), operations.end(), text) != operations.end()) {
      return invalid("JWK: \"key_ops\" repeats itself");
    }
    operations.push_back(text);
  }
  return operations;
}

/// A type that is not ours is `unsupported`, so that a set can pass it over.
Result<KeyType> read_key_type(std::string_view kty_text, std::string_view crv_text, std::optional<Alg> alg) {
  if (kty_text == "AKP") {
    if (!alg) return invalid("JWK: \"alg\" is missing, without which an AKP key means nothing");  // RFC 9964
    if (is_symmetric(*alg) || kty(key_type(*alg)) != "AKP") return invalid("JWK: \"alg\" is not one of an AKP key");
    return key_type(*alg);
  }
  for (const KeyType type : {KeyType::rsa, KeyType::p256, KeyType::p384, KeyType::p521, KeyType::secp256k1,
                             KeyType::ed25519, KeyType::ed448, KeyType::x25519, KeyType::x448}) {
    if (kty(type) == kty_text && crv(type) == crv_text) return type;
  }
  return unsupported("JWK: a type or curve that is not supported");
}

/// That an asymmetric key of `type` may be for what it says.
Result<void> check_alg(KeyType type, const Jwk& jwk) {
  if (jwk.alg == Alg::EdDSA && type == KeyType::ed448) {
    return unsupported("JWK: Ed448 is supported under its own \"alg\" alone");
  }
  const bool signs = !jwk.alg || (!is_symmetric(*jwk.alg) && key_type(*jwk.alg) == type);
  const bool encrypts = !jwk.key_management || is_for(*jwk.key_management, type);
  if (!signs || !encrypts || jwk.content_encryption) {
    return invalid("JWK: \"alg\" is not one of this type of key");
  }
  return {};
}

/// Members that are secret in a key of some type; in a key of another they are a mistake with a secret in it.
constexpr std::array<std::string_view, 9> kSecretMembers = {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"};

Result<void> check_secret_members(const Json& jwk, const std::vector<PrivateMember>& expected) {
  for (const std::string_view name : kSecretMembers) {
    const bool belongs = std::any_of(expected.begin(), expected.end(), [&](const auto& m) { return m.name == name; });
    if (!belongs && jwk.contains(name)) {
      return invalid("JWK: \"" + std::string(name) + "\" does not belong into a key of this type");
    }
  }
  return {};
}

bool has_private_part(const Json& jwk, const std::vector<PrivateMember>& members) {
  return std::any_of(members.begin(), members.end(), [&](const auto& member) { return jwk.contains(member.name); });
}

Result<void> read_asymmetric(const Json& jwk, KeyType type, Jwk& out) {
  const std::vector<PrivateMember>& secrets = private_members(type);
  if (Result<void> clean = check_secret_members(jwk, secrets); !clean) return clean;
  crypto::PublicParts public_parts;
  for (const PublicMember& member : public_members(type)) {
    Result<Bytes> number = read_number(jwk, member.name);
    if (!number) return number.error();
    public_parts.*member.number = std::move(*number);
  }
  if (!has_private_part(jwk, secrets)) {
    Result<crypto::PublicKey> key = crypto::PublicKey::from_parts(type, public_parts);
    if (!key) return key.error();
    out.key = std::move(*key);
    return {};
  }
  crypto::PrivateParts private_parts;
  for (const PrivateMember& member : secrets) {
    Result<Bytes> number = read_number(jwk, member.name);
    if (!number) return number.error();
    private_parts.*member.number = Secret(std::move(*number));
  }
  Result<crypto::PrivateKey> key = crypto::PrivateKey::from_parts(type, public_parts, private_parts);
  if (!key) return key.error();
  out.key = std::move(*key);
  return {};
}

Result<void> read_symmetric(const Json& jwk, Jwk& out) {
  Result<Bytes> secret = read_number(jwk, "k");
  if (!secret) return secret.error();
  if (secret->empty()) return invalid("JWK: \"k\" is empty");
  out.key = Secret(std::move(*secret));
  const bool signs = !out.alg || is_symmetric(*out.alg);
  const bool encrypts = !out.key_management || recipient_kind(*out.key_management) == RecipientKind::secret ||
                        recipient_kind(*out.key_management) == RecipientKind::password;
  if (!signs || !encrypts) return invalid("JWK: \"alg\" is not one of an oct key");
  return {};
}

/// An `alg` that is not ours makes the key `unsupported`.
Result<void> read_alg(const Json& json, Jwk& jwk) {
  const Result<std::string> text = read_text(json, "alg");
  if (!text) return text.error();
  if (!json.contains("alg")) return {};
  jwk.alg = find_alg(*text);
  jwk.key_management = find_key_management(*text);
  jwk.content_encryption = find_content_encryption(*text);
  if (!jwk.alg && !jwk.key_management && !jwk.content_encryption) {
    return unsupported("JWK: an \"alg\" that is not supported");
  }
  return {};
}

Result<std::vector<Jwk>> parse_pem(const Secret& text) {
  std::vector<Jwk> keys;
  if (is_private_pem(text.reveal_text())) {
    Result<crypto::PrivateKey> key = crypto::PrivateKey::from_pem(text);
    if (!key) return key.error();
    keys.push_back({std::move(*key), {}, {}, {}, {}, {}, {}});
  } else {
    Result<crypto::PublicKey> key = crypto::PublicKey::from_pem(text.reveal_text());
    if (!key) return key.error();
    keys.push_back({std::move(*key), {}, {}, {}, {}, {}, {}});
  }
  return keys;
}

bool is_public(const Json& jwk) {
  return jwk.is_object() && std::none_of(kSecretMembers.begin(), kSecretMembers.end(),
                                         [&](const auto& name) { return jwk.contains(name); });
}

/// RFC 7517 §5: keys with values out of range are passed over too, or one weak key would take a server's whole set out
/// of use. Not beside a secret, where every key is there on purpose.
Result<std::vector<Jwk>> parse_set(const Json& set) {
  const auto members = set.find("keys");
  if (!members->is_array()) return invalid("JWKS: \"keys\" is not an array");
  if (members->size() > kMaxKeys) return invalid("JWKS: too many keys");
  const bool all_public = std::all_of(members->begin(), members->end(), is_public);
  std::vector<Jwk> keys;
  for (const Json& member : *members) {
    Result<Jwk> key = parse_jwk(member);
    if (key) {
      keys.push_back(std::move(*key));
    } else if (!all_public && key.error().kind != ErrorKind::unsupported) {
      return key.error();
    }
  }
  return keys;
}

}  // namespace

bool is_pem(std::string_view text) noexcept {
  return text.find("-----BEGIN ") != std::string_view::npos;
}

bool is_private_pem(std::string_view text) noexcept {
  return text.find(" PRIVATE KEY-----") != std::string_view::npos;
}

Result<Jwk> parse_jwk(const Json& json) {
  if (!json.is_object()) return invalid("JWK: not an object");
  const Result<std::string> kty_text = read_text(json, "kty");
  const Result<std::string> crv_text = read_text(json, "crv");
  Result<std::string> kid = read_text(json, "kid");
  Result<std::string> use = read_text(json, "use");
  for (const Result<std::string>* text : {&kty_text, &crv_text, &std::as_const(kid), &std::as_const(use)}) {
    if (!*text) return text->error();
  }
  if (kty_text->empty()) return invalid("JWK: \"kty\" is missing");
  Result<std::vector<std::string>> key_ops = read_key_ops(json);
  if (!key_ops) return key_ops.error();

  Jwk jwk{Secret(), {}, {}, {}, KeyId(std::move(*kid)), std::move(*use), std::move(*key_ops)};
  if (Result<void> read = read_alg(json, jwk); !read) return read.error();
  if (*kty_text == "oct") {
    if (Result<void> read = read_symmetric(json, jwk); !read) return read.error();
    return jwk;
  }
  const Result<KeyType> type = read_key_type(*kty_text, *crv_text, jwk.alg);
  if (!type) return type.error();
  if (Result<void> fits = check_alg(*type, jwk); !fits) return fits.error();
  if (Result<void> read = read_asymmetric(json, *type, jwk); !read) return read.error();
  return jwk;
}

Result<std::vector<Jwk>> parse_jwk_set(std::string_view text) {
  Result<Json> json = parse_json_object(text, {.max_bytes = kMaxKeyFileBytes});
  if (!json) return json.error();
  const JsonWipe wiped(*json);
  if (json->contains("keys")) return parse_set(*json);
  Result<Jwk> key = parse_jwk(*json);
  if (!key) return key.error();
  std::vector<Jwk> keys;
  keys.push_back(std::move(*key));
  return keys;
}

Result<std::vector<Jwk>> parse_key_file(const Secret& text) {
  if (is_pem(text.reveal_text())) return parse_pem(text);
  return parse_jwk_set(text.reveal_text());
}

}  // namespace mintmark::jose
