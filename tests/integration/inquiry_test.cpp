// Introspection (RFC 7662, RFC 9701) and revocation (RFC 7009) over real sockets and SQLite.

#include "integration/mint_server.hpp"

namespace mintmark::testing {
namespace {

/// A resource server that asks about the tokens for kApi.
void add_server(Json& config) {
  Json server = config["clients"][0];
  server["client_id"] = "api-server";
  server["introspects"] = {kApi};
  for (const char* member : {"grant_types", "scopes", "resources"})
    server.erase(member);
  config["clients"].push_back(server);
}

class InquiriesOverSockets : public ::testing::Test {
 protected:
  static HttpFields as(const char* client) { return {{"Authorization", basic_authorization(client, kServiceSecret)}}; }
  HttpAnswer introspect(const std::string& token, HttpFields fields = as("api-server")) {
    return mint.post("/introspect", {{"token", token}}, fields);
  }
  std::string service_token() { return mint.client_credentials().json().at("access_token"); }

  MintServer mint{add_server};
};

TEST_F(InquiriesOverSockets, Rfc7662Section2_AResourceServerAsks) {
  const std::string token = service_token();
  const HttpAnswer answer = introspect(token);
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.field("content-type"), "application/json");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.json().at("active"), true);
  EXPECT_EQ(answer.json().at("client_id"), "service");
  EXPECT_EQ(answer.json().at("aud"), kApi);
  EXPECT_EQ(introspect("x").json(), Json({{"active", false}}));
  mint.clock.advance(std::chrono::minutes(15));
  EXPECT_EQ(introspect(token).json(), Json({{"active", false}}));
}

TEST_F(InquiriesOverSockets, Rfc9701Section4_TheAnswerIsSignedWhereAsked) {
  HttpFields fields = as("api-server");
  fields.emplace_back("Accept", "application/token-introspection+jwt");
  const HttpAnswer answer = introspect(service_token(), fields);
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.field("content-type"), "application/token-introspection+jwt");
  const std::vector<jose::VerificationKey> keys = keys_of(mint.get("/.well-known/jwks.json"));
  const jose::VerifiedJws jws = jose::verify_jws(answer.body, keys).value();
  const Json claims = parse_json_object(as_text(jws.payload)).value();
  EXPECT_EQ(claims.at("aud"), "api-server");
  EXPECT_EQ(claims.at("token_introspection").at("active"), true);
}

TEST_F(InquiriesOverSockets, Rfc7662Section2_1_RefusalsLookLikeThoseOfTheTokenEndpoint) {
  const HttpAnswer unproven = introspect("x", {{"Authorization", basic_authorization("api-server", "wrong")}});
  EXPECT_EQ(unproven.status, 401);
  EXPECT_EQ(unproven.error(), "invalid_client");
  EXPECT_TRUE(unproven.field("www-authenticate").starts_with("Basic realm="));
  EXPECT_EQ(introspect("x", {}).status, 401);
  EXPECT_EQ(mint.post("/introspect", {}, as("api-server")).error(), "invalid_request");
  const HttpAnswer read = mint.get("/introspect");
  EXPECT_EQ(read.status, 405);
  EXPECT_EQ(read.field("allow"), "POST");
  HttpClient client(mint.port());
  EXPECT_EQ(client.post_json("/introspect", {{"token", "x"}}, as("api-server")).status, 415);
  EXPECT_EQ(client.post_form("/introspect?token=x", {}, as("api-server")).status, 400);
  EXPECT_EQ(client.post_form("/revoke?token=x", {}, as("service")).status, 400);
}

TEST_F(InquiriesOverSockets, Rfc7009Section2_AnApplicationInABrowserLogsOut) {
  const Json login = mint.login().json();
  const HttpFields page{{"Origin", kOrigin}};
  const HttpFields logout{{"client_id", "app"}, {"token", login.at("refresh_token")}};
  const HttpAnswer answer = mint.post("/revoke", logout, page);
  EXPECT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.field("access-control-allow-origin"), kOrigin);
  EXPECT_EQ(mint.refresh(login.at("refresh_token")).error(), "invalid_grant");
  EXPECT_EQ(mint.post("/revoke", logout, {{"Origin", "https://evil.example.com"}}).field("access-control-allow-origin"),
            "");

  HttpClient client(mint.port());
  const HttpAnswer preflight =
      client.request("OPTIONS", "/revoke", {{"Origin", kOrigin}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.field("access-control-allow-origin"), kOrigin);
  EXPECT_EQ(client.request("OPTIONS", "/introspect").status, 405);
}

TEST_F(InquiriesOverSockets, Rfc7009Section2_ARevokedAccessTokenIsNotActiveForAnyReplica) {
  const std::string token = service_token();
  EXPECT_EQ(mint.post("/revoke", {{"token", token}}, as("api-server")).error(), "invalid_grant");
  EXPECT_EQ(mint.post("/revoke", {{"token", token}}, as("service")).status, 200);
  EXPECT_EQ(introspect(token).json(), Json({{"active", false}}));
  const Json claims = mint.verify(token).value().claims();
  const oauth::OneTimeValue value = oauth::make_one_time_value(
      oauth::OneTimeKind::revoked_token, jose::decode_unverified(token, token.size())->header.at("kid"),
      claims.at("jti").get<std::string>(), mint.clock.now());
  EXPECT_TRUE(mint.store().one_time().contains(value, mint.clock.now()).value());
  EXPECT_EQ(mint.post("/revoke", {{"token", "a.b.c.d.e"}}, as("service")).error(), "unsupported_token_type");
}

TEST_F(InquiriesOverSockets, Attack17_OneOfManyRacingRefreshesOrTheLogoutWinsButTheFamilyEnds) {
  for (int round = 0; round < 10; ++round) {
    const std::string token = mint.login().json().at("refresh_token");
    HttpAnswer refreshed;
    std::thread racing([&] { refreshed = mint.refresh(token); });
    EXPECT_EQ(mint.post("/revoke", {{"client_id", "app"}, {"token", token}}).status, 200);
    racing.join();
    if (refreshed.status == 200) {
      const std::string successor = refreshed.json().at("refresh_token");
      EXPECT_EQ(mint.refresh(successor).error(), "invalid_grant");
    } else {
      EXPECT_EQ(refreshed.error(), "invalid_grant");
    }
  }
}

TEST_F(InquiriesOverSockets, Invariant8_AnOpaqueTokenIsOnDiskAndEndsAtOnce) {
  MintServer opaque([](Json& config) {
    add_server(config);
    config["resources"][0]["format"] = "opaque";
  });
  const std::string token = opaque.login().json().at("access_token");
  EXPECT_TRUE(token.starts_with("mma_"));
  EXPECT_TRUE(opaque.store().opaque_tokens().find_token(oauth::hash_opaque_text(token), opaque.clock.now()).value());
  const HttpAnswer told = opaque.post("/introspect", {{"token", token}}, as("api-server"));
  EXPECT_EQ(told.json().at("sub"), "user-1") << told.raw;
  EXPECT_EQ(opaque.post("/revoke", {{"client_id", "app"}, {"token", token}}).status, 200);
  EXPECT_EQ(opaque.post("/introspect", {{"token", token}}, as("api-server")).json(), Json({{"active", false}}));
}

TEST_F(InquiriesOverSockets, MetadataNamesBothEndpoints) {  // RFC 8414 §2
  const Json metadata = mint.get("/.well-known/oauth-authorization-server").json();
  EXPECT_EQ(metadata.at("introspection_endpoint"), std::string(kIssuer) + "/introspect");
  EXPECT_EQ(metadata.at("revocation_endpoint"), std::string(kIssuer) + "/revoke");
  EXPECT_EQ(metadata.at("introspection_signing_alg_values_supported"), Json::array({"ES256"}));
  Json methods = metadata.at("token_endpoint_auth_methods_supported");
  EXPECT_EQ(metadata.at("revocation_endpoint_auth_methods_supported"), methods);
  std::erase(methods.get_ref<Json::array_t&>(), "none");
  EXPECT_EQ(metadata.at("introspection_endpoint_auth_methods_supported"), methods);
}

}  // namespace
}  // namespace mintmark::testing
