// Access tokens that say nothing by themselves (a resource's format "opaque").

#include "mintmark/oauth/opaque_token.hpp"

#include "mint.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::oauth::testing {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class OpaqueTokenTest : public ::testing::Test {
 protected:
  OpaqueTokenTest() {
    mint_.change_resource(kApi, [](Resource& it) { it.format = TokenFormat::opaque; });
    Client server;
    server.id = ClientId("api-server");
    server.auth_methods = {ClientAuthMethod::client_secret_post};
    server.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes("server-secret")), Instant{}, std::nullopt}};
    server.introspects = {ResourceId(kApi)};
    EXPECT_TRUE(mint_.store->clients().insert_client(server));
  }

  Json introspect(const std::string& token,
                  const std::string& credential = "&client_id=api-server&client_secret=server-secret") {
    const TokenQuestion question =
        parse_token_question(parse_form("token=" + token + credential).value(), std::nullopt).value();
    const auto answer =
        mint_.inquiries->introspect(question, IntrospectionFormat::json, {"request", mint_.remote, mint_.now});
    return answer ? parse_json_object(answer->body).value() : Json{{"error", name(answer.error().code)}};
  }
  bool revoke(const std::string& token, const std::string& credential) {
    const TokenQuestion question =
        parse_token_question(parse_form("token=" + token + credential).value(), std::nullopt).value();
    return mint_.inquiries->revoke(question, {"request", mint_.remote, mint_.now}).result.has_value();
  }

  Mint mint_;
};

TEST_F(OpaqueTokenTest, TheTextSaysNothingAndTheStoreAll) {
  const TokenResponse login = mint_.login().result.value();
  EXPECT_TRUE(login.access_token.starts_with("mma_")) << "so that secret scanners recognise a leaked one";
  EXPECT_EQ(login.access_token.size(), 47U);
  EXPECT_EQ(login.access_token.find('.'), std::string::npos);
  EXPECT_EQ(login.expires_in, minutes(15));
  const Json answer = introspect(login.access_token);
  EXPECT_EQ(answer.at("active"), true);
  EXPECT_EQ(answer.at("sub"), "user-1");
  EXPECT_EQ(answer.at("aud"), kApi);
  EXPECT_EQ(answer.at("client_id"), "app");
  EXPECT_EQ(answer.at("scope"), "read write");
  EXPECT_EQ(answer.at("role"), "Admin");
  EXPECT_EQ(answer.at("exp"), to_numeric_date(mint_.now + minutes(15)));
  EXPECT_EQ(mint_.events.issued.back().jti, answer.at("jti"));
}

TEST_F(OpaqueTokenTest, EachIsAnother) {
  EXPECT_NE(mint_.login().result->access_token, mint_.login().result->access_token);
}

TEST_F(OpaqueTokenTest, ItsTextIsNotInTheStore) {
  const std::string token = mint_.login().result->access_token;
  const OpaqueToken stored =
      mint_.store->opaque_tokens().find_token(hash_opaque_text(token), mint_.now).value().value();
  EXPECT_EQ(stored.claims.find(token), std::string::npos);
  EXPECT_EQ(stored.hash.size(), 32U);
}

TEST_F(OpaqueTokenTest, WhatIsNoneIsNotActive) {
  const std::string token = mint_.login().result->access_token;
  std::string other = token;
  other.back() = other.back() == 'A' ? 'B' : 'A';
  EXPECT_EQ(introspect(other), Json({{"active", false}}));
  EXPECT_EQ(introspect("mma_"), Json({{"active", false}}));
  mint_.now += minutes(15);
  EXPECT_EQ(introspect(token), Json({{"active", false}}));
}

TEST_F(OpaqueTokenTest, Rfc7009_ItEndsAtOnce) {
  const std::string token = mint_.login().result->access_token;
  const std::string other = mint_.login().result->access_token;
  EXPECT_FALSE(revoke(token, "&client_id=service&client_secret=service-secret")) << "another client's";
  EXPECT_EQ(introspect(token).at("active"), true);
  EXPECT_TRUE(revoke(token, "&client_id=app"));
  EXPECT_EQ(introspect(token), Json({{"active", false}}));
  EXPECT_EQ(introspect(other).at("active"), true);
}

TEST_F(OpaqueTokenTest, Rfc7009_2_1_ItEndsWithItsSession) {
  const TokenResponse login = mint_.login().result.value();
  const TokenResponse refreshed = mint_.refresh(*login.refresh_token).result.value();
  const std::string other = mint_.login().result->access_token;
  EXPECT_TRUE(revoke(std::string(refreshed.refresh_token->reveal_text()), "&client_id=app"));
  EXPECT_EQ(introspect(login.access_token), Json({{"active", false}}));
  EXPECT_EQ(introspect(refreshed.access_token), Json({{"active", false}}));
  EXPECT_EQ(introspect(other).at("active"), true);
}

TEST_F(OpaqueTokenTest, Attack17_ReuseOfARefreshTokenEndsItToo) {
  const TokenResponse login = mint_.login().result.value();
  const TokenResponse refreshed = mint_.refresh(*login.refresh_token).result.value();
  mint_.now += minutes(1);
  EXPECT_FALSE(mint_.refresh(*login.refresh_token).result);
  EXPECT_EQ(introspect(refreshed.access_token), Json({{"active", false}}));
}

TEST_F(OpaqueTokenTest, Invariant8_WhatHasEndedStaysEndedWhenItsSessionIsForgotten) {
  mint_.change_client("app", [](Client& it) { it.refresh.idle_lifetime = minutes(5); });
  const TokenResponse login = mint_.login().result.value();
  EXPECT_TRUE(revoke(std::string(login.refresh_token->reveal_text()), "&client_id=app"));
  mint_.now += minutes(6);
  EXPECT_TRUE(mint_.store->remove_expired(mint_.now, 100));
  EXPECT_EQ(introspect(login.access_token), Json({{"active", false}}));
}

TEST_F(OpaqueTokenTest, ItEndsWhenItsSessionExpires) {
  mint_.change_client("app", [](Client& it) { it.refresh.idle_lifetime = minutes(5); });
  const std::string token = mint_.login().result->access_token;
  mint_.now += minutes(4);
  EXPECT_EQ(introspect(token).at("active"), true);
  mint_.now += minutes(1);
  EXPECT_EQ(introspect(token), Json({{"active", false}})) << "whether the row is gone yet or not";
}

TEST_F(OpaqueTokenTest, WhatItIsExchangedForEndsWithItsSessionToo) {
  mint_.change_resource(kOtherApi, [](Resource& it) { it.format = TokenFormat::opaque; });
  mint_.change_client("api-server", [](Client& it) {
    it.grant_types = {GrantType::token_exchange};
    it.resources = {ResourceId(kOtherApi)};
    it.token_exchange = {.from = {ResourceId(kApi)}, .to = {ResourceId(kOtherApi)}, .impersonation = false};
  });
  const TokenResponse login = mint_.login().result.value();
  const std::string exchanged =
      mint_
          .post(
              "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=api-server"
              "&client_secret=server-secret&subject_token_type=urn:ietf:params:oauth:token-type:access_token"
              "&subject_token=" +
              login.access_token)
          .result->access_token;
  EXPECT_EQ(introspect(exchanged).at("active"), true);
  EXPECT_TRUE(revoke(std::string(login.refresh_token->reveal_text()), "&client_id=app"));
  EXPECT_EQ(introspect(exchanged), Json({{"active", false}}));
}

TEST_F(OpaqueTokenTest, AMachineHasNoSessionToEndItWith) {
  const std::string token =
      mint_.post("grant_type=client_credentials&client_id=service&client_secret=service-secret").result->access_token;
  EXPECT_EQ(introspect(token).at("sub"), "service");
  mint_.change_client("service", [](Client& it) { it.disabled = true; });
  EXPECT_EQ(introspect(token), Json({{"active", false}}));
}

TEST_F(OpaqueTokenTest, OnlyOneKindIsInOneToken) {
  const std::string both =
      "grant_type=client_credentials&client_id=multi&client_secret=service-secret&resource=" + std::string(kApi) +
      "&resource=" + kOtherApi;
  EXPECT_EQ(code_of(mint_.post(both)), OAuthCode::invalid_target);
}

TEST_F(OpaqueTokenTest, ItIsIssuedWhereTheStoreIs) {
  const TokenRequest request =
      parse_token_request(
          parse_form("grant_type=client_credentials&client_id=service&client_secret=service-secret").value(),
          std::nullopt)
          .value();
  EXPECT_EQ(mint_.endpoint->work_for(request, mint_.now), Work::storage);
}

TEST_F(OpaqueTokenTest, Rfc8693_ItIsExchanged) {
  mint_.change_client("multi", [](Client& it) {
    it.grant_types.push_back(GrantType::token_exchange);
    it.token_exchange = {.from = {ResourceId(kApi)}, .to = {ResourceId(kOtherApi)}, .impersonation = false};
  });
  const std::string form =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=multi"
      "&client_secret=service-secret&subject_token_type=urn:ietf:params:oauth:token-type:access_token&resource=" +
      std::string(kOtherApi) + "&subject_token=" + mint_.login().result->access_token;
  const TokenOutcome outcome = mint_.post(form);
  ASSERT_TRUE(outcome.result);
  const Json claims = mint_.verified(outcome.result->access_token).claims();
  EXPECT_EQ(claims.at("sub"), "user-1");
  EXPECT_EQ(claims.at("act"), Json({{"sub", "multi"}}));
}

TEST_F(OpaqueTokenTest, Rfc8693_2_1_AJwtCannotBeHadWhereThereIsNone) {
  mint_.change_client("multi", [](Client& it) { it.grant_types.push_back(GrantType::token_exchange); });
  const std::string own =
      mint_
          .post("grant_type=client_credentials&client_id=multi&client_secret=service-secret&resource=" +
                std::string(kApi))
          .result->access_token;
  const std::string form =
      "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&client_id=multi"
      "&client_secret=service-secret&subject_token_type=urn:ietf:params:oauth:token-type:access_token&resource=" +
      std::string(kApi) + "&subject_token=" + own + "&requested_token_type=urn:ietf:params:oauth:token-type:";
  EXPECT_EQ(code_of(mint_.post(form + "jwt")), OAuthCode::invalid_target);
  EXPECT_TRUE(mint_.post(form + "access_token").result);
}

}  // namespace
}  // namespace mintmark::oauth::testing
