#include <algorithm>
#include <iterator>

#include "mintmark/app/config.hpp"
#include "mintmark/base/duration.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

using OrderedJson = nlohmann::ordered_json;

OrderedJson string_of(std::string_view description) {
  return {{"type", "string"}, {"description", description}};
}

OrderedJson duration_of(std::string_view description, Duration otherwise) {
  return {{"type", "string"},
          {"pattern", kDurationPattern},
          {"description", description},
          {"default", format_duration(otherwise)}};
}

OrderedJson flag_of(std::string_view description) {
  return {{"type", "boolean"}, {"description", description}, {"default", false}};
}

OrderedJson strings_of(std::string_view description) {
  return {{"type", "array"}, {"items", {{"type", "string"}}}, {"uniqueItems", true}, {"description", description}};
}

OrderedJson choices_of(const OrderedJson& choices, std::string_view description) {
  return {{"type", "array"}, {"items", {{"enum", choices}}}, {"uniqueItems", true}, {"description", description}};
}

OrderedJson closed_object(OrderedJson properties, const OrderedJson& required) {
  OrderedJson schema = {{"type", "object"}, {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = required;
  schema["properties"] = std::move(properties);
  return schema;
}

OrderedJson array_of(OrderedJson items, std::string_view description) {
  return {{"type", "array"}, {"description", description}, {"items", std::move(items)}};
}

OrderedJson attributes() {
  return {{"type", "object"}, {"description", "Anything that claims templates refer to; at most 16 KiB."}};
}

OrderedJson sessions_valid_from() {
  return {{"type", "string"},
          {"format", "date-time"},
          {"description", "Refresh tokens of logins until then are no longer accepted. Default: all are."}};
}

/// Objects must have exactly one of these members.
OrderedJson exactly_one(std::initializer_list<std::string_view> members) {
  OrderedJson schema = OrderedJson::array();
  for (const std::string_view member : members)
    schema.push_back({{"required", {member}}});
  return schema;
}

template <class Values>
OrderedJson names_of(const Values& values) {
  OrderedJson names = OrderedJson::array();
  for (const auto value : values)
    names.push_back(name(value));  // of whichever module the values are
  return names;
}

OrderedJson encryption_schema() {
  OrderedJson properties;
  properties["alg"] = {{"enum", names_of(oauth::public_key_managements())},
                       {"description", "How the key of each token is encrypted (RFC 7518 §4)."}};
  properties["enc"] = {{"enum", names_of(jose::all_content_encryptions())},
                       {"description", "How the token itself is encrypted (RFC 7518 §5)."},
                       {"default", jose::name(oauth::TokenEncryption{}.enc)}};
  properties["jwk"] = {{"type", "object"}, {"description", "The public key of this API (RFC 7517)."}};
  properties["jwk_file"] =
      string_of("File with it: a JWK, a JWKS with one key that can be used, a public key or certificate in PEM.");
  properties["jwks_uri"] = string_of(
      "Where this API publishes its keys: an https URL, or http on this machine. The first key that can be used is "
      "taken; it is fetched in the background, and kept while a fetch fails.");
  OrderedJson schema = closed_object(std::move(properties), {"alg"});
  schema["description"] = "For format \"jwt+jwe\": whom its tokens are encrypted to.";
  schema["oneOf"] = exactly_one({"jwk", "jwk_file", "jwks_uri"});
  return schema;
}

/// The members of which one says where the keys are.
void add_key_set(OrderedJson& properties, const std::string& whose) {
  properties["jwks"] = {{"type", "object"}, {"description", "The public keys " + whose + ": a JWKS (RFC 7517 §5)."}};
  properties["jwks_file"] = string_of("File with it.");
  properties["jwks_uri"] = string_of(
      "Where it is published: an https URL, or http on this machine. It is fetched in the background, and kept for a "
      "day at most while a fetch fails.");
}

OrderedJson algs_of(std::string_view description) {
  return choices_of(names_of(jose::all_algs()), description);
}

OrderedJson signature_algs_of(std::string_view description) {
  std::vector<jose::Alg> algs;
  std::ranges::remove_copy_if(jose::all_algs(), std::back_inserter(algs), jose::is_symmetric);
  return choices_of(names_of(algs), description);
}

OrderedJson jwt_bearer_schema() {
  OrderedJson properties;
  properties["clients"] = strings_of("Ids of the clients that may present its tokens.");
  properties["audience"] = string_of("`aud` of these tokens, and their only one. Default: this service's issuer.");
  properties["username_claim"] =
      string_of("The claim that names the user of this service. One that its users cannot choose for themselves.");
  properties["usernames"] = {{"type", "object"},
                             {"additionalProperties", {{"type", "string"}}},
                             {"description", "Names of users of this service by `sub`. Tokens of others are refused."}};
  properties["scope_claim"] = string_of("Of its tokens, for `scopes`: a list with spaces, or an array.");
  properties["scope_claim"]["default"] = oauth::JwtBearerRules{}.scope_claim;
  properties["scopes"] = {
      {"type", "object"},
      {"additionalProperties", {{"type", "array"}, {"items", {{"type", "string"}}}}},
      {"description",
       "The scopes that its tokens are good for, each with a list of which one must be in `scope_claim`; an empty list "
       "asks for nothing. Default: all that the client may have."}};
  OrderedJson schema = closed_object(std::move(properties), {"clients"});
  schema["oneOf"] = exactly_one({"username_claim", "usernames"});
  schema["description"] = "What its tokens are good for as a grant (RFC 7523 §2.1). Default: nothing.";
  return schema;
}

OrderedJson trusted_issuer_schema() {
  OrderedJson properties;
  properties["issuer"] = string_of("`iss` of its tokens, to the letter.");
  add_key_set(properties, "that verify its tokens");
  properties["algs"] = signature_algs_of("Of its signatures. Default: all that its keys can verify.");
  properties["max_lifetime"] =
      duration_of("The most that its tokens may have left; at most 366d.", oauth::TrustedIssuer{}.max_lifetime);
  properties["single_use"] = flag_of(
      "Whether each of its tokens has a `jti` and is good for one request alone; not those of Kubernetes and SPIFFE.");
  properties["jwt_bearer"] = jwt_bearer_schema();
  OrderedJson schema = closed_object(std::move(properties), {"issuer"});
  schema["oneOf"] = exactly_one({"jwks", "jwks_file", "jwks_uri"});
  return schema;
}

OrderedJson identity_schema() {
  OrderedJson properties;
  properties["issuer"] = string_of("That of one of trusted_issuers.");
  properties["subject"] = string_of("`sub` of its tokens, such as \"system:serviceaccount:shop:orders\".");
  properties["audience"] = string_of("`aud` of these tokens, and their only one. Default: this service's issuer.");
  return closed_object(std::move(properties), {"issuer", "subject"});
}

OrderedJson resource_schema() {
  const oauth::Resource defaults;
  OrderedJson properties;
  properties["id"] = string_of("Absolute URI without fragment (RFC 8707 §2): the `aud` of its tokens.");
  properties["disabled"] = flag_of("Whether no tokens are issued for it.");
  properties["alg"] = {{"enum", names_of(jose::all_algs())},
                       {"description", "How its tokens are signed."},
                       {"default", jose::name(defaults.alg)}};
  properties["secret_file"] = string_of(
      "For HS256, HS384 and HS512: file with the secret that this API verifies tokens with, at least as long as the "
      "hash. Without it one is generated, to be exported once with `mintmark resource secret`.");
  properties["lifetime"] = duration_of("Of its tokens; at most tokens.max_lifetime.", defaults.lifetime);
  properties["typ"] = {{"enum", {"at+jwt", "JWT"}},
                       {"description", "`typ` of its tokens (RFC 9068 §2.1)."},
                       {"default", oauth::name(defaults.typ)}};
  properties["scopes"] = strings_of("That tokens for it may have (RFC 6749 §3.3).");
  properties["claims"] = {
      {"type", "object"},
      {"description",
       "Claims beside the registered ones. A string may refer to {user.id}, {user.username}, {user.attributes.NAME}, "
       "{client.id}, {client.name} and {client.attributes.NAME}; a claim whose reference leads nowhere is left out."}};
  properties["tls_client_certificate_bound_access_tokens"] =
      flag_of("Whether all of its tokens are bound to the certificate of the client (RFC 8705).");
  properties["dpop_bound_access_tokens"] = flag_of("Whether all of its tokens are bound to a key by DPoP (RFC 9449).");
  properties["format"] = {
      {"enum", {"jwt", "jwt+jwe", "opaque"}},
      {"description",
       "\"jwt\": its tokens are signed. \"jwt+jwe\": signed and then encrypted (RFC 7519 §5.2). \"opaque\": they say "
       "nothing by themselves, and the API asks the introspection endpoint about each."},
      {"default", oauth::format_name(defaults)}};
  properties["encryption"] = encryption_schema();
  return closed_object(std::move(properties), {"id"});
}

OrderedJson client_secret_schema() {
  OrderedJson properties;
  properties["id"] = string_of("Names this secret among those of the client.");
  properties["sha256"] = string_of("SHA-256 of the secret, in base64url.");
  properties["secret_file"] = string_of("File with the secret itself, at least 32 characters.");
  properties["created_at"] = {{"type", "string"}, {"format", "date-time"}, {"description", "For listings."}};
  properties["expires_at"] = {
      {"type", "string"}, {"format", "date-time"}, {"description", "When it is no longer accepted. Default: never."}};
  properties["derived"] = flag_of(
      "Whether `mintmark client secret add` made it for \"client_secret_jwt\": from the refresh key of this service, "
      "and so as to be made again.");
  OrderedJson schema = closed_object(std::move(properties), {"id"});
  schema["oneOf"] = exactly_one({"sha256", "secret_file"});
  return schema;
}

OrderedJson refresh_schema() {
  const oauth::RefreshProfile defaults;
  OrderedJson properties;
  properties["grace"] =
      duration_of("In which a used refresh token gets the same successor again; at most 1m.", defaults.grace);
  properties["idle_lifetime"] = duration_of("Since the last refresh.", defaults.idle_lifetime);
  properties["absolute_lifetime"] = duration_of("Since the login.", defaults.absolute_lifetime);
  OrderedJson schema = closed_object(std::move(properties), {});
  schema["description"] = "Life of its refresh tokens.";
  return schema;
}

OrderedJson token_exchange_schema() {
  OrderedJson properties;
  properties["from"] =
      strings_of("Resources that it is or serves: it may exchange tokens for them, beside those issued to itself.");
  properties["to"] =
      strings_of("Resources that the new token may be for, though the old one was not; of its own resources.");
  properties["impersonation"] = flag_of("Whether the new token may conceal, without `act`, that the client acts.");
  OrderedJson schema = closed_object(std::move(properties), {});
  schema["description"] = "What it may exchange tokens for (RFC 8693).";
  return schema;
}

OrderedJson client_schema() {
  OrderedJson properties;
  properties["client_id"] = string_of("RFC 6749 §2.2.");
  properties["client_name"] = string_of("For people, and for claims templates.");
  properties["disabled"] = flag_of("Whether it gets no tokens.");
  properties["auth_methods"] =
      choices_of(names_of(oauth::all_client_auth_methods()),
                 "How it authenticates. [\"none\"] makes it a public client. Default: both forms of client_secret, and "
                 "\"private_key_jwt\" where it has keys or identities, alone where it has no secret.");
  properties["secrets"] = array_of(client_secret_schema(), "Several may be good at once, for rotation.");
  add_key_set(properties, "of its assertions (private_key_jwt, RFC 7523)");
  properties["auth_signing_algs"] = algs_of(
      "Of its own assertions: HS256, HS384 and HS512 for client_secret_jwt, others for private_key_jwt. Default: all "
      "that its keys and secrets can verify.");
  properties["identities"] =
      array_of(identity_schema(),
               "Who it is elsewhere: a token of a trusted issuer with exactly these values authenticates it.");
  properties["dpop_bound_access_tokens"] =
      flag_of("Whether each of its requests needs a DPoP proof, and its tokens are bound to that key (RFC 9449 §5.2).");
  properties["tls_client_certificate_bound_access_tokens"] = flag_of(
      "Whether its tokens are bound to the certificate of its connection, without which it gets none (RFC 8705).");
  for (const oauth::CertificateNameKind kind : oauth::all_certificate_name_kinds()) {
    properties[std::string(oauth::name(kind))] =
        string_of("That its certificate must have, for tls_client_auth; one such name alone (RFC 8705 §2.1.2).");
  }
  properties["grant_types"] =
      choices_of(names_of(oauth::all_grant_types()),
                 "How it may ask for tokens. client_credentials needs a secret, refresh_token needs password.");
  properties["scopes"] = strings_of("That it may ask for.");
  properties["resources"] = strings_of("That it may get tokens for: ids of resources.");
  properties["introspects"] =
      strings_of("Resources that it is or serves: it may ask the introspection endpoint about their tokens.");
  properties["cors_origins"] = strings_of("Origins of the pages that use it, such as \"https://app.example.com\".");
  properties["refresh"] = refresh_schema();
  properties["token_exchange"] = token_exchange_schema();
  properties["sessions_valid_from"] = sessions_valid_from();
  properties["attributes"] = attributes();
  return closed_object(std::move(properties), {"client_id"});
}

OrderedJson user_schema() {
  OrderedJson properties;
  properties["id"] = string_of("Opaque and for ever: `sub` of the user's tokens. Not the id of a client.");
  properties["username"] = string_of("What the user logs in with.");
  properties["password_hash"] = string_of("Argon2id, bcrypt, PBKDF2 or scrypt. Without one, no login.");
  properties["password_hash_file"] = string_of("File with the hash.");
  properties["disabled"] = flag_of("Whether the user gets no tokens.");
  properties["sessions_valid_from"] = sessions_valid_from();
  properties["attributes"] = attributes();
  OrderedJson schema = closed_object(std::move(properties), {"id", "username"});
  schema["not"] = {{"required", {"password_hash", "password_hash_file"}}};
  return schema;
}

OrderedJson setting_schema(const Setting& setting, const Config& defaults) {
  OrderedJson schema = setting.schema;
  schema["description"] = setting.doc;
  if (const Json otherwise = setting.read(defaults); !otherwise.is_null()) schema["default"] = otherwise;
  return schema;
}

void place_schema(OrderedJson& properties, std::string_view path, OrderedJson schema) {
  const std::size_t dot = path.find('.');
  const std::string top(path.substr(0, dot));
  if (dot == std::string_view::npos) {
    properties[top] = std::move(schema);
    return;
  }
  if (!properties.contains(top)) properties[top] = closed_object(OrderedJson::object(), {});
  place_schema(properties[top]["properties"], path.substr(dot + 1), std::move(schema));
}

}  // namespace

std::string render_config_schema() {
  const Config defaults;
  OrderedJson properties;
  properties["$schema"] = string_of("Where editors find this schema; not read.");
  for (const Setting& setting : all_settings()) {
    place_schema(properties, setting.path, setting_schema(setting, defaults));
  }
  properties["resources"] = array_of(resource_schema(), "APIs that accept our tokens. More may be in the store.");
  properties["clients"] = array_of(client_schema(), "Programs that ask for tokens. More may be in the store.");
  properties["trusted_issuers"] =
      array_of(trusted_issuer_schema(),
               "Issuers outside whose tokens authenticate clients that are bound to them, or are grants.");
  properties["users"] = array_of(user_schema(), "Accounts that log in. More may be in the store.");

  OrderedJson schema = {
      {"$schema", "https://json-schema.org/draft/2020-12/schema"},
      {"title", "Mintmark configuration"},
      {"description",
       "Comments are allowed. Every setting outside of the arrays can be overridden by an environment "
       "variable, MINTMARK_ and its path in upper case with underscores, or read from the file that "
       "the same name with _FILE gives."}};
  const OrderedJson root = closed_object(std::move(properties), {});
  schema.update(root);
  return schema.dump(2) + "\n";
}

}  // namespace mintmark::app
