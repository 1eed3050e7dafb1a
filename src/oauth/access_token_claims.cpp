#include "mintmark/oauth/access_token_claims.hpp"

#include "mintmark/base/text.hpp"

namespace mintmark::oauth {
namespace {

void add_audience(jose::UnsignedClaims& claims, const Admission& admission) {
  if (admission.resources().size() == 1) {
    claims.add("aud", admission.resources().front()->id.str());
    return;
  }
  Json audience = Json::array();
  for (const auto& resource : admission.resources())
    audience.push_back(resource->id.str());
  claims.add("aud", audience);
}

ClaimsContext context_of(const Authorization& authorization) {
  ClaimsContext context;
  if (authorization.user) {
    context.user_id = &authorization.user->id.str();
    context.username = &authorization.user->username;
    context.user_attributes = &authorization.user->attributes;
  }
  context.client_id = &authorization.client->id.str();
  context.client_name = &authorization.client->client_name;
  context.client_attributes = &authorization.client->attributes;
  return context;
}

/// RFC 9449 §6.1, RFC 8705 §3.1.
Json confirmation_of(const Authorization& authorization) {
  Json confirmation = Json::object();
  if (authorization.jkt) confirmation["jkt"] = *authorization.jkt;
  if (authorization.x5t) confirmation["x5t#S256"] = *authorization.x5t;
  return confirmation;
}

}  // namespace

void add_access_token_claims(jose::UnsignedClaims& claims, const Admission& admission, const std::string& issuer,
                             std::string_view jti, Instant now) {
  const Authorization& authorization = admission.authorization();
  claims.add("iss", issuer).add("sub", authorization.subject());
  add_audience(claims, admission);
  claims.add("exp", now + admission.lifetime()).add("iat", now).add("jti", jti);
  claims.add("client_id", authorization.client->id.str());
  if (!admission.scopes().empty()) claims.add("scope", join(admission.scopes(), " "));
  if (authorization.authenticated_at) claims.add("auth_time", *authorization.authenticated_at);
  if (const Json confirmation = confirmation_of(authorization); !confirmation.empty()) claims.add("cnf", confirmation);
  if (!authorization.actor.is_null()) claims.add("act", authorization.actor);  // RFC 8693 §4.1
  admission.resources().front()->claims.render(context_of(authorization), claims);
}

}  // namespace mintmark::oauth
