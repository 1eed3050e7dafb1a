#include "mintmark/oauth/trusted_subjects.hpp"

#include <array>

#include "jti.hpp"
#include "mintmark/base/contains.hpp"

namespace mintmark::oauth {
namespace {

// draft-ietf-oauth-rfc7523bis §5, and what everybody writes. Not that of an access token or of a client's assertion.
constexpr std::array<std::string_view, 2> kSubjectTypes{"JWT", "authorization-grant+jwt"};

/// When the user proved to be who he is, if the issuer says so.
std::optional<Instant> read_auth_time(const Json& claims, Instant now) {
  const Result<std::optional<Instant>> at = jose::read_date(claims, "auth_time");
  return at && *at && **at <= now ? *at : std::nullopt;
}

}  // namespace

Result<accounts::User> TrustedSubjects::find_user(const JwtBearerRules& rules, const Json& claims) const {
  const std::optional<std::string> username = find_username(rules, claims);
  if (!username) return invalid("stands for no user");
  Result<std::optional<accounts::User>> user = users_.find_by_username(*username);
  if (!user) return user.error();
  if (!user->has_value()) return invalid("there is no such user");
  return **std::move(user);
}

Result<TrustedSubject> TrustedSubjects::find(const ForeignToken& token, const ClientId& presenter, Instant now) const {
  const std::shared_ptr<const Directory::View> known = directory_.view();
  const auto trusted = known->trusted_issuers.find(token.issuer);
  if (trusted == known->trusted_issuers.end() || !trusted->second.jwt_bearer) {
    return invalid("of an issuer that is not trusted with grants");
  }
  const JwtBearerRules& rules = *trusted->second.jwt_bearer;
  if (!contains(rules.clients, presenter)) return invalid("not for this client to present");
  const std::array<std::string, 1> audiences{rules.audience.empty() ? issuer_ : rules.audience};
  const Result<jose::VerifiedJwt> jwt =
      verify_trusted_token(token, known->trusted_issuers, audiences, kSubjectTypes, key_sets_, now);
  if (!jwt) return jwt.error().kind == ErrorKind::unavailable ? jwt.error() : invalid(jwt.error().detail);
  Result<accounts::User> user = find_user(rules, jwt->claims());
  if (!user) return user.error();
  TrustedSubject subject{.user = *std::move(user),
                         .claims = jwt->claims(),
                         .authenticated_at = read_auth_time(jwt->claims(), now),
                         .scopes = find_scopes(rules, jwt->claims()),
                         .one_time = {},
                         .expires_at = last_moment_of(*jwt) - kForeignClockSkew};
  if (trusted->second.single_use) {
    Result<OneTimeValue> value =
        read_jti(jwt->claims(), OneTimeKind::assertion_grant, trusted->first, last_moment_of(*jwt));
    if (!value) return value.error();
    subject.one_time = *std::move(value);
  }
  return subject;
}

}  // namespace mintmark::oauth
