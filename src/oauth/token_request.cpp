#include "mintmark/oauth/token_request.hpp"

#include <array>
#include <set>
#include <utility>

#include "mintmark/base/text.hpp"
#include "mintmark/oauth/foreign_token.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxResources = 16;
constexpr std::size_t kMaxResourceBytes = 2048;

OAuthError invalid_request(ClientText why) {
  return {OAuthCode::invalid_request, why};
}

struct TextParameter {
  std::string_view name;
  std::optional<std::string> TokenRequest::*field;
  std::size_t max_bytes;
};
constexpr std::array kTextParameters{
    TextParameter{"client_id", &TokenRequest::client_id, 255},
    TextParameter{"client_assertion_type", &TokenRequest::client_assertion_type, 255},
    TextParameter{"scope", &TokenRequest::scope, 4096},
    TextParameter{"username", &TokenRequest::username, 255},
};

struct SecretParameter {
  std::string_view name;
  std::optional<Secret> TokenRequest::*field;
  std::size_t max_bytes;
};
constexpr std::array kSecretParameters{
    SecretParameter{"client_secret", &TokenRequest::client_secret, 1024},
    SecretParameter{"password", &TokenRequest::password, 1024},
    SecretParameter{"refresh_token", &TokenRequest::refresh_token, 512},
};

struct TokenParameter {
  std::string_view name;
  std::shared_ptr<const ForeignToken> TokenRequest::*field;
};
constexpr std::array kTokenParameters{
    TokenParameter{"client_assertion", &TokenRequest::client_assertion},
    TokenParameter{"assertion", &TokenRequest::assertion},
};

constexpr std::size_t kMaxGrantTypeBytes = 255;

enum class Accepted { yes, no };

/// `no` for a value that is longer than its parameter may be.
Accepted accept(TokenRequest& request, std::string_view name, std::string& value) {
  if (name == "grant_type") {
    request.grant_type = std::move(value);
    return request.grant_type.size() <= kMaxGrantTypeBytes ? Accepted::yes : Accepted::no;
  }
  if (name == "resource") {
    if (value.size() > kMaxResourceBytes || request.resources.size() == kMaxResources) return Accepted::no;
    request.resources.emplace_back(std::move(value));
    return Accepted::yes;
  }
  for (const TokenParameter& parameter : kTokenParameters) {
    if (name != parameter.name) continue;
    if (value.size() > kMaxTokenBytes) return Accepted::no;
    request.*parameter.field =
        std::make_shared<const ForeignToken>(read_foreign_token(Secret(std::string_view(value))));
    return Accepted::yes;
  }
  for (const TextParameter& parameter : kTextParameters) {
    if (name != parameter.name) continue;
    if (value.size() > parameter.max_bytes) return Accepted::no;
    request.*parameter.field = std::move(value);
    return Accepted::yes;
  }
  for (const SecretParameter& parameter : kSecretParameters) {
    if (name != parameter.name) continue;
    if (value.size() > parameter.max_bytes) return Accepted::no;
    request.*parameter.field = Secret(std::string_view(value));
    return Accepted::yes;
  }
  return Accepted::yes;  // RFC 6749 §3.2: unrecognized parameters are ignored
}

bool is_known(std::string_view name) {
  const auto is_it = [&](const auto& known) { return known.name == name; };
  return name == "grant_type" || name == "resource" || std::ranges::any_of(kTokenParameters, is_it) ||
         std::ranges::any_of(kTextParameters, is_it) || std::ranges::any_of(kSecretParameters, is_it);
}

/// The members of `body` as parameters: strings, and `resource` as one string or several.
OAuthResult<Parameters> to_parameters(const Json& body) {
  Parameters parameters;
  for (const auto& [name, value] : body.items()) {
    if (value.is_string()) {
      parameters.emplace_back(name, value.get<std::string>());
    } else if (name == "resource" && value.is_array()) {
      for (const Json& item : value) {
        if (!item.is_string()) return invalid_request("resource must be a string or an array of strings");
        parameters.emplace_back(name, item.get<std::string>());
      }
    } else if (is_known(name)) {
      return invalid_request("parameters must be strings");
    }
  }
  return parameters;
}

bool has_text(const Json& object, std::string_view name) {
  const auto member = object.find(name);
  return member != object.end() && member->is_string() && !member->get_ref<const std::string&>().empty();
}

void wipe_texts(Json& object) {
  for (Json& value : object) {
    if (value.is_string()) wipe(value.get_ref<std::string&>().data(), value.get_ref<std::string&>().size());
  }
}

void wipe_values(Parameters& parameters) {
  for (auto& [name, value] : parameters)
    wipe(value.data(), value.size());
}

}  // namespace

OAuthResult<TokenRequest> parse_token_request(Parameters parameters, std::optional<Secret> authorization) {
  TokenRequest request;
  request.authorization = std::move(authorization);
  std::set<std::string_view> seen;
  std::optional<OAuthError> problem;
  for (auto& [name, value] : parameters) {
    if (value.empty()) continue;  // RFC 6749 §3.2: as if omitted
    if (name != "resource" && !seen.insert(name).second) {
      problem = invalid_request("a parameter is given more than once");
      break;
    }
    if (accept(request, name, value) == Accepted::no) {
      problem = invalid_request("a parameter is too long or given too often");
      break;
    }
  }
  wipe_values(parameters);
  if (problem) return *problem;
  if (request.grant_type.empty()) return invalid_request("grant_type is missing");
  return request;
}

OAuthResult<TokenRequest> parse_json_token_request(std::string_view body, std::optional<Secret> authorization,
                                                   const DefaultLoginClient& default_client) {
  Result<Json> json = parse_json_object(body, {.max_bytes = body.size(), .max_depth = 4, .max_values = 128});
  if (!json) return invalid_request("the body is not a JSON object that can be accepted");
  OAuthResult<Parameters> parameters = to_parameters(*json);
  const bool is_login = has_text(*json, "username") && has_text(*json, "password") && !has_text(*json, "grant_type");
  const bool names_client = has_text(*json, "client_id") || authorization;
  wipe_texts(*json);
  if (!parameters) return parameters.error();
  if (is_login && default_client && !names_client) {
    parameters->emplace_back("grant_type", "password");
    parameters->emplace_back("client_id", default_client->str());
  }
  return parse_token_request(*std::move(parameters), std::move(authorization));
}

}  // namespace mintmark::oauth
