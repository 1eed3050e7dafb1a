#include "mintmark/oauth/client.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/contains.hpp"
#include "mintmark/base/duration.hpp"
#include "mintmark/base/text.hpp"
#include "name_lists.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxListed = 256;            // scopes, resources, origins of one client
constexpr std::size_t kMaxSecrets = 16;            // each costs a comparison per authentication
constexpr std::size_t kMaxAttributeBytes = 16384;  // they are copied into tokens
constexpr std::size_t kSha256Bytes = 32;

template <class T>
std::string some_of(std::span<const T> all) {
  std::string names;
  for (const T each : all)
    names += (names.empty() ? "\"" : ", \"") + std::string(name(each)) + '"';
  return "expected some of " + names;
}

/// Strings that satisfy `valid`, none twice.
template <class Valid>
std::vector<std::string> read_set(JsonReader& in, std::string_view member, Valid valid, std::string_view expected) {
  std::vector<std::string> values = in.strings(member);
  if (values.size() > kMaxListed) in.reject(member, "has more than 256 entries");
  if (!std::ranges::all_of(values, valid)) in.reject(member, expected);
  if (std::set<std::string>(values.begin(), values.end()).size() != values.size()) {
    in.reject(member, "names one value twice");
  }
  return values;
}

std::vector<ResourceId> read_resource_ids(JsonReader& in, std::string_view member) {
  std::vector<ResourceId> ids;
  for (std::string& uri : read_set(in, member, is_absolute_uri, "expected absolute URIs (RFC 8707 §2)"))
    ids.emplace_back(std::move(uri));
  return ids;
}

Json render_resource_ids(const std::vector<ResourceId>& ids) {
  Json uris = Json::array();
  for (const ResourceId& id : ids)
    uris.push_back(id.str());
  return uris;
}

ClientSecret read_secret(JsonReader& in) {
  ClientSecret secret;
  secret.id = in.required_string("id");
  if (Result<Bytes> hash = decode_base64url(in.required_string("sha256")); hash && hash->size() == kSha256Bytes) {
    secret.sha256 = *std::move(hash);
  } else {
    in.reject("sha256", "expected the SHA-256 of the secret, in base64url");
  }
  secret.created_at = in.instant("created_at").value_or(Instant{});
  secret.expires_at = in.instant("expires_at");
  secret.derived = in.boolean("derived", false);
  return secret;
}

std::vector<ClientSecret> read_secrets(JsonReader& in) {
  std::vector<ClientSecret> secrets;
  for (JsonReader& item : in.children("secrets")) {
    secrets.push_back(read_secret(item));
    if (Result<void> read = item.finish(); !read) return secrets;
  }
  std::set<std::string> ids;
  for (const ClientSecret& secret : secrets)
    ids.insert(secret.id);
  if (ids.size() != secrets.size()) in.reject("secrets", "two secrets have one id");
  if (secrets.size() > kMaxSecrets) in.reject("secrets", "has more than 16 entries");
  return secrets;
}

RefreshProfile read_refresh(JsonReader in) {
  RefreshProfile refresh;
  refresh.grace = in.duration("grace", refresh.grace);
  refresh.idle_lifetime = in.duration("idle_lifetime", refresh.idle_lifetime);
  refresh.absolute_lifetime = in.duration("absolute_lifetime", refresh.absolute_lifetime);
  if (refresh.grace > std::chrono::minutes(1)) in.reject("grace", "expected at most \"1m\"");
  if (refresh.idle_lifetime <= refresh.grace) in.reject("idle_lifetime", "expected more than grace");
  if (refresh.absolute_lifetime < refresh.idle_lifetime) {
    in.reject("absolute_lifetime", "expected at least idle_lifetime");
  }
  (void)in.finish();  // recorded in the parent
  return refresh;
}

TokenExchange read_token_exchange(JsonReader in) {
  TokenExchange exchange;
  exchange.from = read_resource_ids(in, "from");
  exchange.to = read_resource_ids(in, "to");
  exchange.impersonation = in.boolean("impersonation", false);
  (void)in.finish();  // recorded in the parent
  return exchange;
}

Json render_token_exchange(const TokenExchange& exchange) {
  return {{"from", render_resource_ids(exchange.from)},
          {"to", render_resource_ids(exchange.to)},
          {"impersonation", exchange.impersonation}};
}

/// RFC 6454 §6.2: scheme, host, port and nothing after them.
bool is_origin(std::string_view text) {
  const std::size_t authority = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  const bool lower_case = std::ranges::none_of(text, [](char c) { return c >= 'A' && c <= 'Z'; });
  return authority != 0 && text.size() > authority && lower_case && is_absolute_uri(text) &&
         text.find_first_of("/?@", authority) == std::string_view::npos;
}

/// Those that go with what it has.
std::vector<ClientAuthMethod> default_auth_methods(const Client& client) {
  using enum ClientAuthMethod;
  const bool has_assertions = client.keys || !client.identities.empty();
  if (client.certificate_name) return {tls_client_auth};
  if (!has_assertions) return {client_secret_basic, client_secret_post};
  if (client.secrets.empty()) return {private_key_jwt};
  return {client_secret_basic, client_secret_post, private_key_jwt};
}

void check_auth_methods(JsonReader& in, const Client& client) {
  const bool has_assertions = client.keys || !client.identities.empty();
  const bool is_self_signed = client.may_use(ClientAuthMethod::self_signed_tls_client_auth);
  if (client.may_use(ClientAuthMethod::private_key_jwt)) {
    if (!has_assertions) in.reject("jwks", "\"private_key_jwt\" needs jwks, jwks_uri or identities");
  } else if (!client.identities.empty() || (client.keys && !is_self_signed)) {
    in.reject("auth_methods", "jwks, jwks_uri and identities are for \"private_key_jwt\"");
  }
  if (is_self_signed && !client.keys) in.reject("jwks", "\"self_signed_tls_client_auth\" needs jwks or jwks_uri");
  if (client.may_use(ClientAuthMethod::tls_client_auth) != client.certificate_name.has_value()) {
    in.reject("auth_methods", "\"tls_client_auth\" and a name of the certificate go together (RFC 8705 §2.1.2)");
  }
  for (const jose::Alg alg : client.auth_signing_algs) {
    const bool is_mac = jose::is_symmetric(alg);
    const bool signs = client.keys && client.may_use(ClientAuthMethod::private_key_jwt);
    if (!is_mac && !signs) in.reject("auth_signing_algs", "signatures need jwks or jwks_uri, and \"private_key_jwt\"");
    if (is_mac && !client.may_use(ClientAuthMethod::client_secret_jwt)) {
      in.reject("auth_signing_algs", "HS256, HS384 and HS512 are for \"client_secret_jwt\"");
    }
  }
  if (std::ranges::none_of(client.auth_methods, uses_secret) && !client.secrets.empty() && !client.is_public()) {
    in.reject("secrets", "no method of auth_methods uses them");
  }
}

void check_together(JsonReader& in, const Client& client) {
  check_auth_methods(in, client);
  const bool is_public = client.is_public();
  if (is_public && client.auth_methods.size() != 1) in.reject("auth_methods", "\"none\" stands alone");
  if (is_public && !client.secrets.empty()) in.reject("secrets", "a public client has none");
  if (is_public && client.may_use(GrantType::client_credentials)) {
    in.reject("grant_types", "client_credentials is for confidential clients alone (RFC 6749 §4.4)");
  }
  if (is_public && client.may_use(GrantType::token_exchange)) {
    in.reject("grant_types", "token exchange is for confidential clients alone");
  }
  if (client.token_exchange != TokenExchange{} && !client.may_use(GrantType::token_exchange)) {
    in.reject("token_exchange", "grant_types has no \"" + std::string(name(GrantType::token_exchange)) + "\"");
  }
  if (client.may_use(GrantType::refresh_token) && !client.may_use(GrantType::password)) {
    in.reject("grant_types", "refresh_token needs a grant that begins with a user");
  }
  if (is_public && !client.introspects.empty()) in.reject("introspects", "is for confidential clients (RFC 7662 §2.1)");
  // A resource server may only ask.
  const bool only_asks = !client.introspects.empty() && client.grant_types.empty() && client.resources.empty();
  if (client.grant_types.empty() && !only_asks) in.reject("grant_types", "expected at least one");
  if (client.resources.empty() && !only_asks) in.reject("resources", "expected at least one");
}

}  // namespace

std::string_view name(ClientAuthMethod method) noexcept {
  switch (method) {
    case ClientAuthMethod::none:
      return "none";
    case ClientAuthMethod::client_secret_basic:
      return "client_secret_basic";
    case ClientAuthMethod::client_secret_post:
      return "client_secret_post";
    case ClientAuthMethod::private_key_jwt:
      return "private_key_jwt";
    case ClientAuthMethod::client_secret_jwt:
      return "client_secret_jwt";
    case ClientAuthMethod::tls_client_auth:
      return "tls_client_auth";
    case ClientAuthMethod::self_signed_tls_client_auth:
      break;
  }
  return "self_signed_tls_client_auth";
}

std::string_view name(GrantType grant) noexcept {
  switch (grant) {
    case GrantType::password:
      return "password";
    case GrantType::client_credentials:
      return "client_credentials";
    case GrantType::refresh_token:
      return "refresh_token";
    case GrantType::jwt_bearer:
      return "urn:ietf:params:oauth:grant-type:jwt-bearer";
    case GrantType::token_exchange:
      break;
  }
  return "urn:ietf:params:oauth:grant-type:token-exchange";
}

std::span<const ClientAuthMethod> all_client_auth_methods() noexcept {
  using enum ClientAuthMethod;
  static constexpr std::array kAll{none,
                                   client_secret_basic,
                                   client_secret_post,
                                   private_key_jwt,
                                   client_secret_jwt,
                                   tls_client_auth,
                                   self_signed_tls_client_auth};
  return kAll;
}

std::span<const GrantType> all_grant_types() noexcept {
  using enum GrantType;
  static constexpr std::array kAll{password, client_credentials, refresh_token, jwt_bearer, token_exchange};
  return kAll;
}

bool uses_secret(ClientAuthMethod method) noexcept {
  using enum ClientAuthMethod;
  return method == client_secret_basic || method == client_secret_post || method == client_secret_jwt;
}

bool uses_certificate(ClientAuthMethod method) noexcept {
  using enum ClientAuthMethod;
  return method == tls_client_auth || method == self_signed_tls_client_auth;
}

bool Client::is_public() const noexcept {
  return may_use(ClientAuthMethod::none);
}

bool Client::may_use(ClientAuthMethod method) const noexcept {
  return contains(auth_methods, method);
}

bool Client::may_use(GrantType grant) const noexcept {
  return contains(grant_types, grant);
}

bool is_scope_token(std::string_view text) noexcept {
  const auto allowed = [](char c) { return c > 0x20 && c < 0x7f && c != '"' && c != '\\'; };
  return !text.empty() && text.size() <= 128 && std::ranges::all_of(text, allowed);
}

bool is_client_id(std::string_view text) noexcept {
  const auto allowed = [](char c) { return c >= 0x20 && c < 0x7f; };
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, allowed);
}

Client read_client(JsonReader& in) {
  Client client;
  client.id = ClientId(in.required_string("client_id"));
  if (!is_client_id(client.id.str())) in.reject("client_id", "expected at most 255 printable ASCII characters");
  client.client_name = in.string("client_name");
  client.disabled = in.boolean("disabled", false);
  client.auth_methods = read_names(in, "auth_methods", all_client_auth_methods(), some_of(all_client_auth_methods()));
  client.secrets = read_secrets(in);
  client.keys = read_key_set_place(in);
  client.auth_signing_algs = read_algs(in, "auth_signing_algs");
  client.identities = read_identities(in);
  client.certificate_name = read_certificate_name(in);
  if (client.auth_methods.empty()) client.auth_methods = default_auth_methods(client);
  client.dpop_bound_access_tokens = in.boolean("dpop_bound_access_tokens", false);
  client.tls_client_certificate_bound_access_tokens = in.boolean("tls_client_certificate_bound_access_tokens", false);
  client.grant_types = read_names(in, "grant_types", all_grant_types(), some_of(all_grant_types()));
  client.scopes = read_set(in, "scopes", is_scope_token, "expected scope tokens (RFC 6749 §3.3)");
  client.resources = read_resource_ids(in, "resources");
  client.introspects = read_resource_ids(in, "introspects");
  client.cors_origins = read_set(in, "cors_origins", is_origin, "expected origins such as \"https://app.example.com\"");
  client.refresh = read_refresh(in.child("refresh"));
  client.token_exchange = read_token_exchange(in.child("token_exchange"));
  client.sessions_valid_from = in.instant("sessions_valid_from").value_or(Instant{});
  client.attributes = in.object("attributes");
  if (client.attributes.dump().size() > kMaxAttributeBytes) in.reject("attributes", "larger than 16 KiB");
  check_together(in, client);
  return client;
}

Json render_client(const Client& client) {
  Json secrets = Json::array();
  for (const ClientSecret& secret : client.secrets) {
    Json item = {{"id", secret.id}, {"sha256", encode_base64url(secret.sha256)}};
    item["created_at"] = format_instant(secret.created_at);
    if (secret.expires_at) item["expires_at"] = format_instant(*secret.expires_at);
    if (secret.derived) item["derived"] = true;
    secrets.push_back(std::move(item));
  }
  Json document = {
      {"client_id", client.id.str()},
      {"client_name", client.client_name},
      {"disabled", client.disabled},
      {"auth_methods", render_names(client.auth_methods)},
      {"secrets", std::move(secrets)},
      {"grant_types", render_names(client.grant_types)},
      {"scopes", client.scopes},
      {"resources", render_resource_ids(client.resources)},
      {"cors_origins", client.cors_origins},
      {"refresh",
       {{"grace", format_duration(client.refresh.grace)},
        {"idle_lifetime", format_duration(client.refresh.idle_lifetime)},
        {"absolute_lifetime", format_duration(client.refresh.absolute_lifetime)}}},
      {"sessions_valid_from", format_instant(client.sessions_valid_from)},
      {"attributes", client.attributes},
  };
  // What few clients have does not make the documents of all others longer.
  if (client.keys) render_key_set_place(*client.keys, document);
  if (!client.auth_signing_algs.empty()) document["auth_signing_algs"] = render_algs(client.auth_signing_algs);
  if (client.dpop_bound_access_tokens) document["dpop_bound_access_tokens"] = true;
  if (client.certificate_name)
    document[std::string(name(client.certificate_name->kind))] = client.certificate_name->value;
  if (client.tls_client_certificate_bound_access_tokens) document["tls_client_certificate_bound_access_tokens"] = true;
  if (!client.introspects.empty()) document["introspects"] = render_resource_ids(client.introspects);
  if (client.token_exchange != TokenExchange{})
    document["token_exchange"] = render_token_exchange(client.token_exchange);
  if (!client.identities.empty()) document["identities"] = render_identities(client.identities);
  return document;
}

}  // namespace mintmark::oauth
