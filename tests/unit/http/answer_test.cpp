#include "mintmark/http/answer.hpp"

#include <gtest/gtest.h>

#include "mintmark/base/json.hpp"
#include "mintmark/http/http_date.hpp"
#include "mintmark/http/routes.hpp"

namespace mintmark::http {
namespace {

using oauth::OAuthCode;

bool has_field(const Answer& answer, std::string_view line) {
  return answer.fields.find(std::string(line) + "\r\n") != std::string::npos;
}

TEST(TokenResponse, HasTheMembersOfRfc6749Section5_1) {
  oauth::TokenResponse response{.access_token = "a.b.c",
                                .token_type = oauth::TokenKind::bearer,
                                .expires_in = Duration(899'999),
                                .scope = {},
                                .refresh_token = {}};
  const Answer bare = render_token_response(response);
  EXPECT_EQ(bare.status, 200u);
  EXPECT_EQ(bare.body, R"({"access_token":"a.b.c","token_type":"Bearer","expires_in":899})");
  EXPECT_TRUE(has_field(bare, "Cache-Control: no-store"));
  EXPECT_TRUE(has_field(bare, "Pragma: no-cache"));

  response.scope = "read write";
  response.refresh_token = Secret(std::string_view("mmr_x"));
  EXPECT_EQ(
      render_token_response(response).body,
      R"({"access_token":"a.b.c","token_type":"Bearer","expires_in":899,"scope":"read write","refresh_token":"mmr_x"})");
  EXPECT_EQ(render_token_response({"a.b.c", oauth::TokenKind::dpop, Duration(1000), {}, {}}).body,
            R"({"access_token":"a.b.c","token_type":"DPoP","expires_in":1})")
      << "RFC 9449 §5";
}

TEST(OAuthErrorAnswer, FollowsTheTable) {  // RFC 6749 §5.2
  struct Row {
    OAuthCode code;
    unsigned status;
  };
  for (const auto& [code, status] :
       {Row{OAuthCode::invalid_request, 400}, Row{OAuthCode::invalid_client, 401}, Row{OAuthCode::invalid_grant, 400},
        Row{OAuthCode::unauthorized_client, 400}, Row{OAuthCode::unsupported_grant_type, 400},
        Row{OAuthCode::invalid_scope, 400}, Row{OAuthCode::invalid_target, 400}, Row{OAuthCode::slow_down, 429},
        Row{OAuthCode::temporarily_unavailable, 503}, Row{OAuthCode::server_error, 500}}) {
    const Answer answer = render_oauth_error({code, "why"}, HeaderAuth::absent, "id");
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.error, code);
    EXPECT_TRUE(has_field(answer, "Cache-Control: no-store"));
    const Json body = parse_json(answer.body).value();
    EXPECT_EQ(body["error"], oauth::name(code));
    EXPECT_EQ(body["error_description"], "why");
    EXPECT_EQ(body.contains("request_id"), code == OAuthCode::server_error);
  }
}

TEST(OAuthErrorAnswer, ChallengesOnlyWhoUsedTheHeader) {  // RFC 6749 §5.2
  const oauth::OAuthError error{OAuthCode::invalid_client, "why"};
  EXPECT_EQ(render_oauth_error(error, HeaderAuth::absent, "").fields.find("WWW-Authenticate"), std::string::npos);
  EXPECT_TRUE(has_field(render_oauth_error(error, HeaderAuth::present, ""),
                        R"(WWW-Authenticate: Basic realm="mintmark", charset="UTF-8")"));
  const oauth::OAuthError other{OAuthCode::invalid_grant, "why"};
  EXPECT_EQ(render_oauth_error(other, HeaderAuth::present, "").fields.find("WWW-Authenticate"), std::string::npos);
}

TEST(OAuthErrorAnswer, RoundsRetryAfterUpToWholeSeconds) {
  const auto retry_after = [](OAuthCode code, std::optional<Duration> delay) {
    return render_oauth_error({code, "why", delay}, HeaderAuth::absent, "");
  };
  EXPECT_TRUE(has_field(retry_after(OAuthCode::slow_down, Duration(2001)), "Retry-After: 3"));
  EXPECT_TRUE(has_field(retry_after(OAuthCode::temporarily_unavailable, Duration(2000)), "Retry-After: 2"));
  EXPECT_TRUE(has_field(retry_after(OAuthCode::temporarily_unavailable, std::nullopt), "Retry-After: 1"));
  EXPECT_TRUE(has_field(retry_after(OAuthCode::temporarily_unavailable, Duration(0)), "Retry-After: 1"));
  EXPECT_EQ(retry_after(OAuthCode::invalid_grant, Duration(2000)).fields.find("Retry-After"), std::string::npos);
}

TEST(OAuthErrorAnswer, NeverShowsTheCause) {
  const oauth::OAuthError error{OAuthCode::server_error, "internal error", std::nullopt, corrupt("row 7 of secrets")};
  const Answer answer = render_oauth_error(error, HeaderAuth::absent, "abc");
  EXPECT_EQ(answer.body, R"({"error":"server_error","error_description":"internal error","request_id":"abc"})");
}

TEST(AppendAnswer, WritesOneWholeAnswer) {
  Answer answer{.status = 200, .body = "{}"};
  add_field(answer, "ETag", "\"x\"");
  std::string out = "before";
  append_answer(out, answer, {.date = "D", .request_id = "R"});
  EXPECT_EQ(out,
            "beforeHTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: application/json\r\nContent-Length: 2\r\nETag: \"x\"\r\n"
            "X-Content-Type-Options: nosniff\r\nX-Request-Id: R\r\n\r\n{}");
}

TEST(AppendAnswer, KeepsTheLengthButNotTheBodyForHead) {  // RFC 9110 §9.3.2
  std::string out;
  append_answer(out, {.status = 200, .body = "{}"}, {.date = "D", .request_id = {}, .close = true, .head_only = true});
  EXPECT_NE(out.find("Content-Length: 2\r\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("Connection: close\r\n\r\n"));
}

TEST(AppendAnswer, SendsNoLengthWithoutContent) {  // RFC 9110 §8.6
  for (const unsigned status : {204u, 304u}) {
    std::string out;
    append_answer(out, {.status = status}, {.date = "D", .request_id = "R"});
    EXPECT_EQ(out.find("Content-"), out.find("Content-Type-Options")) << out;
  }
}

TEST(HttpDate, WritesImfFixdate) {  // RFC 9110 §5.6.7
  HttpDate date;
  EXPECT_EQ(date.render(from_unix_ms(784'111'777'000)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.render(from_unix_ms(784'111'777'999)), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(date.render(from_unix_ms(784'111'778'000)), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(date.render(from_unix_ms(1'709'208'000'000)), "Thu, 29 Feb 2024 12:00:00 GMT");
  EXPECT_EQ(date.render(from_unix_ms(0)), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(Routes, AreExactPathsUnderTheIssuers) {  // RFC 8414 §3.1
  const Routes routes(oauth::parse_issuer("https://id.example.com/auth").value());
  EXPECT_EQ(routes.find("/auth/token"), Route::token);
  EXPECT_EQ(routes.find("/auth/.well-known/jwks.json"), Route::jwks);
  EXPECT_EQ(routes.find("/.well-known/oauth-authorization-server/auth"), Route::metadata);
  EXPECT_EQ(routes.find("/auth/.well-known/openid-configuration"), Route::metadata);
  EXPECT_EQ(routes.find("/healthz"), Route::health);
  EXPECT_EQ(routes.find("/readyz"), Route::readiness);
  for (const char* path : {"", "/", "/token", "/auth/token/", "/auth//token", "/auth/Token", "/auth/%74oken",
                           "/auth/../auth/token", "/.well-known/jwks.json", "/auth/healthz"}) {
    EXPECT_EQ(routes.find(path), Route::other) << path;
  }
}

TEST(Routes, AreAtTheRootForAnIssuerWithoutPath) {
  const Routes routes(oauth::parse_issuer("https://id.example.com").value());
  EXPECT_EQ(routes.find("/token"), Route::token);
  EXPECT_EQ(routes.find("/.well-known/oauth-authorization-server"), Route::metadata);
}

}  // namespace
}  // namespace mintmark::http
