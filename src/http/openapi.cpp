#include "mintmark/http/openapi.hpp"

#include <initializer_list>

#include "mintmark/base/json.hpp"
#include "mintmark/oauth/client.hpp"
#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::http {
namespace {

constexpr const char* kForm = "application/x-www-form-urlencoded";
constexpr const char* kJson = "application/json";

Json ref(const char* schema) {
  return {{"$ref", std::string("#/components/schemas/") + schema}};
}

Json content(const char* type, const char* schema) {
  return {{type, {{"schema", ref(schema)}}}};
}

Json text(const char* description) {
  return {{"type", "string"}, {"description", description}};
}

Json strings(const char* description) {
  return {{"type", "array"}, {"items", {{"type", "string"}}}, {"description", description}};
}

Json one_or_several(const char* description) {
  return {{"oneOf", Json::array({{{"type", "string"}}, {{"type", "array"}, {"items", {{"type", "string"}}}}})},
          {"description", description}};
}

struct Failure {
  const char* status;
  const char* description;
};

constexpr Failure kBadRequest{"400", "The request is malformed, or refused by a rule of OAuth; see `error`"};
constexpr Failure kUnproven{"401", "The client has not proven to be the one that it names"};
constexpr Failure kNotFound{"404", "There is nothing here"};
constexpr Failure kTooLarge{"413", "The body is too large"};
constexpr Failure kUnsupported{"415", "The body is of another type"};
constexpr Failure kTooMany{"429", "Too many requests, or too many failures; see Retry-After"};
constexpr Failure kFault{"500", "A fault of the service, with an id to quote"};
constexpr Failure kUnavailable{"503", "Not now; see Retry-After"};

/// Each with the body of RFC 6749 §5.2.
void add_failures(Json& responses, std::initializer_list<Failure> failures) {
  for (const Failure& failure : failures)
    responses[failure.status] = {{"description", failure.description}, {"content", content(kJson, "Error")}};
}

/// RFC 6749 §2.3, for every endpoint that is posted to.
Json client_parameters() {
  return {{"client_id", text("RFC 6749 §2.2")},
          {"client_secret", text("client_secret_post")},
          {"client_assertion_type", text("RFC 7521 §4.2")},
          {"client_assertion", text("A JWT: private_key_jwt, client_secret_jwt, or of a trusted issuer")}};
}

Json token_request() {
  Json grants = Json::array();
  for (const oauth::GrantType grant : oauth::all_grant_types())
    grants.push_back(oauth::name(grant));
  Json properties = client_parameters();
  properties.update({{"grant_type", {{"type", "string"}, {"enum", std::move(grants)}}},
                     {"username", text("password: the user's")},
                     {"password", text("password: the user's")},
                     {"refresh_token", text("refresh_token")},
                     {"assertion", text("RFC 7523 §2.1: a JWT of a trusted issuer")},
                     {"subject_token", text("RFC 8693: what is exchanged")},
                     {"subject_token_type", text("RFC 8693 §3")},
                     {"actor_token", text("RFC 8693: who acts")},
                     {"actor_token_type", text("RFC 8693 §3")},
                     {"requested_token_type", text("RFC 8693 §3")},
                     {"audience", one_or_several("RFC 8693: resources by another name")},
                     {"resource", one_or_several("RFC 8707: what the token is for")},
                     {"scope", text("Separated by spaces; default all that is available")}});
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

Json token_question() {
  Json properties = client_parameters();
  properties["token"] = text("An access token, or a refresh token");
  properties["token_type_hint"] = text("Not needed: tokens say what they are");
  return {{"type", "object"}, {"properties", std::move(properties)}, {"required", {"token"}}};
}

Json token_response() {
  return {{"type", "object"},
          {"description", "RFC 6749 §5.1, RFC 8693 §2.2.1"},
          {"properties",
           {{"access_token", text("A JWT (RFC 9068), an encrypted one, or an opaque text")},
            {"token_type", {{"type", "string"}, {"enum", {"Bearer", "DPoP"}}}},
            {"expires_in", {{"type", "integer"}, {"description", "Seconds"}}},
            {"scope", text("As granted")},
            {"refresh_token", text("Of a login")},
            {"issued_token_type", text("Of an exchange")}}},
          {"required", {"access_token", "token_type", "expires_in"}},
          {"additionalProperties", false}};
}

Json introspection_response() {
  return {{"type", "object"},
          {"description", "RFC 7662 §2.2; beside `active` nothing is there where that is false"},
          {"properties",
           {{"active", {{"type", "boolean"}}},
            {"iss", text("The issuer")},
            {"sub", text("Whom it is about")},
            {"aud", one_or_several("What it is for, as far as the asker is that")},
            {"client_id", text("To whom it was issued")},
            {"scope", text("Separated by spaces")},
            {"token_type", {{"type", "string"}, {"enum", {"Bearer", "DPoP"}}}},
            {"exp", {{"type", "integer"}}},
            {"iat", {{"type", "integer"}}},
            {"jti", text("Its id")}}},
          {"required", {"active"}}};
}

Json error_response() {
  Json codes = Json::array();
  for (int code = 0; code <= static_cast<int>(oauth::OAuthCode::server_error); ++code)
    codes.push_back(oauth::name(static_cast<oauth::OAuthCode>(code)));
  return {{"type", "object"},
          {"description", "RFC 6749 §5.2, also for what HTTP itself refuses"},
          {"properties",
           {{"error", {{"type", "string"}, {"enum", std::move(codes)}}},
            {"error_description", text("For developers")},
            {"request_id", text("Of a 500: to quote")}}},
          {"required", {"error", "error_description"}},
          {"additionalProperties", false}};
}

Json schemas() {
  return {{"TokenRequest", token_request()},
          {"TokenResponse", token_response()},
          {"TokenQuestion", token_question()},
          {"IntrospectionResponse", introspection_response()},
          {"IntrospectionJwt", {{"type", "string"}, {"description", "A signed JWT (RFC 9701)"}}},
          {"RevocationResponse", {{"type", "object"}, {"additionalProperties", false}}},
          {"Error", error_response()},
          {"Jwks",
           {{"type", "object"},
            {"description", "RFC 7517 §5"},
            {"properties", {{"keys", {{"type", "array"}, {"items", {{"type", "object"}}}}}}},
            {"required", {"keys"}}}},
          {"Metadata",
           {{"type", "object"},
            {"description", "RFC 8414 §2"},
            {"properties",
             {{"issuer", text("To the letter what `iss` is")},
              {"token_endpoint", text("A URL")},
              {"grant_types_supported", strings("RFC 7591 §2")}}},
            {"required", {"issuer", "token_endpoint", "grant_types_supported", "response_types_supported"}}}},
          {"Status",
           {{"type", "object"},
            {"properties", {{"status", {{"type", "string"}, {"enum", {"ok", "ready", "not ready"}}}}}},
            {"required", {"status"}},
            {"additionalProperties", false}}},
          {"OpenApi", {{"type", "object"}, {"required", {"openapi", "info", "paths"}}}}};
}

Json post_token() {
  Json responses = {{"200", {{"description", "Tokens"}, {"content", content(kJson, "TokenResponse")}}}};
  add_failures(responses, {kBadRequest, kUnproven, kTooLarge, kUnsupported, kTooMany, kFault, kUnavailable});
  Json body = content(kForm, "TokenRequest");
  body.update(content(kJson, "TokenRequest"));
  return {{"summary", "Ask for tokens (RFC 6749 §3.2)"},
          {"operationId", "token"},
          {"parameters", Json::array({{{"name", "DPoP"},
                                       {"in", "header"},
                                       {"description", "RFC 9449: a proof, to which the tokens are bound"},
                                       {"schema", {{"type", "string"}}}}})},
          {"requestBody", {{"required", true}, {"content", std::move(body)}}},
          {"security", Json::array({{{"basic", Json::array()}}, {{"certificate", Json::array()}}, Json::object()})},
          {"responses", std::move(responses)}};
}

Json post_question(const char* id, const char* summary, Json success) {
  Json responses = {{"200", std::move(success)}};
  add_failures(responses, {kBadRequest, kUnproven, kTooLarge, kUnsupported, kTooMany, kFault, kUnavailable});
  return {{"summary", summary},
          {"operationId", id},
          {"requestBody", {{"required", true}, {"content", content(kForm, "TokenQuestion")}}},
          {"security", Json::array({{{"basic", Json::array()}}, {{"certificate", Json::array()}}, Json::object()})},
          {"responses", std::move(responses)}};
}

Json post_introspection() {
  Json types = content(kJson, "IntrospectionResponse");
  types.update(content("application/token-introspection+jwt", "IntrospectionJwt"));
  return post_question("introspect", "What a token is (RFC 7662)",
                       {{"description", "What the asker may know of it"}, {"content", std::move(types)}});
}

Json post_revocation() {
  return post_question("revoke", "End a token (RFC 7009)",
                       {{"description", "It is good no more"}, {"content", content(kJson, "RevocationResponse")}});
}

Json get_document(const char* id, const char* summary, Json types, std::initializer_list<Failure> failures) {
  Json responses = {{"200", {{"description", "The document"}, {"content", std::move(types)}}},
                    {"304", {{"description", "The one whose ETag was sent in If-None-Match"}}}};
  add_failures(responses, failures);
  return {{"summary", summary}, {"operationId", id}, {"responses", std::move(responses)}};
}

Json get_jwks() {
  Json types = content(kJson, "Jwks");
  types.update(content("application/jwk-set+json", "Jwks"));
  return get_document("jwks", "The public keys (RFC 7517)", std::move(types), {kNotFound});
}

Json get_status(const char* id, const char* summary, bool may_fail) {
  Json responses = {{"200", {{"description", "Yes"}, {"content", content(kJson, "Status")}}}};
  if (may_fail) responses["503"] = {{"description", "Not now"}, {"content", content(kJson, "Status")}};
  return {{"summary", summary}, {"operationId", id}, {"responses", std::move(responses)}};
}

/// What is not under the issuer's path.
Json at_origin(const oauth::Issuer& issuer, const char* method, Json operation) {
  const std::string origin = issuer.url.substr(0, issuer.url.size() - issuer.path.size());
  return {{"servers", Json::array({{{"url", origin}}})}, {method, std::move(operation)}};
}

}  // namespace

std::string render_openapi(const oauth::Issuer& issuer, std::string_view version) {
  Json paths = {
      {"/token", {{"post", post_token()}}},
      {"/introspect", {{"post", post_introspection()}}},
      {"/revoke", {{"post", post_revocation()}}},
      {"/.well-known/jwks.json", {{"get", get_jwks()}}},
      {"/.well-known/openid-configuration",
       {{"get",
         get_document("discovery", "The metadata (OpenID Connect Discovery 1.0)", content(kJson, "Metadata"), {})}}},
      {"/openapi.json", {{"get", get_document("openapi", "This document", content(kJson, "OpenApi"), {})}}},
  };
  paths["/.well-known/oauth-authorization-server" + issuer.path] =
      at_origin(issuer, "get", get_document("metadata", "The metadata (RFC 8414 §3)", content(kJson, "Metadata"), {}));
  paths["/healthz"] = at_origin(issuer, "get", get_status("health", "Whether the service lives", false));
  paths["/readyz"] = at_origin(issuer, "get", get_status("readiness", "Whether it can issue tokens now", true));
  const Json security = {{"basic", {{"type", "http"}, {"scheme", "basic"}}},
                         {"certificate", {{"type", "mutualTLS"}, {"description", "RFC 8705"}}}};
  const Json document = {
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Mintmark"},
        {"version", version},
        {"description", "Issues signed and encrypted tokens, and publishes the keys that verify them."}}},
      {"servers", Json::array({{{"url", issuer.url}}})},
      {"paths", std::move(paths)},
      {"components", {{"schemas", schemas()}, {"securitySchemes", security}}}};
  return document.dump();
}

}  // namespace mintmark::http
