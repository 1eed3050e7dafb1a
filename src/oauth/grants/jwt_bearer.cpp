#include "mintmark/oauth/grants/jwt_bearer.hpp"

#include <array>

#include "jti.hpp"
#include "mintmark/base/contains.hpp"

namespace mintmark::oauth {
namespace {

// draft-ietf-oauth-rfc7523bis §5, and what everybody writes. Not that of an access token or of a client's assertion.
constexpr std::array<std::string_view, 2> kTypes{"JWT", "authorization-grant+jwt"};

/// One text for all that is wrong with one.
OAuthError refuse_assertion(const std::string& why) {
  return refuse_grant("the assertion: " + why);
}

/// When the user proved to be who he is, if the issuer says so: OpenID Connect Core §2.
std::optional<Instant> read_auth_time(const Json& claims, Instant now) {
  const Result<std::optional<Instant>> at = jose::read_date(claims, "auth_time");
  return at && *at && **at <= now ? *at : std::nullopt;
}

}  // namespace

Result<jose::VerifiedJwt> JwtBearerGrant::verify(const ForeignToken& assertion, const JwtBearerRules& rules,
                                                 const TrustedIssuerMap& trusted, Instant now) const {
  const std::array<std::string, 1> audiences{rules.audience.empty() ? issuer_ : rules.audience};
  return verify_trusted_token(assertion, trusted, audiences, kTypes, key_sets_, now);
}

OAuthResult<accounts::User> JwtBearerGrant::find_user(const JwtBearerRules& rules, const Json& claims) const {
  const std::optional<std::string> username = find_username(rules, claims);
  if (!username) return refuse_assertion("stands for no user");
  Result<std::optional<accounts::User>> user = users_.find_by_username(*username);
  if (!user) return from_error(user.error());
  if (!user->has_value()) return refuse_assertion("there is no such user");
  return **std::move(user);
}

OAuthResult<Authorization> JwtBearerGrant::authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const {
  if (!request.assertion) return OAuthError{OAuthCode::invalid_request, "assertion is missing"};
  const std::shared_ptr<const Directory::View> known = directory_.view();
  const auto trusted = known->trusted_issuers.find(request.assertion->issuer);
  if (trusted == known->trusted_issuers.end() || !trusted->second.jwt_bearer) {
    return refuse_assertion("of an issuer that is not trusted with grants");
  }
  const JwtBearerRules& rules = *trusted->second.jwt_bearer;
  if (!contains(rules.clients, client->id)) return refuse_assertion("not for this client to present");

  const Result<jose::VerifiedJwt> jwt = verify(*request.assertion, rules, known->trusted_issuers, context.now);
  if (!jwt && jwt.error().kind == ErrorKind::unavailable) return from_error(jwt.error());
  if (!jwt) return refuse_assertion(jwt.error().detail);
  OAuthResult<accounts::User> user = find_user(rules, jwt->claims());
  if (!user) return user.error();

  Authorization authorization{.grant = GrantType::jwt_bearer,
                              .client = std::move(client),
                              .user = *std::move(user),
                              .authenticated_at = read_auth_time(jwt->claims(), context.now),
                              .scopes = find_scopes(rules, jwt->claims())};
  if (trusted->second.single_use) {
    Result<OneTimeValue> value =
        read_jti(jwt->claims(), OneTimeKind::assertion_grant, trusted->first, last_moment_of(*jwt));
    if (!value) return refuse_assertion(value.error().detail);
    authorization.one_time.push_back(*std::move(value));
  }
  return authorization;
}

}  // namespace mintmark::oauth
