#include "mintmark/oauth/token_endpoint.hpp"

#include <set>

#include "mint.hpp"

namespace mintmark::oauth {
namespace {

using testing::code_of;
using testing::Mint;

constexpr const char* kService = "grant_type=client_credentials&client_id=service&client_secret=service-secret";

TEST(TokenEndpoint, Rfc9068Section2_AccessTokenOfAClient) {
  Mint mint;
  const TokenOutcome outcome = mint.post(kService);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->expires_in, std::chrono::minutes(15));
  EXPECT_EQ(outcome.result->scope, "read write");
  EXPECT_FALSE(outcome.result->refresh_token) << "RFC 6749 §4.4.3";

  const jose::VerifiedJwt jwt = mint.verified(outcome.result->access_token);
  EXPECT_EQ(jwt.header().at("typ"), "at+jwt");
  EXPECT_EQ(jwt.header().at("alg"), "ES256");
  EXPECT_EQ(jwt.claims().at("iss"), testing::kIssuer);
  EXPECT_EQ(jwt.claims().at("sub"), "service");
  EXPECT_EQ(jwt.claims().at("client_id"), "service");
  EXPECT_EQ(jwt.claims().at("aud"), testing::kApi);
  EXPECT_EQ(jwt.claims().at("scope"), "read write");
  EXPECT_EQ(jwt.claims().at("iat"), 1'800'000'000);
  EXPECT_EQ(jwt.claims().at("exp"), 1'800'000'900);
  EXPECT_EQ(jwt.claims().at("jti").get<std::string>().size(), 22u);
  EXPECT_FALSE(jwt.claims().contains("auth_time"));
  EXPECT_FALSE(jwt.claims().contains("userId")) << "there is no user";
  EXPECT_EQ(mint.events.issued.size(), 1u);
}

TEST(TokenEndpoint, AccessTokenOfAUserFollowsTheClaimsTemplate) {
  Mint mint;
  const TokenOutcome outcome = mint.login();
  ASSERT_TRUE(outcome.result);
  ASSERT_TRUE(outcome.result->refresh_token);
  const jose::VerifiedJwt jwt = mint.verified(outcome.result->access_token);
  EXPECT_EQ(jwt.claims().at("sub"), "user-1");
  EXPECT_EQ(jwt.claims().at("userId"), "user-1");
  EXPECT_EQ(jwt.claims().at("role"), "Admin");
  EXPECT_EQ(jwt.claims().at("auth_time"), 1'800'000'000);
}

TEST(TokenEndpoint, EveryTokenHasItsOwnJti) {
  Mint mint;
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const TokenOutcome outcome = mint.post(kService);
    ASSERT_TRUE(outcome.result);
    EXPECT_TRUE(seen.insert(mint.verified(outcome.result->access_token).claims().at("jti")).second);
  }
}

TEST(TokenEndpoint, Rfc6749Section5_2_Codes) {
  Mint mint;
  const std::vector<std::pair<std::string, OAuthCode>> cases{
      {"client_id=service&client_secret=service-secret", OAuthCode::invalid_request},
      {"grant_type=client_credentials", OAuthCode::invalid_client},
      {"grant_type=client_credentials&client_id=service&client_secret=wrong", OAuthCode::invalid_client},
      {"grant_type=client_credentials&client_id=nobody&client_secret=x", OAuthCode::invalid_client},
      {"grant_type=implicit&client_id=app", OAuthCode::unsupported_grant_type},
      {"grant_type=client_credentials&client_id=app", OAuthCode::unauthorized_client},
      {"grant_type=password&client_id=service&client_secret=service-secret&username=alice&password=wonderland",
       OAuthCode::unauthorized_client},
      {"grant_type=password&client_id=app&password=x", OAuthCode::invalid_request},
      {"grant_type=password&client_id=app&username=alice", OAuthCode::invalid_request},
      {"grant_type=password&client_id=app&username=alice&password=wrong", OAuthCode::invalid_grant},
      {"grant_type=password&client_id=app&username=nobody&password=wonderland", OAuthCode::invalid_grant},
      {"grant_type=refresh_token&client_id=app", OAuthCode::invalid_request},
      {"grant_type=refresh_token&client_id=app&refresh_token=mmr_x", OAuthCode::invalid_grant},
      {std::string(kService) + "&scope=admin", OAuthCode::invalid_scope},
      {std::string(kService) + "&scope=read++write", OAuthCode::invalid_scope},
      {std::string(kService) + "&resource=https://nowhere.example.com", OAuthCode::invalid_target},
      {std::string(kService) + "&resource=https://foreign.example.com", OAuthCode::invalid_target},
  };
  for (const auto& [form, code] : cases)
    EXPECT_EQ(code_of(mint.post(form)), code) << form;
}

// Attack 23: neither which names exist, nor that a guessed password was right, can be read from the answer.
TEST(TokenEndpoint, Attack23_UnknownNameWrongPasswordAndDisabledUserAreToldTheSame) {
  Mint mint;
  const auto log_in = [&](const std::string& username, const std::string& password) {
    mint.hasher.verified = 0;
    TokenOutcome outcome =
        mint.post("grant_type=password&client_id=app&username=" + username + "&password=" + password);
    EXPECT_EQ(mint.hasher.verified, 1) << "and takes the same time";
    return outcome;
  };
  const TokenOutcome wrong = log_in("alice", "wrong");
  const TokenOutcome unknown = log_in("nobody", "wrong");
  mint.change_user([](accounts::User& it) { it.disabled = true; });
  const TokenOutcome disabled = log_in("alice", "wonderland");
  log_in("alice", "wrong");
  EXPECT_EQ(wrong.result.error().description.str(), unknown.result.error().description.str());
  EXPECT_EQ(wrong.result.error().description.str(), disabled.result.error().description.str());
  EXPECT_EQ(code_of(disabled), OAuthCode::invalid_grant);
}

TEST(TokenEndpoint, ADisabledClientLearnsNothingOfPasswordsAndCostsNoHash) {
  Mint mint;
  mint.change_client("app", [](Client& it) { it.disabled = true; });
  EXPECT_EQ(code_of(mint.login()), OAuthCode::unauthorized_client);
  EXPECT_EQ(code_of(mint.post("grant_type=password&client_id=app&username=alice&password=wrong")),
            OAuthCode::unauthorized_client);
  EXPECT_EQ(mint.hasher.verified, 0);
}

TEST(TokenEndpoint, Invariant3_NoTokenOutlivesTheLongestLifetime) {
  Mint mint;
  mint.change_resource(testing::kApi, [](Resource& it) { it.lifetime = std::chrono::hours(100); });
  const TokenOutcome outcome = mint.post(kService);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->expires_in, keys::KeyPeriods{}.longest_lifetime);
}

TEST(TokenEndpoint, Invariant9_ATokenThatNobodyWouldTakeIsNotIssued) {
  Mint mint;
  mint.change_user([](accounts::User& it) { it.attributes["role"] = std::string(20'000, 'x'); });
  const TokenOutcome outcome = mint.login();
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, OAuthCode::server_error);
}

// Attack 9, CVE-2026-4634: a scope of thousands of tokens is answered like any other.
TEST(TokenEndpoint, Attack9_ManyScopeTokensAreBounded) {
  Mint mint;
  std::string scope = "read";
  for (int i = 0; i < 800; ++i)
    scope += "+read";
  const TokenOutcome outcome = mint.post(std::string(kService) + "&scope=" + scope);
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->scope, "read");
  for (int i = 0; i < 1000; ++i)
    scope += "+a";
  EXPECT_EQ(code_of(mint.post(std::string(kService) + "&scope=" + scope)), OAuthCode::invalid_request);
}

TEST(TokenEndpoint, Rfc6749Section3_3_ScopesNarrow) {
  Mint mint;
  const TokenOutcome outcome = mint.post(std::string(kService) + "&scope=write");
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(mint.verified(outcome.result->access_token).claims().at("scope"), "write");
}

class ManyResources : public ::testing::Test {
 protected:
  TokenOutcome ask(const std::string& more) {
    return mint.post("grant_type=client_credentials&client_id=multi&client_secret=service-secret" + more);
  }
  Mint mint;
};

TEST_F(ManyResources, Rfc8707Section2_NoDefaultAmongSeveral) {
  EXPECT_EQ(code_of(ask("")), OAuthCode::invalid_target);
}

TEST_F(ManyResources, Rfc8707Section2_OneIsChosen) {
  const TokenOutcome outcome = ask("&resource=https://other.example.com");
  ASSERT_TRUE(outcome.result);
  const jose::VerifiedJwt jwt = mint.verified(outcome.result->access_token);
  EXPECT_EQ(jwt.claims().at("aud"), testing::kOtherApi);
  EXPECT_EQ(jwt.claims().at("scope"), "other") << "only the scopes of that resource";
  EXPECT_EQ(code_of(ask("&resource=https://other.example.com&scope=read")), OAuthCode::invalid_scope);
}

TEST_F(ManyResources, Rfc8707Section2_SeveralShareATokenIfTheirProfilesAgree) {
  mint.change_resource(testing::kOtherApi, [](Resource& it) { it.lifetime = std::chrono::minutes(5); });
  const TokenOutcome outcome = ask("&resource=https://api.example.com&resource=https://other.example.com");
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.result->expires_in, std::chrono::minutes(5)) << "the shortest";
  EXPECT_EQ(mint.verified(outcome.result->access_token).claims().at("aud"), Json({testing::kApi, testing::kOtherApi}));
}

TEST_F(ManyResources, ASecretIsNeverSharedBetweenResources) {
  EXPECT_EQ(code_of(ask("&resource=https://api.example.com&resource=https://hmac.example.com")),
            OAuthCode::invalid_target);
}

TEST_F(ManyResources, ProfilesThatDifferCannotShare) {
  mint.change_resource(testing::kOtherApi, [](Resource& it) { it.typ = TokenType::jwt; });
  EXPECT_EQ(code_of(ask("&resource=https://api.example.com&resource=https://other.example.com")),
            OAuthCode::invalid_target);
}

TEST_F(ManyResources, HmacTokensAreSignedWithTheSecretOfTheirResource) {
  const TokenOutcome outcome = ask("&resource=https://hmac.example.com");
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(mint.verified(outcome.result->access_token).header().at("alg"), "HS256");
  EXPECT_EQ(mint.keys->ring().load()->jwks().body.find("HS256"), std::string::npos);
}

TEST(TokenEndpoint, WorkIsImmediateOnceTheClientIsCached) {
  Mint mint;
  const auto request = parse_token_request(parse_form(kService).value(), std::nullopt).value();
  EXPECT_EQ(mint.endpoint->work_for(request, mint.now), Work::storage);
  ASSERT_TRUE(mint.post(kService).result);
  EXPECT_EQ(mint.endpoint->work_for(request, mint.now), Work::immediate);
  ASSERT_TRUE(mint.directory->refresh());
  EXPECT_EQ(mint.endpoint->work_for(request, mint.now), Work::storage) << "the store may have changed";
}

TEST(TokenEndpoint, WorkOfTheOtherGrants) {
  Mint mint;
  const auto work = [&](std::string_view form) {
    return mint.endpoint->work_for(parse_token_request(parse_form(form).value(), std::nullopt).value(), mint.now);
  };
  EXPECT_EQ(work("grant_type=password&client_id=app&username=a&password=b"), Work::password);
  EXPECT_EQ(work("grant_type=refresh_token&client_id=app&refresh_token=x"), Work::storage);
  EXPECT_EQ(work("grant_type=password&username=a&password=b"), Work::immediate) << "refused before anything is read";
}

TEST(TokenEndpoint, AClientWithNoActiveKeyIsToldWhenToComeBack) {
  Mint mint;
  mint.change_resource(testing::kApi, [](Resource& it) { it.alg = jose::Alg::ES384; });
  keys::KeyDemand demand;
  demand.algs = {jose::Alg::ES256, jose::Alg::ES384};
  ASSERT_TRUE(mint.keys->set_demand(demand, mint.now));
  const TokenOutcome outcome = mint.post(kService);
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, OAuthCode::temporarily_unavailable);
  ASSERT_TRUE(outcome.result.error().retry_after);
  mint.now += *outcome.result.error().retry_after;
  EXPECT_TRUE(mint.post(kService).result);
}

// Attack 6 of the log: a secret that somebody puts where the name of a client belongs.
TEST(TokenEndpoint, Invariant6_OnlyAClientThatExistsIsReported) {
  Mint mint;
  mint.post("grant_type=client_credentials&client_id=service&client_secret=wrong");
  mint.post("grant_type=client_credentials&client_id=mms_a-secret-in-the-wrong-field&client_secret=service");
  EXPECT_EQ(mint.events.refused_clients, (std::vector<std::string>{"service", ""}));
}

TEST(TokenEndpoint, NamesTheClientForCors) {
  Mint mint;
  EXPECT_EQ(mint.post("grant_type=client_credentials&client_id=service&client_secret=wrong").client->id.str(),
            "service");
  EXPECT_EQ(mint.post("grant_type=client_credentials&client_id=nobody").client, nullptr);
}

}  // namespace
}  // namespace mintmark::oauth
