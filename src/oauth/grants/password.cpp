#include "mintmark/oauth/grants/password.hpp"

namespace mintmark::oauth {

std::optional<PresentedCredential> PasswordGrant::credential(const TokenRequest& request) const {
  if (!request.username || !request.password) return std::nullopt;
  return PresentedCredential{accounts::Credential::password, *request.username};
}

OAuthResult<Authorization> PasswordGrant::authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                    const RequestContext& context) const {
  if (!request.username) return OAuthError{OAuthCode::invalid_request, "username is missing"};
  if (!request.password) return OAuthError{OAuthCode::invalid_request, "password is missing"};
  Result<std::optional<accounts::User>> user = authenticator_.authenticate(*request.username, *request.password);
  if (!user) return from_error(user.error());
  if (!user->has_value()) return refuse_guess("unknown username or wrong password");
  return Authorization{.grant = GrantType::password,
                       .client = std::move(client),
                       .user = **std::move(user),
                       .authenticated_at = context.now};
}

}  // namespace mintmark::oauth
