#include "mintmark/oauth/grants/refresh_token.hpp"

namespace mintmark::oauth {

std::optional<PresentedCredential> RefreshTokenGrant::credential(const TokenRequest& request) const {
  if (!request.refresh_token) return std::nullopt;
  const std::optional<RefreshToken> token = RefreshToken::parse(*request.refresh_token);
  if (!token) return std::nullopt;
  return PresentedCredential{accounts::Credential::refresh_token, token->family().str()};
}

OAuthResult<Authorization> RefreshTokenGrant::authorize(const TokenRequest& request,
                                                        std::shared_ptr<const Client> client,
                                                        const RequestContext& context) const {
  if (!request.refresh_token) return OAuthError{OAuthCode::invalid_request, "refresh_token is missing"};
  OAuthResult<RefreshContinuation> continuation = families_.present(*request.refresh_token, *client, context);
  if (!continuation) return continuation.error();
  Result<std::optional<accounts::User>> user = users_.find_by_id(continuation->family.user);
  if (!user) return from_error(user.error());
  if (!user->has_value()) return refuse_grant("the user is gone");
  const Instant authenticated_at = continuation->family.authenticated_at;
  return Authorization{.grant = GrantType::refresh_token,
                       .client = std::move(client),
                       .user = **std::move(user),
                       .authenticated_at = authenticated_at,
                       .refresh = *std::move(continuation)};
}

}  // namespace mintmark::oauth
