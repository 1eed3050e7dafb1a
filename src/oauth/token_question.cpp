#include "mintmark/oauth/token_question.hpp"

#include "parameters.hpp"

namespace mintmark::oauth {

OAuthResult<TokenQuestion> parse_token_question(Parameters parameters, std::optional<Secret> authorization) {
  TokenQuestion question;
  question.authorization = std::move(authorization);
  const OAuthResult<void> taken =
      take_parameters(std::move(parameters), {}, [&](std::string_view name, std::string& value) {
        if (name != "token") return client_parameter_table().take(question, name, value);
        if (value.size() > kMaxTokenBytes) return Taken::too_long;
        question.token = Secret(std::string_view(value));
        return Taken::yes;
      });
  if (!taken) return taken.error();
  if (question.token.empty()) return OAuthError{OAuthCode::invalid_request, "token is missing"};
  return question;
}

}  // namespace mintmark::oauth
