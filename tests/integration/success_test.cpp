// The path from posted credentials to a token that others verify.

#include <gtest/gtest.h>

#include "integration/mint_server.hpp"

namespace mintmark::testing {
namespace {

TEST(Success, Rfc6749Section5_1_ClientCredentials) {
  MintServer mint;
  const HttpAnswer answer = mint.client_credentials();
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.field("content-type"), "application/json");
  const Json body = answer.json();
  EXPECT_EQ(body.at("token_type"), "Bearer");
  EXPECT_EQ(body.at("expires_in"), 900);
  EXPECT_EQ(body.at("scope"), "read write");
  EXPECT_FALSE(body.contains("refresh_token"));
  const auto jwt = mint.verify(body.at("access_token"));
  ASSERT_TRUE(jwt) << jwt.error().detail;
  EXPECT_EQ(jwt->claims().at("sub"), "service");
}

TEST(Success, ClientSecretPost) {
  MintServer mint;
  EXPECT_EQ(
      mint.token({{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", kServiceSecret}})
          .status,
      200);
}

TEST(Success, PasswordThenRefresh) {
  MintServer mint;
  const HttpAnswer login = mint.login({{"scope", "read"}});
  ASSERT_EQ(login.status, 200) << login.raw;
  const auto jwt = mint.verify(login.json().at("access_token"));
  ASSERT_TRUE(jwt) << jwt.error().detail;
  EXPECT_EQ(jwt->claims().at("sub"), "user-1");
  EXPECT_EQ(jwt->claims().at("userId"), "user-1");
  EXPECT_EQ(jwt->claims().at("role"), "Admin");
  EXPECT_EQ(jwt->claims().at("scope"), "read");

  const HttpAnswer refreshed = mint.refresh(login.json().at("refresh_token"));
  ASSERT_EQ(refreshed.status, 200) << refreshed.raw;
  EXPECT_NE(refreshed.json().at("refresh_token"), login.json().at("refresh_token"));
  EXPECT_TRUE(mint.verify(refreshed.json().at("access_token")));
}

TEST(Success, JsonLoginNeedsNothingButNameAndPassword) {
  MintServer mint;
  HttpClient client(mint.port());
  const HttpAnswer answer = client.post_json("/token", {{"username", "alice"}, {"password", kPassword}});
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_TRUE(answer.json().contains("refresh_token"));
}

TEST(Success, ATamperedTokenDoesNotVerify) {
  MintServer mint;
  const std::string token = mint.client_credentials().json().at("access_token");
  for (std::size_t i = 0; i < token.size(); i += 7) {
    std::string tampered = token;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(mint.verify(tampered)) << i;
  }
  EXPECT_FALSE(mint.verify(token, "https://somebody-else.example.com"));
}

TEST(Success, AnHmacTokenVerifiesWithTheSecretOfItsResourceAndIsNotInTheKeySet) {
  MintServer mint([](Json& config) {
    config["clients"][0]["resources"] = {kApi, kHmacApi};
    config["resources"][1]["secret_file"] = "service.secret";
  });
  const HttpAnswer answer = mint.client_credentials({{"resource", kHmacApi}});
  ASSERT_EQ(answer.status, 200) << answer.raw;
  const std::string token = answer.json().at("access_token");
  const auto key = jose::VerificationKey::make(jose::Alg::HS256, KeyId(), Secret(std::string_view(kServiceSecret)));
  const Json header = jose::decode_unverified(token)->header;
  EXPECT_EQ(header.at("alg"), "HS256");
  const auto named = jose::VerificationKey::make(jose::Alg::HS256, KeyId(header.at("kid").get<std::string>()),
                                                 Secret(std::string_view(kServiceSecret)));
  jose::JwtExpectation expectation;
  expectation.now = mint.clock.now();
  EXPECT_TRUE(jose::verify_jwt(token, std::vector{*named}, expectation));
  const Json key_set = mint.get("/.well-known/jwks.json").json();
  for (const Json& jwk : key_set.at("keys"))
    EXPECT_NE(jwk.at("kty"), "oct");
}

TEST(Documents, Rfc8414Section3_MetadataNamesWhatThereIs) {
  MintServer mint;
  const HttpAnswer answer = mint.get("/.well-known/oauth-authorization-server");
  ASSERT_EQ(answer.status, 200);
  const Json metadata = answer.json();
  EXPECT_EQ(metadata.at("issuer"), kIssuer);
  EXPECT_EQ(metadata.at("token_endpoint"), std::string(kIssuer) + "/token");
  EXPECT_EQ(metadata.at("jwks_uri"), std::string(kIssuer) + "/.well-known/jwks.json");
  EXPECT_EQ(metadata.at("grant_types_supported"),
            Json({"password", "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer",
                  "urn:ietf:params:oauth:grant-type:token-exchange"}));
  EXPECT_EQ(metadata.at("scopes_supported"), Json({"read", "write"}));
  EXPECT_EQ(mint.get("/.well-known/openid-configuration").body, answer.body);
}

// Attack 22: the issuer comes from the configuration alone.
TEST(Documents, Attack22_ForwardedHeadersAndHostChangeNothing) {
  MintServer mint;
  HttpClient client(mint.port());
  const std::string plain = mint.get("/.well-known/oauth-authorization-server").body;
  const HttpFields forged{{"X-Forwarded-Host", "evil.example"},
                          {"X-Forwarded-Proto", "http"},
                          {"Forwarded", "host=evil.example;proto=http"},
                          {"X-Forwarded-Prefix", "/evil"}};
  EXPECT_EQ(client.get("/.well-known/oauth-authorization-server", forged).body, plain);
  client.send("GET /.well-known/oauth-authorization-server HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(client.receive().body, plain);
  const HttpAnswer token = client.post_form(
      "/token", {{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", kServiceSecret}},
      forged);
  EXPECT_EQ(mint.verify(token.json().at("access_token"))->claims().at("iss"), kIssuer);
}

TEST(Documents, JwksIsCacheableAndConditional) {
  MintServer mint;
  const HttpAnswer first = mint.get("/.well-known/jwks.json");
  ASSERT_EQ(first.status, 200);
  const std::string etag = first.field("etag");
  EXPECT_TRUE(etag.starts_with('"')) << "strong (RFC 9110 §8.8.3)";
  EXPECT_NE(first.field("cache-control").find("max-age="), std::string::npos);
  EXPECT_EQ(first.field("content-type"), "application/json");
  EXPECT_EQ(first.field("access-control-allow-origin"), "*");
  EXPECT_EQ(mint.get("/.well-known/jwks.json", {{"If-None-Match", etag}}).status, 304);
  EXPECT_EQ(mint.get("/.well-known/jwks.json", {{"If-None-Match", "\"other\""}}).status, 200);
  EXPECT_EQ(mint.get("/.well-known/jwks.json", {{"Accept", "application/jwk-set+json"}}).field("content-type"),
            "application/jwk-set+json");
}

// Attack 25: no private member, of any key type.
TEST(Documents, Attack25_JwksHasOnlyPublicMembers) {
  MintServer mint([](Json& config) {
    for (const char* alg : {"RS256", "PS256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448", "HS384"}) {
      config["resources"].push_back({{"id", std::string("urn:api:") + alg}, {"alg", alg}});
    }
  });
  const Json jwks = mint.get("/.well-known/jwks.json").json();
  EXPECT_EQ(jwks.at("keys").size(), 9u);
  for (const Json& jwk : jwks.at("keys")) {
    EXPECT_EQ(jwk.at("use"), "sig");
    EXPECT_TRUE(jwk.contains("alg") && jwk.contains("kid"));
    for (const char* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
      EXPECT_FALSE(jwk.contains(name)) << jwk;
  }
}

TEST(Documents, Invariant3_AnEmptyKeySetIsNeverServed) {
  MintServer mint([](Json& config) {
    config["resources"].erase(0);
    for (Json& client : config["clients"])
      client["resources"] = {kHmacApi};
  });
  EXPECT_EQ(mint.get("/.well-known/jwks.json").status, 404);
  EXPECT_FALSE(mint.get("/.well-known/openid-configuration").json().contains("jwks_uri"));
  EXPECT_EQ(mint.client_credentials({{"scope", "read"}}).status, 200) << "tokens are minted all the same";
}

TEST(Documents, HealthAndReadiness) {
  MintServer mint;
  EXPECT_EQ(mint.get("/healthz").status, 200);
  EXPECT_EQ(mint.get("/readyz").status, 200);
}

TEST(Documents, AnIssuerWithAPathPrefixesItsEndpoints) {
  MintServer mint([](Json& config) { config["issuer"] = "https://id.example.com/auth"; });
  EXPECT_EQ(mint.get("/auth/.well-known/jwks.json").status, 200);
  EXPECT_EQ(mint.get("/auth/.well-known/openid-configuration").status, 200);
  EXPECT_EQ(mint.get("/.well-known/oauth-authorization-server/auth").status, 200) << "RFC 8414 §3.1";
  HttpClient client(mint.port());
  EXPECT_EQ(client.post_form("/auth/token", {{"grant_type", "x"}, {"client_id", "app"}}).error(),
            "unsupported_grant_type");
  EXPECT_EQ(client.post_form("/token", {{"grant_type", "x"}}).status, 404);
}

class Cors : public ::testing::Test {
 protected:
  MintServer mint;
};

TEST_F(Cors, SuccessAndErrorsMayBeReadByTheClientsPages) {
  const HttpAnswer good =
      mint.token({{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}},
                 {{"Origin", kOrigin}});
  EXPECT_EQ(good.field("access-control-allow-origin"), kOrigin);
  EXPECT_NE(good.field("vary").find("Origin"), std::string::npos);
  const HttpAnswer bad =
      mint.token({{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", "no"}},
                 {{"Origin", kOrigin}});
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.field("access-control-allow-origin"), kOrigin);
}

TEST_F(Cors, OtherOriginsAndOtherClientsMayNot) {
  EXPECT_FALSE(mint.token({{"grant_type", "password"}, {"client_id", "app"}, {"username", "a"}, {"password", "b"}},
                          {{"Origin", "https://evil.example"}})
                   .has("access-control-allow-origin"));
  EXPECT_FALSE(
      mint.token({{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", kServiceSecret}},
                 {{"Origin", kOrigin}})
          .has("access-control-allow-origin"));
}

TEST_F(Cors, PreflightIsAnswered) {
  HttpClient client(mint.port());
  const HttpAnswer yes =
      client.request("OPTIONS", "/token", {{"Origin", kOrigin}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(yes.field("access-control-allow-origin"), kOrigin);
  EXPECT_NE(yes.field("access-control-allow-methods").find("POST"), std::string::npos);
  const HttpAnswer no = client.request("OPTIONS", "/token",
                                       {{"Origin", "https://evil.example"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_FALSE(no.has("access-control-allow-origin"));
}

}  // namespace
}  // namespace mintmark::testing
