#include "mintmark/oauth/grants/token_exchange.hpp"

#include <array>

#include "mintmark/base/contains.hpp"
#include "token_reach.hpp"

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

/// RFC 8693 §4.1: an object with a `sub`, and perhaps another within it.
bool is_actor(const Json& act, int depth) {
  if (depth > kMaxActors || !act.is_object() || !find_string(act, "sub")) return false;
  const auto before = act.find("act");
  return before == act.end() || is_actor(*before, depth + 1);
}

/// Actors of another issuer, each with its name, so that none is taken for one of ours.
Json name_issuer(Json act, const std::string& issuer) {
  if (!act.contains("iss")) act["iss"] = issuer;
  if (act.contains("act")) act["act"] = name_issuer(std::move(act["act"]), issuer);
  return act;
}

/// Whether two of the values are one: both tokens were one that is good for once.
bool has_duplicate(const std::vector<OneTimeValue>& values) {
  return values.size() == 2 && values[0].kind == values[1].kind && values[0].issuer == values[1].issuer &&
         values[0].hash == values[1].hash;
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
  // Good for its own audience, and no proof of anything elsewhere.
  if (own->is_of_resource) return refuse_token("an access token that its resource may have made itself");
  return *std::move(own);
}

OAuthResult<TokenExchangeGrant::Subject> TokenExchangeGrant::find_own_subject(const ForeignToken& token,
                                                                              std::shared_ptr<const Client> client,
                                                                              Instant now) const {
  OAuthResult<AccessToken> own = read_own(token, now);
  if (!own) return own.error();
  const ReachedResources resources = resources_in_reach(*own, *client, client->token_exchange.from, *directory_.view());
  if (resources.empty()) return refuse_token("an access token that is not for this client to exchange");
  Result<std::optional<accounts::User>> user = users_.find_by_id(UserId(own->subject));
  if (!user) return from_error(user.error());
  Authorization authorization{.grant = GrantType::token_exchange, .client = std::move(client)};
  if (*user) authorization.user = **std::move(user);
  authorization.exchanged_subject = own->subject;
  if (const Result<std::optional<Instant>> at = jose::read_date(own->claims, "auth_time"); at) {
    authorization.authenticated_at = *at;
  }
  authorization.session = own->family;
  authorization.scopes = scopes_at(resources, own->claims);
  authorization.targets.emplace();
  for (const auto& resource : resources)
    authorization.targets->push_back(resource->id);
  authorization.max_lifetime = own->expires_at - now;
  // Else a token that a thief cannot use could be exchanged for one that he can.
  if (own->client == authorization.client->id) {
    authorization.bound_to = find_confirmation(own->claims, "jkt");
    authorization.bound_to_certificate = find_confirmation(own->claims, "x5t#S256");
  }
  return Subject{std::move(authorization), issuer_, std::move(own->claims)};
}

OAuthResult<TokenExchangeGrant::Subject> TokenExchangeGrant::find_trusted_subject(const ForeignToken& token,
                                                                                  std::shared_ptr<const Client> client,
                                                                                  Instant now) const {
  Result<TrustedSubject> trusted = trusted_.find(token, client->id, now);
  if (!trusted) return from_token_error(trusted.error());
  if (trusted->user.disabled) return refuse_token("of a user who is disabled");
  if (const auto act = trusted->claims.find("act"); act != trusted->claims.end()) {
    if (!is_actor(*act, 1)) return refuse_token("\"act\" is none of RFC 8693");
    *act = name_issuer(*act, token.issuer);
  }
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
    // Whoever acts by it is its own `act`, and not its subject.
    if (own->claims.contains("act")) return refuse_token("an actor's token that somebody else acts with");
    return Actor{own->subject, issuer_, own->subject};
  }
  Result<TrustedSubject> trusted = trusted_.find(token, client.id, now);
  if (!trusted) return from_token_error(trusted.error());
  if (trusted->user.disabled) return refuse_token("an actor who is disabled");
  if (trusted->claims.contains("act")) return refuse_token("an actor's token that somebody else acts with");
  if (trusted->one_time) one_time.push_back(*std::move(trusted->one_time));
  if (has_duplicate(one_time)) return refuse_token("one token that is good for once, twice");
  return Actor{trusted->user.id.str(), token.issuer, token.subject};
}

/// Nobody acts for himself; but a client that is neither the subject nor may impersonate is always named.
Json TokenExchangeGrant::find_act(const Subject& subject, const std::string& actor, bool impersonates) {
  const std::string& about = subject.authorization.subject();
  const std::string& client = subject.authorization.client->id.str();
  const auto before = subject.claims.find("act");
  if (!impersonates && actor != about) return chain(actor, subject.claims);
  if (!impersonates && client != about) return chain(client, subject.claims);
  return before == subject.claims.end() ? Json() : *before;  // whoever acted before is not forgotten
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
  authorization.actor =
      find_act(*subject, actor->subject, !request.actor_token && client->token_exchange.impersonation);
  for (const ResourceId& resource : client->token_exchange.to) {
    if (authorization.targets) authorization.targets->push_back(resource);
  }
  authorization.issued_token_type = *type;
  return std::move(authorization);
}

}  // namespace mintmark::oauth
