#include "mintmark/oauth/grants/jwt_bearer.hpp"

namespace mintmark::oauth {

OAuthResult<Authorization> JwtBearerGrant::authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const {
  if (!request.assertion) return OAuthError{OAuthCode::invalid_request, "assertion is missing"};
  Result<TrustedSubject> subject = subjects_.find(*request.assertion, client->id, context.now);
  // One text for all that is wrong with one.
  if (!subject && subject.error().kind == ErrorKind::invalid) {
    return refuse_grant("the assertion: " + subject.error().detail);
  }
  if (!subject) return from_error(subject.error());
  Authorization authorization{.grant = GrantType::jwt_bearer,
                              .client = std::move(client),
                              .user = std::move(subject->user),
                              .authenticated_at = subject->authenticated_at,
                              .scopes = std::move(subject->scopes)};
  if (subject->one_time) authorization.one_time.push_back(*std::move(subject->one_time));
  return authorization;
}

}  // namespace mintmark::oauth
