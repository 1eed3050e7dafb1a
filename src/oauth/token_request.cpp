#include "mintmark/oauth/token_request.hpp"

#include <array>
#include <utility>

#include "mintmark/base/contains.hpp"
#include "mintmark/oauth/client.hpp"
#include "parameters.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxResources = 16;
constexpr std::size_t kMaxResourceBytes = 2048;

OAuthError invalid_request(ClientText why) {
  return {OAuthCode::invalid_request, why};
}

constexpr std::array kTokenRequestTexts{
    TextParameter<TokenRequest>{"scope", &TokenRequest::scope, 4096},
    TextParameter<TokenRequest>{"username", &TokenRequest::username, 255},
    TextParameter<TokenRequest>{"subject_token_type", &TokenRequest::subject_token_type, 255},
    TextParameter<TokenRequest>{"actor_token_type", &TokenRequest::actor_token_type, 255},
    TextParameter<TokenRequest>{"requested_token_type", &TokenRequest::requested_token_type, 255},
};
constexpr std::array kTokenRequestSecrets{
    SecretParameter<TokenRequest>{"password", &TokenRequest::password, 1024},
    SecretParameter<TokenRequest>{"refresh_token", &TokenRequest::refresh_token, 512},
};
constexpr std::array kTokenRequestTokens{
    TokenParameter<TokenRequest>{"assertion", &TokenRequest::assertion},
    TokenParameter<TokenRequest>{"subject_token", &TokenRequest::subject_token},
    TokenParameter<TokenRequest>{"actor_token", &TokenRequest::actor_token},
};
constexpr ParameterTable<TokenRequest> kTokenRequestTable{kTokenRequestTexts, kTokenRequestSecrets,
                                                          kTokenRequestTokens};

constexpr std::size_t kMaxGrantTypeBytes = 255;
constexpr std::array<std::string_view, 2> kRepeated{"resource", "audience"};

Taken take_resource(std::vector<ResourceId>& resources, std::string& value) {
  if (value.size() > kMaxResourceBytes || resources.size() == kMaxResources) return Taken::too_long;
  resources.emplace_back(std::move(value));
  return Taken::yes;
}

Taken take_token_parameter(TokenRequest& request, std::string_view name, std::string& value) {
  if (name == "grant_type") {
    request.grant_type = std::move(value);
    return request.grant_type.size() <= kMaxGrantTypeBytes ? Taken::yes : Taken::too_long;
  }
  if (name == "resource") return take_resource(request.resources, value);
  const Taken taken = client_parameter_table().take(request, name, value);
  return taken == Taken::unknown ? kTokenRequestTable.take(request, name, value) : taken;
}

bool is_known(std::string_view name) {
  return name == "grant_type" || contains(kRepeated, name) || client_parameter_table().has(name) ||
         kTokenRequestTable.has(name);
}

/// The members of `body` as parameters: strings, and those that may be repeated as one string or several.
OAuthResult<Parameters> to_parameters(const Json& body) {
  Parameters parameters;
  for (const auto& [name, value] : body.items()) {
    if (value.is_string()) {
      parameters.emplace_back(name, value.get<std::string>());
    } else if (contains(kRepeated, std::string_view(name)) && value.is_array()) {
      for (const Json& item : value) {
        if (!item.is_string()) return invalid_request("a parameter must be a string or an array of strings");
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

}  // namespace

OAuthResult<TokenRequest> parse_token_request(Parameters parameters, std::optional<Secret> authorization) {
  TokenRequest request;
  request.authorization = std::move(authorization);
  std::vector<ResourceId> audiences;
  const OAuthResult<void> taken =
      take_parameters(std::move(parameters), kRepeated, [&](std::string_view name, std::string& value) {
        return name == "audience" ? take_resource(audiences, value) : take_token_parameter(request, name, value);
      });
  if (!taken) return taken.error();
  if (request.grant_type.empty()) return invalid_request("grant_type is missing");
  if (request.grant_type == name(GrantType::token_exchange)) {
    request.resources.insert(request.resources.end(), audiences.begin(), audiences.end());
  }
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
