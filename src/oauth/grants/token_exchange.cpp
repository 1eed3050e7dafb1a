#include "mintmark/oauth/grants/token_exchange.hpp"

#include <algorithm>
#include <array>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::oauth {
namespace {

// RFC 8693 §3.
constexpr std::string_view kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr std::string_view kJwtType = "urn:ietf:params:oauth:token-type:jwt";
constexpr std::string_view kIdTokenType = "urn:ietf:params:oauth:token-type:id_token";

/// A chain grows by one with each service that passes a request on.
constexpr int kMaxActors = 8;
constexpr Duration kShortestLifetime = std::chrono::seconds(1);

/// RFC 8693 §2.2.2: whatever is wrong with a token, and one text for all of it.
OAuthError refuse_token(std::string why) {
  return {OAuthCode::invalid_request, "a token is not valid, or not for this client to exchange", std::nullopt,
          invalid(std::move(why))};
}

OAuthError from_token_error(const Error& error) {
  return error.kind == ErrorKind::invalid ? refuse_token(error.detail) : from_error(error);
}

/// How many actors a claim `act` names, one within the other.
int count_actors(const Json& claims) {
  int actors = 0;
  const Json* holder = &claims;
  for (auto act = holder->find("act"); act != holder->end() && act->is_object(); act = holder->find("act")) {
    ++actors;
    holder = &*act;
  }
  return actors;
}

/// RFC 8693 §4.4: where a token names who may act, nobody else may. Without `iss` it means one of its own issuer.
bool names_actor(const Json& claims, const std::string& token_issuer, const std::string& issuer,
                 const std::string& subject) {
  const auto named = claims.find("may_act");
  if (named == claims.end()) return true;
  if (!named->is_object() || find_string(*named, "sub") != subject) return false;
  return find_string(*named, "iss").value_or(token_issuer) == issuer;
}

std::vector<std::string> scopes_of(const Json& claims) {
  std::vector<std::string> scopes;
  for (const std::string_view scope : split(find_string(claims, "scope").value_or(""), ' ')) {
    if (!scope.empty()) scopes.emplace_back(scope);
  }
  return scopes;
}

/// What a token of ours is bound to: "jkt" (RFC 9449 §6.1) or "x5t#S256" (RFC 8705 §3.1).
std::optional<std::string> thumbprint_of(const Json& claims, const char* kind) {
  const auto confirmation = claims.find("cnf");
  if (confirmation == claims.end() || !confirmation->is_object()) return std::nullopt;
  return find_string(*confirmation, kind);
}

bool may_exchange(const Client& client, const AccessToken& token) {
  if (token.client == client.id) return true;
  return std::ranges::any_of(
      token.audience, [&](const ResourceId& resource) { return contains(client.token_exchange.from, resource); });
}

OAuthResult<IssuedTokenType> read_requested_type(const TokenRequest& request) {
  const std::string_view type = request.requested_token_type ? *request.requested_token_type : kAccessTokenType;
  if (type == kAccessTokenType) return IssuedTokenType::access_token;
  if (type == kJwtType) return IssuedTokenType::jwt;
  return OAuthError{OAuthCode::invalid_request, "the requested_token_type is not supported"};
}

OAuthResult<void> check_types(const TokenRequest& request) {
  static constexpr std::array kKnown{kAccessTokenType, kJwtType, kIdTokenType};
  if (!request.subject_token || !request.subject_token_type) {
    return OAuthError{OAuthCode::invalid_request, "subject_token and subject_token_type are required"};
  }
  // RFC 8693 §2.1: one does not go without the other.
  if ((request.actor_token != nullptr) != request.actor_token_type.has_value()) {
    return OAuthError{OAuthCode::invalid_request, "actor_token and actor_token_type go together"};
  }
  for (const auto* type : {&request.subject_token_type, &request.actor_token_type}) {
    if (*type && !contains(kKnown, std::string_view(**type))) {
      return OAuthError{OAuthCode::invalid_request, "a token type is not supported"};
    }
  }
  return {};
}

/// Who acts, before those who acted (RFC 8693 §4.1).
Json chain(const std::string& actor, const Json& claims) {
  Json act = {{"sub", actor}};
  if (const auto before = claims.find("act"); before != claims.end()) act["act"] = *before;
  return act;
}

}  // namespace

OAuthResult<AccessToken> TokenExchangeGrant::read_own(const ForeignToken& token, Instant now) const {
  Result<std::optional<AccessToken>> read = access_tokens_.read(token.text.reveal_text(), now);
  if (!read) return from_error(read.error());
  std::optional<AccessToken>& own = *read;
  if (!own) return refuse_token("no access token of ours that is good now");
  const Result<bool> active = access_tokens_.is_active(*own, *directory_.view(), now);
  if (!active) return from_error(active.error());
  if (!*active) return refuse_token("an access token that has been ended");
  return *std::move(own);
}

OAuthResult<TokenExchangeGrant::Subject> TokenExchangeGrant::find_own_subject(const ForeignToken& token,
                                                                              std::shared_ptr<const Client> client,
                                                                              Instant now) const {
  OAuthResult<AccessToken> own = read_own(token, now);
  if (!own) return own.error();
  if (!may_exchange(*client, *own)) return refuse_token("an access token that is not for this client to exchange");
  Result<std::optional<accounts::User>> user = users_.find_by_id(UserId(own->subject));
  if (!user) return from_error(user.error());
  Authorization authorization{.grant = GrantType::token_exchange, .client = std::move(client)};
  if (*user) authorization.user = **std::move(user);
  authorization.exchanged_subject = own->subject;
  if (const Result<std::optional<Instant>> at = jose::read_date(own->claims, "auth_time"); at) {
    authorization.authenticated_at = *at;
  }
  authorization.scopes = scopes_of(own->claims);
  authorization.targets = own->audience;
  authorization.max_lifetime = own->expires_at - now;
  // Else a token that a thief cannot use could be exchanged for one that he can.
  if (own->client == authorization.client->id) {
    authorization.bound_to = thumbprint_of(own->claims, "jkt");
    authorization.bound_to_certificate = thumbprint_of(own->claims, "x5t#S256");
  }
  return Subject{std::move(authorization), issuer_, std::move(own->claims)};
}

OAuthResult<TokenExchangeGrant::Subject> TokenExchangeGrant::find_trusted_subject(const ForeignToken& token,
                                                                                  std::shared_ptr<const Client> client,
                                                                                  Instant now) const {
  Result<TrustedSubject> trusted = trusted_.find(token, client->id, now);
  if (!trusted) return from_token_error(trusted.error());
  Authorization authorization{.grant = GrantType::token_exchange,
                              .client = std::move(client),
                              .user = std::move(trusted->user),
                              .authenticated_at = trusted->authenticated_at,
                              .scopes = std::move(trusted->scopes),
                              .max_lifetime = trusted->expires_at - now};
  if (trusted->one_time) authorization.one_time.push_back(*std::move(trusted->one_time));
  return Subject{std::move(authorization), token.issuer, std::move(trusted->claims)};
}

OAuthResult<TokenExchangeGrant::Subject> TokenExchangeGrant::find_subject(const TokenRequest& request,
                                                                          std::shared_ptr<const Client> client,
                                                                          Instant now) const {
  const ForeignToken& token = *request.subject_token;
  const bool is_own = token.issuer == issuer_ || looks_opaque(token.text.reveal_text());
  // An ID token says who somebody is to a client, and is no token of ours; their access tokens are not for us.
  if (is_own && request.subject_token_type == kIdTokenType) return refuse_token("an ID token of ours");
  if (!is_own && request.subject_token_type == kAccessTokenType) return refuse_token("no access token of ours");
  OAuthResult<Subject> subject =
      is_own ? find_own_subject(token, std::move(client), now) : find_trusted_subject(token, std::move(client), now);
  if (!subject) return subject;
  if (*subject->authorization.max_lifetime < kShortestLifetime) return refuse_token("about to expire");
  if (count_actors(subject->claims) >= kMaxActors) return refuse_token("passed on too often");
  return subject;
}

/// The client itself, unless it shows whom it speaks for.
OAuthResult<TokenExchangeGrant::Actor> TokenExchangeGrant::find_actor(const TokenRequest& request, const Client& client,
                                                                      std::vector<OneTimeValue>& one_time,
                                                                      Instant now) const {
  if (!request.actor_token) return Actor{client.id.str(), issuer_, client.id.str()};
  const ForeignToken& token = *request.actor_token;
  if (token.issuer == issuer_ || looks_opaque(token.text.reveal_text())) {
    const OAuthResult<AccessToken> own = read_own(token, now);
    if (!own) return own.error();
    if (own->client != client.id) return refuse_token("an actor's token that was issued to another client");
    return Actor{own->subject, issuer_, own->subject};
  }
  Result<TrustedSubject> trusted = trusted_.find(token, client.id, now);
  if (!trusted) return from_token_error(trusted.error());
  if (trusted->one_time) one_time.push_back(*std::move(trusted->one_time));
  return Actor{trusted->user.id.str(), token.issuer, token.subject};
}

OAuthResult<Authorization> TokenExchangeGrant::authorize(const TokenRequest& request,
                                                         std::shared_ptr<const Client> client,
                                                         const RequestContext& context) const {
  if (OAuthResult<void> checked = check_types(request); !checked) return checked.error();
  const OAuthResult<IssuedTokenType> type = read_requested_type(request);
  if (!type) return type.error();
  OAuthResult<Subject> subject = find_subject(request, client, context.now);
  if (!subject) return subject.error();
  Authorization& authorization = subject->authorization;
  const OAuthResult<Actor> actor = find_actor(request, *client, authorization.one_time, context.now);
  if (!actor) return actor.error();
  if (!names_actor(subject->claims, subject->issuer, issuer_, actor->subject) &&
      !names_actor(subject->claims, subject->issuer, actor->named_by, actor->name)) {
    return refuse_token("the token names somebody else who may act");
  }
  const bool impersonates = !request.actor_token && client->token_exchange.impersonation;
  const auto before = subject->claims.find("act");
  // Nobody acts for himself.
  if (!impersonates && actor->subject != authorization.subject()) {
    authorization.actor = chain(actor->subject, subject->claims);
  } else if (before != subject->claims.end()) {
    authorization.actor = *before;  // whoever acted before is not forgotten
  }
  for (const ResourceId& resource : client->token_exchange.to) {
    if (authorization.targets) authorization.targets->push_back(resource);
  }
  authorization.issued_token_type = *type;
  return std::move(authorization);
}

}  // namespace mintmark::oauth
