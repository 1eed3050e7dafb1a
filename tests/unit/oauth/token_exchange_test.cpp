// Token exchange (RFC 8693).

#include "mintmark/oauth/grants/token_exchange.hpp"

#include "mint.hpp"
#include "support/assertions.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::assertion_claims;
using mintmark::testing::compact_jws;
using mintmark::testing::inline_keys;
using mintmark::testing::jws_header;
using mintmark::testing::proof_claims;
using mintmark::testing::proof_header;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kIdp = "https://idp.example.com";
constexpr const char* kAccessToken = "urn:ietf:params:oauth:token-type:access_token";
constexpr const char* kJwt = "urn:ietf:params:oauth:token-type:jwt";
constexpr const char* kIdToken = "urn:ietf:params:oauth:token-type:id_token";

/// "front" serves kApi and calls kOtherApi, which offers the scopes "read" and "other", for whoever called it.
class TokenExchangeTest : public ::testing::Test {
 protected:
  TokenExchangeTest() {
    mint_.change_resource(kOtherApi, [](Resource& it) { it.scopes = {"read", "other"}; });
    Client front = mint_.store->clients().find_client(ClientId("service")).value().value();
    front.id = ClientId("front");
    front.grant_types = {GrantType::client_credentials, GrantType::token_exchange};
    front.resources = {ResourceId(kOtherApi), ResourceId(kForeignApi)};
    front.token_exchange = {.from = {ResourceId(kApi)}, .to = {ResourceId(kOtherApi)}, .impersonation = false};
    EXPECT_TRUE(mint_.store->clients().insert_client(front));
    TrustedIssuerMap trusted;
    trusted[kIdp] = {.issuer = kIdp, .keys = inline_keys(key_), .algs = {}, .max_lifetime = hours(1)};
    trusted[kIdp].jwt_bearer = JwtBearerRules{};
    trusted[kIdp].jwt_bearer->clients = {ClientId("front")};
    trusted[kIdp].jwt_bearer->usernames = {{"alice-there", "alice"}, {"bob-there", "bob"}};
    mint_.directory->adopt(mint_.directory->prepare({}, {}, std::move(trusted)).value());
    accounts::User bob;
    bob.id = UserId("user-2");
    bob.username = "bob";
    bob.password_hash = "builder";
    EXPECT_TRUE(mint_.store->users().insert_user(bob));
  }

  static std::string form(const std::string& subject, const std::string& more = "", const char* type = kAccessToken) {
    return "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=front"
           "&client_secret=service-secret&subject_token=" +
           subject + "&subject_token_type=" + type + more;
  }
  TokenOutcome exchange(const std::string& subject, const std::string& more = "&resource=" + std::string(kOtherApi),
                        const char* type = kAccessToken) {
    return mint_.post(form(subject, more, type));
  }
  Json claims_of(const TokenOutcome& outcome) {
    EXPECT_TRUE(outcome.result) << (outcome.result ? ""
                                                   : std::string(outcome.result.error().description.str()) +
                                                         (outcome.result.error().cause
                                                              ? ": " + outcome.result.error().cause->detail
                                                              : ""));
    return outcome.result ? mint_.verified(outcome.result->access_token).claims() : Json::object();
  }
  std::string alice() { return mint_.login().result->access_token; }
  std::string machine(const char* id, const char* resource) {
    return mint_
        .post("grant_type=client_credentials&client_secret=service-secret&client_id=" + std::string(id) +
              "&resource=" + resource)
        .result->access_token;
  }
  std::string foreign(const Json& changes = Json::object()) {
    Json claims = assertion_claims(kIdp, kIssuer, "jti-" + std::to_string(++made_), mint_.now);
    claims["sub"] = "alice-there";
    claims.merge_patch(changes);
    return compact_jws(jws_header(key_), claims, key_);
  }
  void change_exchange(const std::function<void(TokenExchange&)>& change) {
    mint_.change_client("front", [&](Client& it) { change(it.token_exchange); });
  }
  /// RFC 8693 §2.2.2, and nothing of the reason.
  void expect_refused(const TokenOutcome& outcome, const std::string& why) {
    ASSERT_FALSE(outcome.result) << why;
    EXPECT_EQ(outcome.result.error().code, OAuthCode::invalid_request) << why;
    EXPECT_EQ(outcome.result.error().description.str(), "a token is not valid, or not for this client to exchange")
        << why;
  }

  Mint mint_;
  const jose::SigningKey key_ = jose::SigningKey::generate(jose::Alg::ES256).value();
  int made_ = 0;
};

TEST_F(TokenExchangeTest, Rfc8693Section4_1_TheNewTokenSaysWhoActsForWhom) {
  const TokenOutcome outcome = exchange(alice());
  const Json claims = claims_of(outcome);
  EXPECT_EQ(claims.at("sub"), "user-1");
  EXPECT_EQ(claims.at("aud"), kOtherApi);
  EXPECT_EQ(claims.at("client_id"), "front");
  EXPECT_EQ(claims.at("act"), Json({{"sub", "front"}}));
  EXPECT_EQ(claims.at("role"), "Admin");  // the resource's own template
  EXPECT_EQ(claims.at("auth_time"), to_numeric_date(mint_.now));
  EXPECT_EQ(outcome.result->issued_token_type, IssuedTokenType::access_token);
  EXPECT_FALSE(outcome.result->refresh_token);
}

TEST_F(TokenExchangeTest, Attack19_ScopesOnlyNarrow) {
  const std::string both = alice();  // "read write", of which kOtherApi offers "read"
  EXPECT_EQ(exchange(both).result->scope, "read");
  EXPECT_EQ(code_of(exchange(both, "&scope=other&resource=" + std::string(kOtherApi))), OAuthCode::invalid_scope);
  const std::string narrow =
      mint_.post("grant_type=password&client_id=app&username=alice&password=wonderland&scope=write")
          .result->access_token;
  EXPECT_EQ(exchange(narrow).result->scope, "");
  EXPECT_EQ(code_of(exchange(narrow, "&scope=read&resource=" + std::string(kOtherApi))), OAuthCode::invalid_scope);
}

TEST_F(TokenExchangeTest, Attack19_AudiencesAreThoseOfTheTokenAndOfThePolicy) {
  EXPECT_EQ(code_of(exchange(alice(), "&resource=" + std::string(kForeignApi))), OAuthCode::invalid_target);
  EXPECT_EQ(code_of(exchange(alice(), "&resource=" + std::string(kApi))), OAuthCode::invalid_target)
      << "the token's, but none of the client's";
  EXPECT_EQ(code_of(exchange(alice(), "")), OAuthCode::invalid_target) << "several";
  change_exchange([](TokenExchange& it) { it.to.clear(); });
  EXPECT_EQ(code_of(exchange(alice())), OAuthCode::invalid_target);
  mint_.change_client("front", [](Client& it) { it.resources.push_back(ResourceId(kApi)); });
  EXPECT_EQ(claims_of(exchange(alice(), "&resource=" + std::string(kApi))).at("aud"), kApi);
}

TEST_F(TokenExchangeTest, Rfc8693Section2_1_AudienceNamesAResourceToo) {
  EXPECT_EQ(claims_of(exchange(alice(), "&audience=" + std::string(kOtherApi))).at("aud"), kOtherApi);
  EXPECT_EQ(code_of(exchange(alice(), "&audience=" + std::string(kForeignApi))), OAuthCode::invalid_target);
  EXPECT_EQ(code_of(exchange(alice(), "&audience=" + std::string(kOtherApi) + "&resource=" + kForeignApi)),
            OAuthCode::invalid_target);
}

TEST_F(TokenExchangeTest, Attack19_TheLifetimeOnlyNarrows) {
  const std::string token = alice();
  mint_.now += minutes(14);
  const TokenOutcome outcome = exchange(token);
  EXPECT_EQ(claims_of(outcome).at("exp"), mint_.verified(token).claims().at("exp"));
  EXPECT_LE(outcome.result->expires_in, minutes(1));
  mint_.now += seconds(59);
  expect_refused(exchange(token), "less than a second before its end");
  mint_.now += minutes(2);
  expect_refused(exchange(token), "expired");
}

TEST_F(TokenExchangeTest, Attack19_AnotherClientsTokensTakeAPolicy) {
  expect_refused(exchange(machine("multi", kHmacApi)), "for an API that the client does not serve");
  EXPECT_TRUE(exchange(machine("multi", kApi)).result);
  change_exchange([](TokenExchange& it) { it.from.clear(); });
  expect_refused(exchange(machine("multi", kApi)), "no API at all");
  EXPECT_TRUE(exchange(machine("front", kOtherApi)).result) << "its own tokens are its to exchange";
}

TEST_F(TokenExchangeTest, AClientThatActsForItselfIsASubjectToo) {
  const Json claims = claims_of(exchange(machine("service", kApi)));
  EXPECT_EQ(claims.at("sub"), "service");
  EXPECT_EQ(claims.at("client_id"), "front");
  EXPECT_EQ(claims.at("act"), Json({{"sub", "front"}}));
  EXPECT_FALSE(claims_of(exchange(machine("front", kOtherApi))).contains("act")) << "nobody acts for himself";
}

TEST_F(TokenExchangeTest, ImpersonationTakesAPermission) {
  change_exchange([](TokenExchange& it) { it.impersonation = true; });
  const Json claims = claims_of(exchange(alice()));
  EXPECT_EQ(claims.at("sub"), "user-1");
  EXPECT_FALSE(claims.contains("act"));
}

TEST_F(TokenExchangeTest, Rfc8693Section4_1_TheChainOfActorsIsKept) {
  mint_.change_client("front", [](Client& it) { it.resources.push_back(ResourceId(kApi)); });
  std::string token = exchange(alice(), "&resource=" + std::string(kApi)).result->access_token;
  const Json second = claims_of(exchange(token));
  EXPECT_EQ(second.at("act"), Json({{"sub", "front"}, {"act", {{"sub", "front"}}}}));
  change_exchange([](TokenExchange& it) { it.impersonation = true; });
  EXPECT_EQ(claims_of(exchange(token)).at("act"), Json({{"sub", "front"}})) << "impersonation forgets nobody";
  change_exchange([](TokenExchange& it) { it.impersonation = false; });
  for (int actors = 1; actors < 8; ++actors)
    token = exchange(token, "&resource=" + std::string(kApi)).result->access_token;
  expect_refused(exchange(token), "passed on without end");
}

TEST_F(TokenExchangeTest, Rfc8693Section2_1_AnActorTokenSaysWhoActs) {
  const std::string type = "&actor_token_type=" + std::string(kAccessToken);
  const std::string other = "&resource=" + std::string(kOtherApi);
  const std::string own = "&actor_token=" + machine("front", kOtherApi);
  EXPECT_EQ(claims_of(exchange(alice(), other + own + type)).at("act"), Json({{"sub", "front"}}));
  const std::string bob = "&actor_token=" + foreign({{"sub", "bob-there"}}) + "&actor_token_type=" + kJwt;
  EXPECT_EQ(claims_of(exchange(alice(), other + bob)).at("act"), Json({{"sub", "user-2"}}));
  change_exchange([](TokenExchange& it) { it.impersonation = true; });
  EXPECT_EQ(claims_of(exchange(alice(), other + own + type)).at("act"), Json({{"sub", "front"}}))
      << "whoever names an actor gets him named";
  expect_refused(exchange(alice(), other + "&actor_token=" + machine("multi", kApi) + type), "issued to another");
  expect_refused(exchange(alice(), other + "&actor_token=x" + type), "no token");
  EXPECT_EQ(code_of(exchange(alice(), other + own)), OAuthCode::invalid_request) << "without its type";
  EXPECT_EQ(code_of(exchange(alice(), other + type)), OAuthCode::invalid_request) << "a type alone";
}

TEST_F(TokenExchangeTest, Rfc8693Section4_4_OnlyWhoMayActActs) {
  const auto with = [&](const Json& may_act) {
    return exchange(foreign({{"may_act", may_act}}), "&resource=" + std::string(kOtherApi), kJwt);
  };
  EXPECT_TRUE(with({{"sub", "front"}, {"iss", kIssuer}}).result);
  expect_refused(with({{"sub", "front"}}), "one of the foreign issuer's, who has the same name");
  expect_refused(with({{"sub", "other"}, {"iss", kIssuer}}), "another client");
  expect_refused(with("front"), "no object");
  expect_refused(with(Json::object()), "nobody");
  const std::string token = foreign({{"may_act", {{"sub", "bob-there"}}}});
  const std::string bob = "&actor_token=" + foreign({{"sub", "bob-there"}}) + "&actor_token_type=" + kJwt;
  EXPECT_TRUE(exchange(token, "&resource=" + std::string(kOtherApi) + bob, kJwt).result);
  change_exchange([](TokenExchange& it) { it.impersonation = true; });
  expect_refused(with({{"sub", "other"}, {"iss", kIssuer}}), "another client, where nobody would be named");
}

TEST_F(TokenExchangeTest, TokensOfTrustedIssuersAreSubjects) {
  const TokenOutcome outcome = exchange(foreign(), "&resource=" + std::string(kOtherApi), kIdToken);
  const Json claims = claims_of(outcome);
  EXPECT_EQ(claims.at("sub"), "user-1");
  EXPECT_EQ(claims.at("act"), Json({{"sub", "front"}}));
  EXPECT_EQ(outcome.result->scope, "read other");
  EXPECT_EQ(claims.at("exp"), to_numeric_date(mint_.now + minutes(1))) << "no longer than theirs";
  expect_refused(exchange(foreign({{"sub", "nobody"}}), "", kJwt), "of nobody here");
  expect_refused(exchange(foreign({{"iss", "https://evil.example.com"}}), "", kJwt), "of an untrusted issuer");
  expect_refused(exchange(foreign(), "", kAccessToken), "their access tokens are not for us");
  mint_.change_client("multi", [](Client& it) { it.grant_types.push_back(GrantType::token_exchange); });
  std::string other = form(foreign(), "&resource=" + std::string(kOtherApi), kJwt);
  other.replace(other.find("client_id=front"), 15, "client_id=multi");
  expect_refused(mint_.post(other), "a client that is not in the issuer's rules");
}

TEST_F(TokenExchangeTest, Attack11_ATokenThatIsGoodOnceIsUsedUp) {
  TrustedIssuerMap trusted = mint_.directory->view()->trusted_issuers;
  trusted[kIdp].single_use = true;
  mint_.directory->adopt(mint_.directory->prepare({}, {}, std::move(trusted)).value());
  const std::string token = foreign();
  const std::string other = "&resource=" + std::string(kOtherApi);
  EXPECT_EQ(code_of(exchange(token, other + "&scope=unknown", kJwt)), OAuthCode::invalid_scope);
  EXPECT_TRUE(exchange(token, other, kJwt).result);
  EXPECT_FALSE(exchange(token, other, kJwt).result);
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::replay);
}

TEST_F(TokenExchangeTest, WhatHasBeenEndedIsNotExchanged) {
  const std::string token = alice();
  EXPECT_TRUE(mint_.access_tokens->end(**mint_.access_tokens->read(token, mint_.now), mint_.now));
  expect_refused(exchange(token), "revoked");
  const std::string another = alice();
  mint_.change_user([](accounts::User& it) { it.disabled = true; });
  expect_refused(exchange(another), "a disabled user");
  const std::string service = machine("service", kApi);
  mint_.change_client("service", [](Client& it) { it.disabled = true; });
  expect_refused(exchange(service), "a disabled client");
}

TEST_F(TokenExchangeTest, MixUp_WhatIsNoAccessTokenIsNoSubject) {
  const TokenResponse login = mint_.login().result.value();
  expect_refused(exchange(std::string(login.refresh_token->reveal_text())), "a refresh token");
  expect_refused(exchange(login.access_token + "x"), "forged");
  expect_refused(exchange("x"), "garbage");
  expect_refused(exchange(login.access_token, "", kIdToken), "an access token as an ID token");
  EXPECT_EQ(code_of(exchange(login.access_token, "", "urn:ietf:params:oauth:token-type:saml2")),
            OAuthCode::invalid_request);
  EXPECT_EQ(code_of(mint_.post("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=front"
                               "&client_secret=service-secret")),
            OAuthCode::invalid_request);
}

TEST_F(TokenExchangeTest, Rfc8693Section2_1_TheRequestedTypeIsWhatIsIssued) {
  const std::string other = "&resource=" + std::string(kOtherApi);
  EXPECT_EQ(exchange(alice(), other + "&requested_token_type=" + kJwt).result->issued_token_type, IssuedTokenType::jwt);
  EXPECT_EQ(exchange(alice(), other + "&requested_token_type=" + kAccessToken).result->issued_token_type,
            IssuedTokenType::access_token);
  for (const char* type : {kIdToken, "urn:ietf:params:oauth:token-type:refresh_token", "x"})
    EXPECT_EQ(code_of(exchange(alice(), other + "&requested_token_type=" + type)), OAuthCode::invalid_request) << type;
}

TEST_F(TokenExchangeTest, NobodyHidesThatHeActs) {
  mint_.change_client("front", [](Client& it) { it.resources.push_back(ResourceId(kApi)); });
  const std::string other = "&resource=" + std::string(kOtherApi);
  const std::string type = "&actor_token_type=" + std::string(kAccessToken);
  // A token of alice that the client got by an exchange speaks for the client, and not for alice.
  const std::string subject = alice();
  const std::string own = exchange(subject, "&resource=" + std::string(kApi)).result->access_token;
  expect_refused(exchange(subject, other + "&actor_token=" + own + type), "alice as the actor of alice");
  expect_refused(exchange(own, other + "&actor_token=" + own + type), "one token as both");
  const std::string both = foreign();
  const std::string actor = "&actor_token=" + foreign() + "&actor_token_type=" + kJwt;
  EXPECT_EQ(claims_of(exchange(both, other + actor, kJwt)).at("act"), Json({{"sub", "front"}}))
      << "alice acts for herself, through the client";
}

TEST_F(TokenExchangeTest, Attack1_ATokenThatItsResourceCanMakeProvesNothingElsewhere) {
  change_exchange([](TokenExchange& it) { it.from.push_back(ResourceId(kHmacApi)); });
  const std::shared_ptr<const keys::KeyRing> ring = mint_.keys->ring().load();
  jose::UnsignedClaims claims;
  claims.add("iss", kIssuer).add("sub", "user-1").add("client_id", "app").add("jti", "1").add("aud", kHmacApi);
  claims.add("iat", mint_.now).add("exp", mint_.now + minutes(5)).add("scope", "read");
  const std::string forged =
      ring->find_resource_signer(ResourceId(kHmacApi), jose::Alg::HS256)->sign("at+jwt", claims).value();
  expect_refused(exchange(forged), "made by whoever has the secret");
  expect_refused(exchange(machine("multi", kHmacApi)), "which nobody can tell from a genuine one");
}

TEST_F(TokenExchangeTest, AnExchangedTokenOfAClientIsActive) {
  mint_.change_client("front", [](Client& it) { it.resources.push_back(ResourceId(kApi)); });
  const std::string token = exchange(machine("service", kApi), "&resource=" + std::string(kApi)).result->access_token;
  EXPECT_TRUE(exchange(token).result) << "it goes on to the next";
  mint_.change_client("service", [](Client& it) { it.disabled = true; });
  expect_refused(exchange(token), "whose subject is disabled");
}

TEST_F(TokenExchangeTest, Attack18_ADisabledUserIsNoActor) {
  accounts::User bob = mint_.store->users().find_by_username("bob").value().value();
  bob.disabled = true;
  EXPECT_TRUE(mint_.store->users().update_user(bob));
  const std::string actor = "&actor_token=" + foreign({{"sub", "bob-there"}}) + "&actor_token_type=" + kJwt;
  expect_refused(exchange(alice(), "&resource=" + std::string(kOtherApi) + actor), "a disabled actor");
  expect_refused(exchange(foreign({{"sub", "bob-there"}}), "&resource=" + std::string(kOtherApi), kJwt),
                 "a disabled subject");
}

TEST_F(TokenExchangeTest, Attack19_OfATokenForSeveralOnlyItsOwnPartIsAClients) {
  mint_.change_client("multi", [](Client& it) {
    it.resources.emplace_back(kForeignApi);
    it.scopes = {"read", "other"};
  });
  mint_.change_resource(kForeignApi, [](Resource& it) {
    it.scopes = {"other"};
    it.claims = ClaimsTemplate::make({{"userId", "{user.id}"}, {"role", "{user.attributes.role}"}}).value();
  });
  const std::string token = mint_
                                .post(
                                    "grant_type=client_credentials&client_id=multi&client_secret=service-secret"
                                    "&resource=" +
                                    std::string(kApi) + "&resource=" + kForeignApi)
                                .result->access_token;
  EXPECT_EQ(code_of(exchange(token, "&resource=" + std::string(kForeignApi))), OAuthCode::invalid_target)
      << "where the client could get tokens, but not for this subject";
  EXPECT_EQ(exchange(token).result->scope, "read") << "\"other\" was given for elsewhere";
}

TEST_F(TokenExchangeTest, ATokenOfADisabledResourceIsGoodNowhere) {
  const std::string token = alice();
  mint_.change_resource(kApi, [](Resource& it) { it.disabled = true; });
  expect_refused(exchange(token), "of a resource that is out of use");
}

TEST_F(TokenExchangeTest, ActorsOfOthersAreNamedAsTheirs) {
  const std::string other = "&resource=" + std::string(kOtherApi);
  const Json act = {{"sub", "service"}, {"act", {{"sub", "x"}, {"iss", "https://elsewhere.example.com"}}}};
  const Json claims = claims_of(exchange(foreign({{"act", act}}), other, kJwt));
  EXPECT_EQ(claims.at("act").at("sub"), "front");
  EXPECT_EQ(
      claims.at("act").at("act"),
      Json({{"sub", "service"}, {"iss", kIdp}, {"act", {{"sub", "x"}, {"iss", "https://elsewhere.example.com"}}}}));
  expect_refused(exchange(foreign({{"act", "service"}}), other, kJwt), "no object");
  expect_refused(exchange(foreign({{"act", Json::object()}}), other, kJwt), "nobody");
}

TEST_F(TokenExchangeTest, Attack11_OneTokenThatIsGoodOnceIsNotTwo) {
  TrustedIssuerMap trusted = mint_.directory->view()->trusted_issuers;
  trusted[kIdp].single_use = true;
  mint_.directory->adopt(mint_.directory->prepare({}, {}, std::move(trusted)).value());
  const std::string token = foreign();
  const std::string actor = "&actor_token=" + token + "&actor_token_type=" + kJwt;
  expect_refused(exchange(token, "&resource=" + std::string(kOtherApi) + actor, kJwt), "as subject and actor");
  EXPECT_TRUE(exchange(token, "&resource=" + std::string(kOtherApi), kJwt).result) << "and it is not used up";
}

TEST_F(TokenExchangeTest, Rfc9449_ABoundTokenOfTheClientTakesItsKey) {
  const auto proof = [&](const jose::SigningKey& key) {
    return compact_jws(proof_header(key),
                       proof_claims(std::string(kIssuer) + "/token", "jti-" + std::to_string(++made_), mint_.now), key);
  };
  const std::string own = mint_
                              .post_with_proof(
                                  "grant_type=client_credentials&client_secret=service-secret"
                                  "&client_id=front&resource=" +
                                      std::string(kOtherApi),
                                  proof(key_))
                              .result->access_token;
  const std::string asked = form(own, "&resource=" + std::string(kOtherApi));
  EXPECT_EQ(code_of(mint_.post(asked)), OAuthCode::invalid_dpop_proof);
  const jose::SigningKey other = jose::SigningKey::generate(jose::Alg::ES256).value();
  EXPECT_FALSE(mint_.post_with_proof(asked, proof(other)).result);
  EXPECT_TRUE(claims_of(mint_.post_with_proof(asked, proof(key_))).contains("cnf"));
}

TEST_F(TokenExchangeTest, Attack18_TheClientMustBeAllowedTheGrant) {
  mint_.change_client("front", [](Client& it) { it.grant_types = {GrantType::client_credentials}; });
  EXPECT_EQ(code_of(exchange(alice())), OAuthCode::unauthorized_client);
}

}  // namespace
}  // namespace mintmark::oauth::testing
