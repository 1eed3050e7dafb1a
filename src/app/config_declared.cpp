#include "config_declared.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/password_hash.hpp"
#include "recipient_file.hpp"

namespace mintmark::app {
namespace {

// RFC 6749 appendix A.2. A client secret is stored as a plain hash, which is safe for long random ones alone.
constexpr std::size_t kMinClientSecretBytes = 32;
constexpr std::size_t kMaxAttributeBytes = 16384;  // they are copied into tokens

Result<Secret> read_secret_at(const NamedFiles& files, const Json& file, const std::string& path) {
  if (!file.is_string()) return invalid(path + ": expected the path of a file");
  Result<Secret> secret = files.read(files.folder / file.get<std::string>());
  if (!secret) return Error{secret.error().kind, path + ": " + secret.error().detail};
  return secret;
}

/// Replaces `name` of `object`, the path of a file, by `replacement` with what `convert` makes of the file's content: a
/// Result of text or JSON.
template <class Convert>
Result<void> resolve_file(Json& object, const std::string& path, const NamedFiles& files, const std::string& name,
                          const std::string& replacement, Convert convert) {
  if (!object.is_object() || !object.contains(name)) return {};
  const std::string place = path + "." + name;
  if (object.contains(replacement)) return invalid(place + ": expected either this or " + replacement + ", not both");
  const Result<Secret> content = read_secret_at(files, object[name], place);
  if (!content) return content.error();
  auto converted = convert(*content);
  if (!converted) return invalid(place + ": " + converted.error().detail);
  object.erase(name);
  object[replacement] = *std::move(converted);
  return {};
}

Result<std::string> hash_client_secret(const Secret& secret) {
  if (secret.size() < kMinClientSecretBytes) return invalid("expected a secret of at least 32 characters in the file");
  return encode_base64url(crypto::digest(crypto::Hash::sha256, secret.reveal()));
}

/// Its text is kept for those alone that verify MACs with it.
void give_secrets(const GivenSecrets& given, oauth::Client& client) {
  if (!client.may_use(oauth::ClientAuthMethod::client_secret_jwt)) return;
  for (oauth::ClientSecret& secret : client.secrets) {
    const auto found = given.find(encode_base64url(secret.sha256));
    if (found != given.end()) secret.text = found->second;
  }
}

Result<std::string> as_password_hash(const Secret& content) {
  return std::string(content.reveal_text());
}

Result<Json> as_key_set(const Secret& content) {
  return parse_json_object(content.reveal_text(), {.max_bytes = oauth::kMaxKeySetBytes});
}

/// What the key must be good for is said beside it.
Result<void> resolve_recipient_file(Json& resource, const std::string& path, const NamedFiles& files) {
  if (!resource.is_object() || !resource.contains("encryption")) return {};
  Json& encryption = resource["encryption"];
  if (!encryption.is_object() || !encryption.contains("jwk_file")) return {};
  const std::string place = path + ".encryption";
  if (encryption.contains("jwks_uri")) return invalid(place + ".jwk_file: expected either this or jwks_uri, not both");
  const Result<jose::KeyManagement> alg =
      oauth::parse_public_key_management(find_string(encryption, "alg").value_or(""));
  if (!alg) return invalid(place + ".alg: " + alg.error().detail);
  return resolve_file(encryption, place, files, "jwk_file", "jwk",
                      [&](const Secret& content) { return read_recipient_jwk(content, *alg); });
}

/// Calls `visit(element, "path[3]")` for each element of the array `name` of `object`, if it is one.
template <class Visit>
Result<void> for_each(Json& object, const std::string& name, const std::string& path, Visit visit) {
  if (!object.is_object()) return {};
  const auto array = object.find(name);
  if (array == object.end() || !array->is_array()) return {};
  std::size_t index = 0;
  for (Json& element : *array) {
    const std::string place = path + name + "[" + std::to_string(index++) + "]";
    if (Result<void> visited = visit(element, place); !visited) return visited;
  }
  return {};
}

/// The shared secret that an HS* resource brings along.
void read_resource_secret(JsonReader& in, const NamedFiles& files, const oauth::Resource& resource, Config& config) {
  if (!in.has("secret_file")) return;
  const Json file = in.any("secret_file");
  if (!jose::is_symmetric(resource.alg)) return in.reject("secret_file", "is for HS256, HS384 and HS512 alone");
  Result<Secret> secret = read_secret_at(files, file, "secret_file");
  if (!secret) return in.reject("secret_file", secret.error().detail.substr(std::string_view("secret_file: ").size()));
  const std::size_t least = crypto::digest_bytes(jose::hmac_hash(resource.alg));  // RFC 7518 §3.2
  if (secret->size() < least) {
    return in.reject("secret_file", "expected a secret of at least " + std::to_string(least) + " bytes in the file");
  }
  config.resource_secrets.insert_or_assign(resource.id, *std::move(secret));
}

accounts::User read_user(JsonReader& in) {
  accounts::User user;
  user.id = UserId(in.required_string("id"));
  // `sub` shares its space with client_id (RFC 9068 §5) and so its characters.
  if (!oauth::is_client_id(user.id.str())) in.reject("id", "expected at most 255 printable ASCII characters");
  user.username = in.required_string("username");
  if (!accounts::is_username(user.username)) in.reject("username", "expected at most 255 bytes, no control characters");
  user.password_hash = in.string("password_hash");
  if (in.has("password_hash")) {
    const Result<void> checked = crypto::check_password_hash(user.password_hash);
    if (!checked) in.reject("password_hash", "expected a password hash: " + checked.error().detail);
  }
  user.disabled = in.boolean("disabled", false);
  user.sessions_valid_from = in.instant("sessions_valid_from").value_or(Instant{});
  user.attributes = in.object("attributes");
  if (user.attributes.dump().size() > kMaxAttributeBytes) in.reject("attributes", "larger than 16 KiB");
  return user;
}

}  // namespace

Result<GivenSecrets> resolve_files(Json& document, const NamedFiles& files) {
  GivenSecrets secrets;
  const auto take_secret = [&](const Secret& content) {
    Result<std::string> hash = hash_client_secret(content);
    if (hash) secrets.emplace(*hash, std::make_shared<const Secret>(content));
    return hash;
  };
  const auto resolve_secret = [&](Json& secret, const std::string& path) {
    return resolve_file(secret, path, files, "secret_file", "sha256", take_secret);
  };
  const auto resolve_key_set = [&](Json& owner, const std::string& path) {
    return resolve_file(owner, path, files, "jwks_file", "jwks", as_key_set);
  };
  const auto resolve_client = [&](Json& client, const std::string& path) {
    if (Result<void> keys = resolve_key_set(client, path); !keys) return keys;
    return for_each(client, "secrets", path + ".", resolve_secret);
  };
  const auto resolve_user = [&](Json& user, const std::string& path) {
    return resolve_file(user, path, files, "password_hash_file", "password_hash", as_password_hash);
  };
  const auto resolve_resource = [&](Json& resource, const std::string& path) {
    return resolve_recipient_file(resource, path, files);
  };
  if (Result<void> resources = for_each(document, "resources", "", resolve_resource); !resources)
    return resources.error();
  if (Result<void> trusted = for_each(document, "trusted_issuers", "", resolve_key_set); !trusted)
    return trusted.error();
  if (Result<void> clients = for_each(document, "clients", "", resolve_client); !clients) return clients.error();
  if (Result<void> users = for_each(document, "users", "", resolve_user); !users) return users.error();
  return secrets;
}

void read_declared(JsonReader& root, const NamedFiles& files, const GivenSecrets& secrets, Config& config) {
  for (JsonReader& in : root.children("resources")) {
    config.resources.push_back(oauth::read_resource(in));
    read_resource_secret(in, files, config.resources.back(), config);
    (void)in.finish();  // problems are the root's
  }
  for (JsonReader& in : root.children("clients")) {
    config.clients.push_back(oauth::read_client(in));
    give_secrets(secrets, config.clients.back());
    (void)in.finish();
  }
  for (JsonReader& in : root.children("trusted_issuers")) {
    config.trusted_issuers.push_back(oauth::read_trusted_issuer(in));
    (void)in.finish();
  }
  for (JsonReader& in : root.children("users")) {
    config.users.push_back(read_user(in));
    (void)in.finish();
  }
}

}  // namespace mintmark::app
