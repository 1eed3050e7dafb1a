// Introspection (RFC 7662, RFC 9701) and revocation (RFC 7009) of what the token endpoint has issued.

#include "mintmark/oauth/token_inquiries.hpp"

#include "mint.hpp"
#include "mintmark/crypto/digest.hpp"
#include "support/assertions.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::assertion_claims;
using mintmark::testing::compact_jws;
using mintmark::testing::inline_keys;
using mintmark::testing::jws_header;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kServer = "api-server";  // the client that kApi asks with
constexpr const char* kServerSecret = "&client_id=api-server&client_secret=server-secret";
constexpr const char* kServiceCredential = "&client_id=service&client_secret=service-secret";
constexpr const char* kMultiCredential = "&client_id=multi&client_secret=service-secret";

Client make_asker(const char* id, std::vector<ResourceId> introspects) {
  Client client;
  client.id = ClientId(id);
  client.auth_methods = {ClientAuthMethod::client_secret_post};
  client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes("server-secret")), Instant{}, std::nullopt}};
  client.introspects = std::move(introspects);
  return client;
}

class InquiriesTest : public ::testing::Test {
 protected:
  InquiriesTest() {
    EXPECT_TRUE(mint_.store->clients().insert_client(make_asker(kServer, {ResourceId(kApi)})));
    EXPECT_TRUE(mint_.store->clients().insert_client(make_asker("stranger", {ResourceId(kForeignApi)})));
  }

  static TokenQuestion question(const std::string& token, const std::string& credential) {
    return parse_token_question(parse_form("token=" + token + credential).value(), std::nullopt).value();
  }
  OAuthResult<IntrospectionResponse> ask(const std::string& token, const std::string& credential,
                                         IntrospectionFormat format = IntrospectionFormat::json) {
    return mint_.inquiries->introspect(question(token, credential), format, {"request", mint_.remote, mint_.now});
  }
  Json introspect(const std::string& token, const std::string& credential = kServerSecret) {
    const OAuthResult<IntrospectionResponse> answer = ask(token, credential);
    return answer ? parse_json_object(answer->body).value() : Json{{"error", name(answer.error().code)}};
  }
  bool is_active(const std::string& token, const std::string& credential = kServerSecret) {
    const Json answer = introspect(token, credential);
    // RFC 7662 §2.2: nothing more is said of what is not active.
    const bool active = answer.at("active").get<bool>();
    EXPECT_EQ(answer.size() == 1, !active);
    return active;
  }
  RevocationOutcome revoke(const std::string& token, const std::string& credential) {
    return mint_.inquiries->revoke(question(token, credential), {"request", mint_.remote, mint_.now});
  }
  std::optional<OAuthCode> code_of_revoke(const std::string& token, const std::string& credential) {
    const RevocationOutcome outcome = revoke(token, credential);
    return outcome.result ? std::nullopt : std::optional(outcome.result.error().code);
  }

  std::string service_token(const std::string& more = "") {
    return mint_.post("grant_type=client_credentials" + std::string(kServiceCredential) + more).result->access_token;
  }
  std::string multi_token(const std::string& more) {
    return mint_.post("grant_type=client_credentials" + std::string(kMultiCredential) + more).result->access_token;
  }

  Mint mint_;
};

TEST_F(InquiriesTest, Rfc7662_2_2_TheResourceIsToldWhatTheTokenSays) {
  const TokenResponse response = mint_.login().result.value();
  const Json claims = mint_.verified(response.access_token).claims();
  const Json answer = introspect(response.access_token);
  EXPECT_EQ(answer.at("active"), true);
  EXPECT_EQ(answer.at("token_type"), "Bearer");
  for (const auto& [claim, value] : claims.items())
    EXPECT_EQ(answer.at(claim), value) << claim;
  EXPECT_EQ(answer.size(), claims.size() + 2);
}

TEST_F(InquiriesTest, Rfc7662_2_1_ThePublicAndTheUnprovenAreRefused) {
  const std::string token = service_token();
  EXPECT_EQ(introspect(token, "&client_id=app").at("error"), "invalid_client");
  EXPECT_EQ(introspect(token, "&client_id=api-server&client_secret=wrong").at("error"), "invalid_client");
  EXPECT_EQ(introspect(token, "&client_id=nobody&client_secret=server-secret").at("error"), "invalid_client");
  EXPECT_EQ(introspect(token, "").at("error"), "invalid_client");
  mint_.change_client(kServer, [](Client& it) { it.disabled = true; });
  EXPECT_EQ(introspect(token).at("error"), "unauthorized_client");
  EXPECT_EQ(mint_.events.refused.size(), 5U);
}

TEST_F(InquiriesTest, Attack20_OnlyTheResourceOfTheTokenAndItsClientAreTold) {
  const std::string token = service_token();
  EXPECT_TRUE(is_active(token));
  EXPECT_TRUE(is_active(token, kServiceCredential));
  EXPECT_FALSE(is_active(token, kMultiCredential));  // may get tokens for the resource, but does not speak for it
  EXPECT_FALSE(is_active(token, "&client_id=stranger&client_secret=server-secret"));
}

TEST_F(InquiriesTest, Attack20_AResourceIsToldItsOwnPartOfATokenForSeveral) {
  const std::string token = multi_token("&resource=" + std::string(kApi) + "&resource=" + kOtherApi);
  const Json answer = introspect(token);
  EXPECT_EQ(answer.at("aud"), kApi);
  EXPECT_EQ(answer.at("scope"), "read write");
  const Json own = introspect(token, kMultiCredential);
  EXPECT_EQ(own.at("aud"), Json::array({kApi, kOtherApi}));
  EXPECT_EQ(own.at("scope"), "read write other");
  mint_.change_client(kServer, [](Client& it) { it.introspects.push_back(ResourceId(kOtherApi)); });
  EXPECT_EQ(introspect(token).at("scope"), "read write other");
}

TEST_F(InquiriesTest, ATokenWithoutAScopeOfTheResourceIsToldWithoutOne) {
  const std::string token = multi_token("&scope=other&resource=" + std::string(kApi) + "&resource=" + kOtherApi);
  const Json answer = introspect(token);
  EXPECT_EQ(answer.at("active"), true);
  EXPECT_FALSE(answer.contains("scope"));
}

TEST_F(InquiriesTest, WhatIsNoGoodTokenIsNotActive) {
  const std::string token = service_token();
  EXPECT_FALSE(is_active("garbage"));
  EXPECT_FALSE(is_active("a.b.c"));
  EXPECT_FALSE(is_active("a.b.c.d.e"));
  EXPECT_FALSE(is_active(token + "A"));
  EXPECT_FALSE(is_active(token.substr(0, token.rfind('.') + 1)));
  EXPECT_FALSE(is_active("mmr_garbage"));
  mint_.now += minutes(15);
  EXPECT_FALSE(is_active(token));
}

TEST_F(InquiriesTest, Attack1_AResourceCannotMakeATokenOfAnotherWithItsOwnSecret) {
  mint_.change_client(kServer, [](Client& it) { it.introspects.push_back(ResourceId(kHmacApi)); });
  const std::string genuine = multi_token("&resource=" + std::string(kHmacApi));
  EXPECT_TRUE(is_active(genuine));
  const std::shared_ptr<const keys::KeyRing> ring = mint_.keys->ring().load();
  const keys::Signer* const signer = ring->find_resource_signer(ResourceId(kHmacApi), jose::Alg::HS256);
  const auto forge = [&](const auto& audience) {
    jose::UnsignedClaims claims;
    claims.add("iss", kIssuer).add("sub", "service").add("client_id", "service").add("jti", "1").add("aud", audience);
    claims.add("iat", mint_.now).add("exp", mint_.now + minutes(5));
    return signer->sign("at+jwt", claims).value();
  };
  EXPECT_TRUE(is_active(forge(std::string(kHmacApi))));  // its own, as good as if it had been told so
  EXPECT_FALSE(is_active(forge(std::string(kApi))));
  EXPECT_FALSE(is_active(forge(Json::array({kHmacApi, kApi}))));
}

TEST_F(InquiriesTest, Rfc8725_3_11_OtherJwtsOfOursAreNoAccessTokens) {
  const std::string token = service_token();
  const std::string answer = ask(token, kServerSecret, IntrospectionFormat::jwt)->body;
  EXPECT_FALSE(is_active(answer));
  EXPECT_FALSE(mint_.access_tokens->read(answer, mint_.now).value());
}

TEST_F(InquiriesTest, ADisabledUserOrClientEndsTheToken) {
  const std::string token = mint_.login().result->access_token;
  mint_.change_user([](accounts::User& it) { it.disabled = true; });
  EXPECT_FALSE(is_active(token));
  mint_.change_user([](accounts::User& it) { it.disabled = false; });
  EXPECT_TRUE(is_active(token));
  mint_.change_client("app", [](Client& it) { it.disabled = true; });
  EXPECT_FALSE(is_active(token));
  EXPECT_TRUE(mint_.store->clients().erase_client(ClientId("app")));
  EXPECT_TRUE(mint_.directory->refresh());
  EXPECT_FALSE(is_active(token));
}

TEST_F(InquiriesTest, ADeletedUserEndsTheToken) {
  const std::string token = mint_.login().result->access_token;
  EXPECT_TRUE(mint_.store->users().erase_user(UserId("user-1")));
  EXPECT_FALSE(is_active(token));
}

TEST_F(InquiriesTest, AChangedPasswordEndsTheTokensFromBeforeIt) {
  const std::string token = mint_.login().result->access_token;
  mint_.now += seconds(2);
  mint_.change_user([&](accounts::User& it) { it.sessions_valid_from = mint_.now; });
  EXPECT_FALSE(is_active(token));
  mint_.now += seconds(2);
  EXPECT_TRUE(is_active(mint_.login().result->access_token));
}

TEST_F(InquiriesTest, AClientMadeAnewDoesNotInheritTokens) {
  const std::string token = service_token();
  mint_.change_client("service", [&](Client& it) { it.sessions_valid_from = mint_.now + seconds(5); });
  EXPECT_FALSE(is_active(token));
}

TEST_F(InquiriesTest, ADisabledOrRemovedResourceEndsTheToken) {
  const std::string token = service_token();
  mint_.change_resource(kApi, [](Resource& it) { it.disabled = true; });
  EXPECT_FALSE(is_active(token));
  EXPECT_FALSE(is_active(token, kServiceCredential));
}

TEST_F(InquiriesTest, ARefreshTokenIsToldToItsClientAlone) {
  const std::string secret = "&client_id=app&client_secret=service-secret";
  mint_.change_client("app", [&](Client& it) {
    it.auth_methods = {ClientAuthMethod::client_secret_post};
    it.secrets = mint_.store->clients().find_client(ClientId("service")).value()->secrets;
  });
  const TokenResponse first =
      mint_.post("grant_type=password&username=alice&password=wonderland" + secret).result.value();
  const std::string token(first.refresh_token->reveal_text());
  const Json answer = introspect(token, secret);
  EXPECT_EQ(answer.at("active"), true);
  EXPECT_EQ(answer.at("client_id"), "app");
  EXPECT_EQ(answer.at("sub"), "user-1");
  EXPECT_EQ(answer.at("scope"), "read write");
  EXPECT_EQ(answer.at("exp"), to_numeric_date(mint_.now + RefreshProfile{}.idle_lifetime));
  EXPECT_FALSE(is_active(token));  // the resource
  EXPECT_FALSE(is_active(token, kServiceCredential));

  mint_.change_user([](accounts::User& it) { it.disabled = true; });
  EXPECT_FALSE(is_active(token, secret));
  mint_.change_user([](accounts::User& it) { it.disabled = false; });
  EXPECT_TRUE(mint_.post("grant_type=refresh_token&refresh_token=" + token + secret).result);
  mint_.now += minutes(1);
  // Asking about a used one is no reuse: whoever asks has not tried to use it.
  EXPECT_FALSE(is_active(token, secret));
  EXPECT_TRUE(mint_.events.reused.empty());
}

TEST_F(InquiriesTest, Rfc9701_5_TheAnswerIsSignedForTheAsker) {
  const std::string token = service_token();
  const OAuthResult<IntrospectionResponse> answer = ask(token, kServerSecret, IntrospectionFormat::jwt);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->format, IntrospectionFormat::jwt);
  const std::shared_ptr<const keys::KeyRing> ring = mint_.keys->ring().load();
  const jose::VerifiedJws jws = jose::verify_jws(answer->body, ring->verification_keys()).value();
  EXPECT_EQ(jws.typ, "token-introspection+jwt");
  const Json claims = parse_json_object(as_text(jws.payload)).value();
  EXPECT_EQ(claims.at("iss"), kIssuer);
  EXPECT_EQ(claims.at("aud"), kServer);
  EXPECT_EQ(claims.at("iat"), to_numeric_date(mint_.now));
  EXPECT_EQ(claims.at("token_introspection"), introspect(token));
  // RFC 9701 §5, §8.1: so that it cannot be taken for an access token.
  EXPECT_FALSE(claims.contains("sub"));
  EXPECT_FALSE(claims.contains("exp"));
}

TEST_F(InquiriesTest, Rfc9701_WithoutAKeyForEverybodyTheAnswerIsPlain) {
  mint_.change_client(kServer, [](Client& it) { it.introspects = {ResourceId(kHmacApi)}; });
  const std::string token = multi_token("&resource=" + std::string(kHmacApi));
  const OAuthResult<IntrospectionResponse> answer = ask(token, kServerSecret, IntrospectionFormat::jwt);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->format, IntrospectionFormat::json);
  EXPECT_EQ(parse_json_object(answer->body)->at("active"), true);
}

TEST_F(InquiriesTest, Rfc7009_2_1_AnAccessTokenIsEndedAndNoOther) {
  const std::string token = service_token();
  const std::string other = service_token();
  EXPECT_EQ(code_of_revoke(token, kServiceCredential), std::nullopt);
  EXPECT_FALSE(is_active(token));
  EXPECT_FALSE(is_active(token, kServiceCredential));
  EXPECT_TRUE(is_active(other));
  EXPECT_EQ(mint_.events.revoked, std::vector<std::string>{mint_.verified(token).claims().at("jti")});
  EXPECT_EQ(code_of_revoke(token, kServiceCredential), std::nullopt);  // again
}

TEST_F(InquiriesTest, TheListOfTheEndedLivesAsLongAsTheTokens) {
  const std::string token = service_token();
  EXPECT_EQ(code_of_revoke(token, kServiceCredential), std::nullopt);
  const auto rows = [&]() -> std::uint64_t {
    for (const auto& table : mint_.store->measure().value().tables) {
      if (table.name == "one_time_values") return table.rows;
    }
    return 999;
  };
  EXPECT_EQ(rows(), 1U);
  mint_.now += minutes(14);
  EXPECT_TRUE(mint_.store->remove_expired(mint_.now, 100));
  EXPECT_EQ(rows(), 1U);
  mint_.now += minutes(1);
  EXPECT_TRUE(mint_.store->remove_expired(mint_.now, 100));
  EXPECT_EQ(rows(), 0U);
}

TEST_F(InquiriesTest, Rfc7009_2_1_ARefreshTokenEndsItsFamilyAndNoOther) {
  const Secret first = *mint_.login().result->refresh_token;
  const Secret other = *mint_.login().result->refresh_token;
  const Secret second = *mint_.refresh(first).result->refresh_token;
  mint_.now += minutes(1);
  // Whichever token of the family it is, and without its counting as a use.
  EXPECT_EQ(code_of_revoke(std::string(first.reveal_text()), "&client_id=app"), std::nullopt);
  EXPECT_EQ(code_of(mint_.refresh(second)), OAuthCode::invalid_grant);
  EXPECT_TRUE(mint_.refresh(other).result);
  EXPECT_TRUE(mint_.events.reused.empty());
  EXPECT_EQ(mint_.events.revoked.size(), 1U);
  EXPECT_EQ(code_of_revoke(std::string(second.reveal_text()), "&client_id=app"), std::nullopt);
  EXPECT_EQ(mint_.events.revoked.size(), 1U);  // there was nothing left to end
}

TEST_F(InquiriesTest, Rfc7009_2_1_TokensOfOthersAreNotTheirsToEnd) {
  const std::string token = service_token();
  EXPECT_EQ(code_of_revoke(token, kMultiCredential), OAuthCode::invalid_grant);
  EXPECT_EQ(code_of_revoke(token, kServerSecret), OAuthCode::invalid_grant);
  EXPECT_TRUE(is_active(token));
  const Secret refresh = *mint_.login().result->refresh_token;
  EXPECT_EQ(code_of_revoke(std::string(refresh.reveal_text()), kServiceCredential), OAuthCode::invalid_grant);
  EXPECT_TRUE(mint_.refresh(refresh).result);
  EXPECT_TRUE(mint_.events.revoked.empty());
}

TEST_F(InquiriesTest, Rfc7009_2_2_WhatIsNoTokenIsNoError) {
  for (const char* token : {"garbage", "mmr_garbage", "a.b.c"})
    EXPECT_EQ(code_of_revoke(token, kServiceCredential), std::nullopt) << token;
  const std::string token = service_token();
  mint_.now += minutes(15);
  EXPECT_EQ(code_of_revoke(token, kServiceCredential), std::nullopt);
  EXPECT_TRUE(mint_.events.revoked.empty());
}

TEST_F(InquiriesTest, Rfc7009_2_2_1_AnEncryptedTokenIsOfAnUnsupportedType) {
  EXPECT_EQ(code_of_revoke("a.b.c.d.e", kServiceCredential), OAuthCode::unsupported_token_type);
}

TEST_F(InquiriesTest, Rfc7009_2_1_TheClientMustProveItself) {
  const std::string token = service_token();
  EXPECT_EQ(code_of_revoke(token, "&client_id=service&client_secret=wrong"), OAuthCode::invalid_client);
  EXPECT_EQ(code_of_revoke(token, "&client_id=service"), OAuthCode::invalid_client);
  EXPECT_TRUE(is_active(token));
}

TEST_F(InquiriesTest, Attack1_ASecretOfAResourceEndsNoTokenOfAnother) {
  const std::string token = service_token();
  const std::string jti = mint_.verified(token).claims().at("jti");
  const std::shared_ptr<const keys::KeyRing> ring = mint_.keys->ring().load();
  jose::UnsignedClaims claims;
  claims.add("iss", kIssuer).add("sub", "service").add("client_id", "service").add("jti", jti).add("aud", kHmacApi);
  claims.add("iat", mint_.now).add("exp", mint_.now + minutes(5));
  const std::string forged =
      ring->find_resource_signer(ResourceId(kHmacApi), jose::Alg::HS256)->sign("at+jwt", claims).value();
  EXPECT_EQ(code_of_revoke(forged, kServiceCredential), std::nullopt);
  EXPECT_TRUE(is_active(token));
}

TEST_F(InquiriesTest, Attack11_NothingIsRememberedForEver) {  // CVE-2025-2559
  const std::shared_ptr<const keys::KeyRing> ring = mint_.keys->ring().load();
  jose::UnsignedClaims claims;
  claims.add("iss", kIssuer).add("sub", "multi").add("client_id", "multi").add("jti", "1").add("aud", kHmacApi);
  claims.add("iat", mint_.now).add("exp", mint_.now + std::chrono::hours(24) * 3650);
  const std::string distant =
      ring->find_resource_signer(ResourceId(kHmacApi), jose::Alg::HS256)->sign("at+jwt", claims).value();
  EXPECT_EQ(code_of_revoke(distant, kMultiCredential), OAuthCode::invalid_grant);
}

TEST_F(InquiriesTest, Attack11_AnAssertionIsGoodOnceAtEveryEndpoint) {
  const jose::SigningKey key = jose::SigningKey::generate(jose::Alg::ES256).value();
  mint_.change_client("service", [&](Client& it) {
    it.auth_methods = {ClientAuthMethod::private_key_jwt};
    it.secrets.clear();
    it.keys = inline_keys(key);
  });
  int made = 0;
  const auto credential = [&] {
    const std::string jti = "jti-" + std::to_string(++made);
    return "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=" +
           compact_jws(jws_header(key), assertion_claims("service", kIssuer, jti, mint_.now), key);
  };
  const std::string used = credential();
  const std::string token = mint_.post("grant_type=client_credentials" + used).result->access_token;
  EXPECT_EQ(introspect(token, used).at("error"), "invalid_client");
  EXPECT_EQ(code_of_revoke(token, used), OAuthCode::invalid_client);
  EXPECT_TRUE(is_active(token));
  const std::string fresh = credential();
  EXPECT_TRUE(is_active(token, fresh));
  EXPECT_EQ(introspect(token, fresh).at("error"), "invalid_client");
  // What is refused burns no assertion.
  const std::string spare = credential();
  EXPECT_EQ(code_of_revoke("a.b.c.d.e", spare), OAuthCode::unsupported_token_type);
  const Secret others = *mint_.login().result->refresh_token;
  EXPECT_EQ(code_of_revoke(std::string(others.reveal_text()), spare), OAuthCode::invalid_grant);
  EXPECT_EQ(code_of_revoke(token, spare), std::nullopt);
  EXPECT_FALSE(is_active(token));
}

TEST_F(InquiriesTest, Attack10_ParametersOnceAndBounded) {
  const auto code = [](const std::string& form) {
    const OAuthResult<TokenQuestion> parsed = parse_token_question(parse_form(form).value(), std::nullopt);
    return parsed ? std::nullopt : std::optional(parsed.error().code);
  };
  EXPECT_EQ(code("token=a&token=b"), OAuthCode::invalid_request);
  EXPECT_EQ(code("token=a&token_type_hint=x&token_type_hint=y"), OAuthCode::invalid_request);
  EXPECT_EQ(code("token="), OAuthCode::invalid_request);
  EXPECT_EQ(code("client_id=a"), OAuthCode::invalid_request);
  EXPECT_EQ(code("token=" + std::string(kMaxTokenBytes + 1, 'a')), OAuthCode::invalid_request);
  EXPECT_EQ(code("token=" + std::string(kMaxTokenBytes, 'a') + "&token_type_hint=access_token"), std::nullopt);
}

}  // namespace
}  // namespace mintmark::oauth::testing
