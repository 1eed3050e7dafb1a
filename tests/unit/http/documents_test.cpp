// The public documents and the health routes over real sockets.

#include <gtest/gtest.h>

#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

constexpr const char* kJwks = "/auth/.well-known/jwks.json";
constexpr const char* kMetadata = "/.well-known/oauth-authorization-server/auth";
constexpr const char* kDiscovery = "/auth/.well-known/openid-configuration";

TEST(Documents, ServesTheJwks) {  // RFC 7517 §5
  TestServer server;
  const HttpAnswer answer = server.connect().get(kJwks);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, server.ring().jwks().body);
  EXPECT_EQ(answer.field("etag"), server.ring().jwks().etag);
  EXPECT_EQ(answer.field("content-type"), "application/json");
  EXPECT_EQ(answer.field("cache-control"), "public, max-age=300");
  EXPECT_EQ(answer.field("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.json()["keys"].size(), 1u);
}

TEST(Documents, ServesTheJwksInItsOwnTypeWhenAsked) {  // RFC 7517 §8.5.2
  TestServer server;
  const HttpAnswer answer = server.connect().get(kJwks, {{"Accept", "application/jwk-set+json"}});
  EXPECT_EQ(answer.field("content-type"), "application/jwk-set+json");
  EXPECT_EQ(answer.field("vary"), "Accept");
}

TEST(Documents, SendsNothingThatTheClientHas) {  // RFC 9110 §13.1.2, §15.4.5
  TestServer server;
  HttpClient client = server.connect();
  for (const char* path : {kJwks, kMetadata}) {
    const std::string etag = client.get(path).field("etag");
    ASSERT_GT(etag.size(), 2u);
    for (const std::string& known : {etag, "W/" + etag, "\"other\", " + etag, std::string("*")}) {
      const HttpAnswer answer = client.get(path, {{"If-None-Match", known}});
      EXPECT_EQ(answer.status, 304) << known;
      EXPECT_EQ(answer.body, "");
      EXPECT_FALSE(answer.has("content-length"));
      EXPECT_EQ(answer.field("etag"), etag);
      EXPECT_NE(answer.field("cache-control"), "");
    }
    EXPECT_EQ(client.get(path, {{"If-None-Match", "\"other\""}}).status, 200);
  }
}

TEST(Documents, ServesTheMetadataWhereBothSpecificationsLookForIt) {  // RFC 8414 §3.1, OpenID Connect Discovery §4
  TestServer server;
  HttpClient client = server.connect();
  const HttpAnswer answer = client.get(kMetadata);
  EXPECT_EQ(answer.body, R"({"issuer":"https://id.example.com/auth"})");
  EXPECT_EQ(client.get(kDiscovery).body, answer.body);
  EXPECT_EQ(answer.field("cache-control"), "public, max-age=300");
  EXPECT_EQ(answer.field("access-control-allow-origin"), "*");

  server.publish_metadata(R"({"issuer":"changed"})");
  const HttpAnswer changed = client.get(kMetadata, {{"If-None-Match", answer.field("etag")}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body, R"({"issuer":"changed"})");
  EXPECT_NE(changed.field("etag"), answer.field("etag"));
}

TEST(Documents, AnswersHeadLikeGetWithoutTheBody) {  // RFC 9110 §9.3.2
  TestServer server;
  HttpClient client = server.connect();
  for (const char* path : {kJwks, kMetadata, "/healthz", "/readyz"}) {
    const HttpAnswer get = client.get(path);
    const HttpAnswer head = client.request("HEAD", path);
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.field("content-length"), std::to_string(get.body.size()));
    EXPECT_EQ(head.field("etag"), get.field("etag"));
  }
  EXPECT_EQ(client.request("HEAD", "/nothing").status, 404);
  EXPECT_EQ(client.get("/healthz").status, 200);  // Not a byte too many came.
}

TEST(Documents, AnswersTheBrowsersQuestionBeforeUnusualHeaders) {
  TestServer server;
  const HttpAnswer answer = server.connect().request(
      "OPTIONS", kMetadata, {{"Origin", "https://any"}, {"Access-Control-Request-Headers", "mcp-protocol-version"}});
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.field("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.field("access-control-allow-headers"), "*");
}

TEST(Documents, RefusesOtherMethodsAndPaths) {
  TestServer server;
  HttpClient client = server.connect();
  for (const char* path : {kJwks, kDiscovery}) {
    EXPECT_EQ(client.request("POST", path).status, 405);
    EXPECT_EQ(client.request("DELETE", path).field("allow"), "GET, HEAD, OPTIONS");
  }
  EXPECT_EQ(client.request("POST", "/healthz").field("allow"), "GET, HEAD");
  for (const char* path : {"/", "/.well-known/jwks.json", "/auth/.well-known/jwks.json/", "/auth/%2e/token", "*"}) {
    const HttpAnswer answer = client.get(path);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.error(), "invalid_request");
    EXPECT_FALSE(answer.has("access-control-allow-origin"));
  }
}

TEST(Health, TellsReadinessWithoutInternals) {
  bool ready = true;
  TestServer server({}, {.readiness = [&ready]() -> Result<void> {
                      if (ready) return {};
                      return unavailable("database is locked");
                    }});
  HttpClient client = server.connect();
  EXPECT_EQ(client.get("/readyz").body, R"({"status":"ready"})");
  ready = false;
  const HttpAnswer answer = client.get("/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"status":"not ready"})");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(client.get("/healthz").status, 200);  // The process is well.
  EXPECT_TRUE(server.log().problems().empty()) << "a line per probe would be a flood";
}

}  // namespace
}  // namespace mintmark::http::testing
