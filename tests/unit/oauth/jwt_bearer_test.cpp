// Tokens of trusted issuers as grants (RFC 7523 §2.1).

#include "mintmark/oauth/grants/jwt_bearer.hpp"

#include "mint.hpp"
#include "support/assertions.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::assertion_claims;
using mintmark::testing::compact_jws;
using mintmark::testing::inline_keys;
using mintmark::testing::jws_header;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kIdp = "https://idp.example.com";
constexpr const char* kOtherIdp = "https://other-idp.example.com";
constexpr const char* kUnusedIdp = "https://unused-idp.example.com";

class JwtBearerTest : public ::testing::Test {
 protected:
  JwtBearerTest() {
    for (const char* id : {"app", "service"}) {
      mint_.change_client(id, [](Client& it) { it.grant_types.push_back(GrantType::jwt_bearer); });
    }
    rules_.clients = {ClientId("app")};
    rules_.usernames = {{"alice-there", "alice"}, {"ghost-there", "ghost"}};
    trust();
  }

  /// Three issuers with keys of their own; the rules are of the first two, and the third is for client assertions.
  void trust() {
    TrustedIssuerMap trusted;
    for (const char* issuer : {kIdp, kOtherIdp, kUnusedIdp}) {
      trusted[issuer] = {.issuer = issuer,
                         .keys = inline_keys(issuer == kIdp ? key_ : other_key_),
                         .algs = {},
                         .max_lifetime = hours(1),
                         .single_use = single_use_,
                         .jwt_bearer = issuer == kUnusedIdp ? std::nullopt : std::optional(rules_)};
    }
    mint_.directory->adopt(mint_.directory->prepare({}, {}, std::move(trusted)).value());
  }

  /// For alice, good for a minute, with another `jti` each time.
  Json claims(const Json& changes = Json::object()) {
    Json made = assertion_claims(kIdp, kIssuer, "jti-" + std::to_string(++made_), mint_.now);
    made["sub"] = "alice-there";
    made.merge_patch(changes);
    return made;
  }
  std::string sign(const Json& claims, const Json& header = Json::object()) {
    Json made = jws_header(key_);
    made.update(header);
    return compact_jws(made, claims, key_);
  }
  TokenOutcome post(const std::string& assertion, const std::string& more = "&client_id=app") {
    return mint_.post("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + assertion + more);
  }
  std::string scope_of(const Json& claims, const std::string& asked = "") {
    const TokenOutcome outcome = post(sign(claims), "&client_id=app" + asked);
    return outcome.result ? outcome.result->scope : std::string(name(outcome.result.error().code));
  }

  /// Whatever is wrong, the client is told the same.
  void expect_refused(const TokenOutcome& outcome, const std::string& why) {
    ASSERT_FALSE(outcome.result) << why;
    EXPECT_EQ(outcome.result.error().code, OAuthCode::invalid_grant) << why;
    EXPECT_EQ(outcome.result.error().description.str(), refuse_grant("").description.str()) << why;
  }
  void expect_refused(const Json& claims, const std::string& why) { expect_refused(post(sign(claims)), why); }

  Mint mint_;
  const jose::SigningKey key_ = jose::SigningKey::generate(jose::Alg::ES256).value();
  const jose::SigningKey other_key_ = jose::SigningKey::generate(jose::Alg::ES256).value();
  JwtBearerRules rules_;
  bool single_use_ = false;
  int made_ = 0;
};

TEST_F(JwtBearerTest, Rfc7523Section2_1_ATokenOfATrustedIssuerIsAGrantForItsUser) {
  const TokenOutcome outcome = post(sign(claims()));
  ASSERT_TRUE(outcome.result) << outcome.result.error().cause->detail;
  const Json issued = mint_.verified(outcome.result->access_token).claims();
  EXPECT_EQ(issued.at("iss"), kIssuer);
  EXPECT_EQ(issued.at("sub"), "user-1");
  EXPECT_EQ(issued.at("client_id"), "app");
  EXPECT_EQ(issued.at("role"), "Admin");
  EXPECT_EQ(outcome.result->scope, "read write");
}

TEST_F(JwtBearerTest, Rfc7521Section4_1_NoSessionBegins) {
  EXPECT_FALSE(post(sign(claims())).result->refresh_token);
  EXPECT_TRUE(mint_.login().result->refresh_token) << "as this client's passwords begin one";
}

TEST_F(JwtBearerTest, AuthTimeIsTheIssuersOrNone) {
  const auto issued = [&](const Json& changes) {
    return mint_.verified(post(sign(claims(changes))).result->access_token).claims();
  };
  const auto then = to_numeric_date(mint_.now - hours(2));
  EXPECT_EQ(issued({{"auth_time", then}}).at("auth_time"), then);
  EXPECT_FALSE(issued(Json::object()).contains("auth_time"));
  EXPECT_FALSE(issued({{"auth_time", to_numeric_date(mint_.now + hours(2))}}).contains("auth_time"));
}

TEST_F(JwtBearerTest, Rfc7523Section3_WhatIsNotToTheLetterIsRefused) {
  expect_refused(claims({{"iss", kOtherIdp}}), "of another issuer, whose key did not sign it");
  expect_refused(claims({{"iss", "https://nobody.example.com"}}), "of an issuer that is not trusted");
  expect_refused(claims({{"iss", nullptr}}), "of nobody");
  expect_refused(claims({{"aud", "https://other.example.com"}}), "for another");
  expect_refused(claims({{"aud", {kIssuer, "https://other.example.com"}}}), "for another too");
  expect_refused(claims({{"aud", nullptr}}), "for nobody");
  expect_refused(claims({{"exp", nullptr}}), "for ever");
  expect_refused(claims({{"exp", to_numeric_date(mint_.now - minutes(1))}}), "expired");
  expect_refused(claims({{"exp", to_numeric_date(mint_.now + hours(2))}}), "for longer than the issuer may");
  expect_refused(claims({{"nbf", to_numeric_date(mint_.now + minutes(2))}}), "not good yet");
  expect_refused(claims({{"iat", to_numeric_date(mint_.now + minutes(2))}}), "of the future");
  expect_refused(post("not-a-token"), "no token at all");
  std::string forged = sign(claims());
  forged[forged.size() - 10] = forged[forged.size() - 10] == 'A' ? 'B' : 'A';
  expect_refused(post(forged), "another signature");
  EXPECT_TRUE(post(sign(claims())).result) << "which all of this leaves as it was";
}

TEST_F(JwtBearerTest, MixUp_ATokenOfAnotherKindIsNoGrant) {
  expect_refused(post(sign(claims(), {{"typ", "at+jwt"}})), "an access token of the issuer");
  expect_refused(post(sign(claims(), {{"typ", "client-authentication+jwt"}})), "a client's assertion");
  EXPECT_TRUE(post(sign(claims(), {{"typ", "authorization-grant+jwt"}})).result);
  Json unused = claims({{"iss", kUnusedIdp}});
  expect_refused(post(compact_jws(jws_header(other_key_), unused, other_key_)), "of an issuer for client assertions");
  const std::string own = post(sign(claims())).result->access_token;
  expect_refused(post(own), "a token of this service");
}

TEST_F(JwtBearerTest, OnlyTheClientsOfTheRulesMayPresentOne) {
  const std::string service = "&client_id=service&client_secret=service-secret";
  expect_refused(post(sign(claims()), service), "a client that is not in the rules");
  EXPECT_EQ(code_of(post(sign(claims()), "&client_id=service&client_secret=wrong")), OAuthCode::invalid_client);
  rules_.clients = {ClientId("service")};
  trust();
  EXPECT_TRUE(post(sign(claims()), service).result);
}

TEST_F(JwtBearerTest, Rfc6749Section5_2_WithoutAnAssertionOrTheGrantItIsAnotherError) {
  EXPECT_EQ(code_of(post("")), OAuthCode::invalid_request);
  mint_.change_client("app", [](Client& it) { it.grant_types = {GrantType::password}; });
  EXPECT_EQ(code_of(post(sign(claims()))), OAuthCode::unauthorized_client);
}

TEST_F(JwtBearerTest, TheRulesNameTheUser) {
  expect_refused(claims({{"sub", "bob-there"}}), "who is not in the rules");
  expect_refused(claims({{"sub", "alice"}}), "whose name there is a name here by chance");
  expect_refused(claims({{"sub", "ghost-there"}}), "who is nobody here");
  rules_.usernames.clear();
  rules_.username_claim = "login";
  trust();
  EXPECT_TRUE(post(sign(claims({{"login", "alice"}}))).result);
  expect_refused(claims({{"login", {"alice"}}}), "not a text");
  expect_refused(claims({{"login", ""}}), "an empty name");
  expect_refused(claims(), "without the claim");
}

TEST_F(JwtBearerTest, ADisabledUserGetsNothing) {
  mint_.change_user([](accounts::User& it) { it.disabled = true; });
  expect_refused(claims(), "a disabled user");
}

TEST_F(JwtBearerTest, ScopesAreThoseOfTheRulesAndTheToken) {
  rules_.scopes = {{"read", {}}, {"write", {"admin", "editor"}}, {"other", {}}};
  trust();
  EXPECT_EQ(scope_of(claims()), "read");
  EXPECT_EQ(scope_of(claims({{"scope", "x editor"}})), "read write");
  EXPECT_EQ(scope_of(claims({{"scope", {"admin"}}})), "read write");
  EXPECT_EQ(scope_of(claims({{"scope", "editors"}})), "read");
  EXPECT_EQ(scope_of(claims({{"scope", 1}})), "read");
  EXPECT_EQ(scope_of(claims(), "&scope=write"), "invalid_scope");
  EXPECT_EQ(scope_of(claims({{"scope", "admin"}}), "&scope=write"), "write");
  EXPECT_EQ(scope_of(claims(), "&scope=other"), "invalid_scope") << "never more than the client may";
  rules_.scope_claim = "roles";
  trust();
  EXPECT_EQ(scope_of(claims({{"scope", "admin"}})), "read");
  EXPECT_EQ(scope_of(claims({{"roles", {"admin"}}})), "read write");
}

TEST_F(JwtBearerTest, TheAudienceMayBeAnother) {
  rules_.audience = "mintmark-grants";
  trust();
  expect_refused(claims(), "for the issuer URL, where another audience is agreed");
  EXPECT_TRUE(post(sign(claims({{"aud", "mintmark-grants"}}))).result);
}

TEST_F(JwtBearerTest, Attack11_ATokenIsGoodOnceWhereItsIssuerSaysSo) {
  const std::string many = sign(claims());
  EXPECT_TRUE(post(many).result);
  EXPECT_TRUE(post(many).result) << "single_use is off";
  single_use_ = true;
  trust();
  const std::string once = sign(claims());
  EXPECT_EQ(code_of(post(once, "&client_id=app&scope=unknown")), OAuthCode::invalid_scope);
  EXPECT_TRUE(post(once).result) << "a bad request has not used it up";
  expect_refused(post(once), "used");
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::replay);
  expect_refused(claims({{"jti", nullptr}}), "without a jti");
  // The same jti of another issuer is another value.
  const Json other = claims({{"iss", kOtherIdp}, {"jti", "jti-" + std::to_string(made_)}});
  EXPECT_TRUE(post(compact_jws(jws_header(other_key_), other, other_key_)).result);
}

}  // namespace
}  // namespace mintmark::oauth::testing
