// {issuer path}/token over real sockets: bodies, errors, CORS.

#include <gtest/gtest.h>

#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

TEST(TokenRoute, IssuesATokenForAForm) {  // RFC 6749 §5.1
  TestServer server;
  const HttpAnswer answer = server.connect().post_form("/auth/token", client_credentials());
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.field("content-type"), "application/json");
  EXPECT_EQ(answer.field("cache-control"), "no-store");
  EXPECT_EQ(answer.field("pragma"), "no-cache");
  const Json body = answer.json();
  EXPECT_EQ(body["token_type"], "Bearer");
  EXPECT_EQ(body["expires_in"], 900);
  EXPECT_EQ(body["scope"], "read");
  EXPECT_FALSE(body.contains("refresh_token"));
  EXPECT_EQ(std::ranges::count(body["access_token"].get<std::string>(), '.'), 2);
}

TEST(TokenRoute, IssuesATokenForJson) {
  TestServer server;
  HttpClient client = server.connect();
  const Json body = {
      {"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", "service-secret"}};
  EXPECT_EQ(client.post_json("/auth/token", body).status, 200);
  // The default login client: who it is says the error of its grant.
  EXPECT_EQ(client.post_json("/auth/token", {{"username", "alice"}, {"password", "x"}}).error(), "invalid_grant");
}

TEST(TokenRoute, TakesTheAuthorizationHeader) {  // RFC 6749 §2.3.1
  TestServer server;
  HttpClient client = server.connect();
  const HttpFields form = {{"grant_type", "client_credentials"}};
  EXPECT_EQ(client.post_form("/auth/token", form, {{"Authorization", basic_authorization("service", "service-secret")}})
                .status,
            200);
  const HttpAnswer wrong =
      client.post_form("/auth/token", form, {{"Authorization", basic_authorization("service", "wrong")}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.error(), "invalid_client");
  EXPECT_EQ(wrong.field("www-authenticate"), R"(Basic realm="mintmark", charset="UTF-8")");
  EXPECT_FALSE(client.post_form("/auth/token", form).has("www-authenticate"));
}

TEST(TokenRoute, TakesOnlyTheTwoBodyFormats) {
  TestServer server;
  HttpClient client = server.connect();
  const std::string body = mintmark::testing::encode_form(client_credentials());
  for (const char* type :
       {"text/plain", "multipart/form-data", "application/x-www-form-urlencoded; charset=utf-16", ""}) {
    const HttpAnswer answer = client.request("POST", "/auth/token", {{"Content-Type", type}}, body);
    EXPECT_EQ(answer.status, 415) << type;
    EXPECT_EQ(answer.error(), "invalid_request");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
  }
  EXPECT_EQ(client.request("POST", "/auth/token", {}, body).status, 415);
  EXPECT_EQ(
      client
          .request("POST", "/auth/token", {{"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"}}, body)
          .status,
      200);
}

TEST(TokenRoute, RefusesParametersInTheUrl) {  // RFC 6749 §2.3.1, §3.2
  TestServer server;
  HttpClient client = server.connect();
  for (const char* target : {"/auth/token?client_secret=x", "/auth/token?"}) {
    const HttpAnswer answer = client.post_form(target, client_credentials());
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.error(), "invalid_request");
  }
}

TEST(TokenRoute, RefusesMalformedBodies) {
  TestServer server;
  HttpClient client = server.connect();
  const auto post = [&](const char* type, std::string_view body) {
    return client.request("POST", "/auth/token", {{"Content-Type", type}}, body);
  };
  for (const auto& [type, body] : std::vector<std::pair<const char*, std::string>>{
           {"application/x-www-form-urlencoded", ""},
           {"application/x-www-form-urlencoded", "grant_type=%zz"},
           {"application/x-www-form-urlencoded", "grant_type=a&grant_type=b"},
           {"application/json", ""},
           {"application/json", "[]"},
           {"application/json", R"({"grant_type":1})"},
           {"application/json", R"({"grant_type":"a","grant_type":"b"})"}}) {
    const HttpAnswer answer = post(type, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_EQ(answer.error(), "invalid_request") << body;
  }
}

TEST(TokenRoute, AllowsPostAndOptionsOnly) {  // RFC 9110 §15.5.6
  TestServer server;
  HttpClient client = server.connect();
  for (const char* method : {"GET", "PUT", "DELETE", "TRACE", "BREW"}) {
    const HttpAnswer answer = client.request(method, "/auth/token");
    EXPECT_EQ(answer.status, 405) << method;
    EXPECT_EQ(answer.field("allow"), "POST, OPTIONS");
    EXPECT_EQ(answer.error(), "invalid_request");
  }
  const HttpAnswer options = client.request("OPTIONS", "/auth/token");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.field("allow"), "POST, OPTIONS");
  EXPECT_FALSE(options.has("access-control-allow-origin"));
}

TEST(TokenRoute, TellsThePoolsGrantWhoAsks) {
  std::string seen;
  TestServer server(
      {}, {.password_grant = [&seen](const oauth::RequestContext& context) -> oauth::OAuthResult<oauth::Authorization> {
        seen = std::string(context.request_id) + " " + std::string(context.remote_address);
        return oauth::OAuthError{oauth::OAuthCode::slow_down, "too many attempts", Duration(1500)};
      }});
  const HttpAnswer answer = server.connect().post_form("/auth/token", password_login());
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.field("retry-after"), "2");
  EXPECT_EQ(seen, answer.field("x-request-id") + " 127.0.0.1");
}

TEST(TokenRoute, AnswersPreflightForOriginsOfAnyClient) {
  TestServer server({.cors_max_age = std::chrono::milliseconds(90'500)});
  HttpClient client = server.connect();
  for (const char* origin : {kAppOrigin, kStoredOrigin}) {
    const HttpAnswer answer =
        client.request("OPTIONS", "/auth/token", {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.field("access-control-allow-origin"), origin);
    EXPECT_EQ(answer.field("access-control-allow-methods"), "POST");
    EXPECT_EQ(answer.field("access-control-allow-headers"), "authorization, content-type, dpop");
    EXPECT_EQ(answer.field("access-control-max-age"), "90");
    EXPECT_EQ(answer.field("vary"), "Origin");
    EXPECT_FALSE(answer.has("access-control-allow-credentials"));
  }
  for (const char* origin : {"https://evil.example.com", "null", "*", "https://app.example.com.evil.com",
                             "HTTPS://APP.EXAMPLE.COM", "https://app.example.com/"}) {
    const HttpAnswer answer =
        client.request("OPTIONS", "/auth/token", {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_FALSE(answer.has("access-control-allow-origin")) << origin;
    EXPECT_EQ(answer.field("vary"), "Origin");
  }
}

TEST(TokenRoute, SharesAnswersWithTheOriginsOfTheClient) {
  TestServer server;
  HttpClient client = server.connect();
  const auto allowed = [](const HttpAnswer& answer) { return answer.field("access-control-allow-origin"); };
  // The password grant fails, and the error is shared; "service" has no pages, so its success is not.
  EXPECT_EQ(allowed(client.post_form("/auth/token", password_login(), {{"Origin", kAppOrigin}})), kAppOrigin);
  EXPECT_EQ(allowed(client.post_form("/auth/token", password_login(), {{"Origin", kStoredOrigin}})), "");
  const HttpAnswer foreign = client.post_form("/auth/token", client_credentials(), {{"Origin", kAppOrigin}});
  EXPECT_EQ(foreign.status, 200);
  EXPECT_EQ(allowed(foreign), "");
  EXPECT_EQ(foreign.field("vary"), "Origin");
}

TEST(TokenRoute, SharesErrorsBeforeTheClientIsKnownWithTheOriginsOfAny) {
  TestServer server;
  HttpClient client = server.connect();
  for (const char* origin : {kAppOrigin, kStoredOrigin}) {
    for (const HttpAnswer& answer :
         {client.post_form("/auth/token", {{"grant_type", "client_credentials"}}, {{"Origin", origin}}),
          client.post_form("/auth/token", {{"grant_type", "password"}, {"client_id", "nobody"}}, {{"Origin", origin}}),
          client.request("POST", "/auth/token", {{"Origin", origin}}, "x"),
          client.post_form("/auth/token?a", {}, {{"Origin", origin}})}) {
      EXPECT_GE(answer.status, 400);
      EXPECT_EQ(answer.field("access-control-allow-origin"), origin) << answer.raw;
      EXPECT_EQ(answer.field("access-control-expose-headers"),
                "DPoP-Nonce, Retry-After, WWW-Authenticate, X-Request-Id");
      EXPECT_EQ(answer.field("vary"), "Origin");
    }
  }
  EXPECT_FALSE(
      client.post_form("/auth/token", {}, {{"Origin", "https://evil.example.com"}}).has("access-control-allow-origin"));
}

TEST(TokenRoute, AnswersWithoutCorsWhereTheStoreFails) {
  TestServer server({},
                    {.stored_origin = [](std::string_view) -> Result<bool> { return unavailable("disk on fire"); }});
  const HttpAnswer answer = server.connect().post_form("/auth/token", {}, {{"Origin", kStoredOrigin}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_FALSE(answer.has("access-control-allow-origin"));
  ASSERT_EQ(server.log().problems().size(), 1u);
  EXPECT_EQ(server.log().problems()[0], answer.field("x-request-id") + " disk on fire");
}

}  // namespace
}  // namespace mintmark::http::testing
