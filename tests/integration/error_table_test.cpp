// One test per row of the table of errors (design §6; RFC 6749 §5.2), over a real socket, comparing whole answers.

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>
#include <vector>

#include "integration/mint_server.hpp"
#include "mintmark/crypto/password_hash.hpp"

namespace mintmark::testing {
namespace {

class ErrorTable : public ::testing::Test {
 protected:
  static void expect_error(const HttpAnswer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.raw;
    EXPECT_EQ(answer.field("content-type"), "application/json");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
    EXPECT_EQ(answer.field("x-content-type-options"), "nosniff");
    EXPECT_FALSE(answer.field("x-request-id").empty());
    EXPECT_EQ(answer.error(), code);
    const Json body = answer.json();
    EXPECT_TRUE(body.contains("error_description"));
    for (const auto& [name, value] : body.items()) {
      EXPECT_TRUE(name == "error" || name == "error_description" || name == "request_id") << name;
    }
  }

  MintServer mint;
};

TEST_F(ErrorTable, InvalidRequestIs400) {
  expect_error(mint.token({{"client_id", "app"}}), 400, "invalid_request");
  expect_error(mint.token({{"grant_type", "password"}, {"grant_type", "password"}}), 400, "invalid_request");
}

TEST_F(ErrorTable, InvalidClientIs401) {
  const HttpAnswer answer =
      mint.token({{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", "wrong"}});
  expect_error(answer, 401, "invalid_client");
}

TEST_F(ErrorTable, InvalidClientWithTheHeaderIs401WithAChallenge) {
  const HttpAnswer answer =
      mint.token({{"grant_type", "client_credentials"}}, {{"Authorization", basic_authorization("service", "wrong")}});
  expect_error(answer, 401, "invalid_client");
  EXPECT_TRUE(answer.field("www-authenticate").starts_with("Basic realm=")) << answer.raw;
}

TEST_F(ErrorTable, InvalidGrantIs400) {
  expect_error(
      mint.token({{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", "no"}}), 400,
      "invalid_grant");
}

TEST_F(ErrorTable, UnauthorizedClientIs400) {
  expect_error(mint.token({{"grant_type", "client_credentials"}, {"client_id", "app"}}), 400, "unauthorized_client");
}

TEST_F(ErrorTable, UnsupportedGrantTypeIs400) {
  expect_error(mint.token({{"grant_type", "urn:example:other"}, {"client_id", "app"}}), 400, "unsupported_grant_type");
}

TEST_F(ErrorTable, InvalidScopeIs400) {
  expect_error(mint.client_credentials({{"scope", "admin"}}), 400, "invalid_scope");
}

TEST_F(ErrorTable, InvalidTargetIs400) {
  expect_error(mint.client_credentials({{"resource", kHmacApi}}), 400, "invalid_target");
}

TEST_F(ErrorTable, NotFoundIs404) {
  expect_error(mint.get("/"), 404, "invalid_request");
  expect_error(mint.get("/token/"), 404, "invalid_request");
  expect_error(mint.get("/TOKEN"), 404, "invalid_request");
}

TEST_F(ErrorTable, MethodNotAllowedIs405) {
  const HttpAnswer answer = mint.get("/token");
  expect_error(answer, 405, "invalid_request");
  EXPECT_NE(answer.field("allow").find("POST"), std::string::npos);
}

TEST_F(ErrorTable, PayloadTooLargeIs413) {
  HttpClient client(mint.port());
  client.send(
      "POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 1000000\r\n\r\ngrant_type=client_credentials");
  expect_error(client.receive(), 413, "invalid_request");
  EXPECT_TRUE(client.at_end());
}

TEST_F(ErrorTable, UnsupportedMediaTypeIs415) {
  HttpClient client(mint.port());
  expect_error(client.request("POST", "/token", {{"Content-Type", "text/plain"}}, "grant_type=x"), 415,
               "invalid_request");
}

TEST_F(ErrorTable, HeaderTooLargeIs431) {
  HttpClient client(mint.port());
  client.send("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: " + std::string(20000, 'x') + "\r\n\r\n");
  expect_error(client.receive(), 431, "invalid_request");
}

TEST_F(ErrorTable, MalformedIs400) {
  HttpClient client(mint.port());
  client.send("POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx");
  expect_error(client.receive(), 400, "invalid_request");
  EXPECT_TRUE(client.at_end());
}

TEST_F(ErrorTable, QueryOnTheTokenEndpointIs400) {
  HttpClient client(mint.port());
  expect_error(client.post_form("/token?grant_type=password", {{"grant_type", "password"}}), 400, "invalid_request");
}

TEST_F(ErrorTable, ServerErrorIs500WithAnIdToQuote) {
  accounts::User user;
  user.id = accounts::make_user_id();
  user.username = "damaged";
  user.password_hash = "$argon2id$v=19$what is left of a hash";
  ASSERT_TRUE(mint.store().users().insert_user(user));
  const HttpAnswer answer =
      mint.token({{"grant_type", "password"}, {"client_id", "app"}, {"username", "damaged"}, {"password", kPassword}});
  expect_error(answer, 500, "server_error");
  EXPECT_EQ(answer.json().at("request_id"), answer.field("x-request-id"));
  EXPECT_EQ(answer.raw.find("hash"), std::string::npos) << answer.raw;
  EXPECT_EQ(answer.raw.find(user.id.str()), std::string::npos) << answer.raw;
}

TEST(ErrorTableUnavailable, FullQueueIs503WithRetryAfter) {
  MintServer mint([](Json& config) { config["passwords"]["queue"] = 1; });
  accounts::User user;
  user.id = accounts::make_user_id();
  user.username = "slow";
  user.password_hash = crypto::hash_password(Secret(std::string_view(kPassword)), {.iterations = 8}).value();
  ASSERT_TRUE(mint.store().users().insert_user(user));
  std::vector<HttpAnswer> answers(16);
  {
    std::vector<std::jthread> threads;
    for (HttpAnswer& answer : answers) {
      threads.emplace_back([&] {
        answer = mint.token(
            {{"grant_type", "password"}, {"client_id", "app"}, {"username", "slow"}, {"password", kPassword}});
      });
    }
  }
  const auto is_busy = [](const HttpAnswer& answer) { return answer.status == 503; };
  EXPECT_GT(std::ranges::count_if(answers, is_busy), 0);
  EXPECT_LT(std::ranges::count_if(answers, is_busy), 16) << "those before are served";
  for (const HttpAnswer& answer : answers) {
    if (!is_busy(answer)) continue;
    EXPECT_EQ(answer.error(), "temporarily_unavailable") << answer.raw;
    EXPECT_GT(std::stoi(answer.field("retry-after")), 0);
  }
}

TEST(ErrorTableUnavailable, NoActiveKeyIs503WithRetryAfter) {
  MintServer mint;
  oauth::Resource resource;
  resource.id = ResourceId("https://new.example.com");
  resource.alg = jose::Alg::ES384;
  ASSERT_TRUE(mint.store().resources().insert_resource(resource));
  oauth::Client client;
  client.id = ClientId("newcomer");
  client.auth_methods = {oauth::ClientAuthMethod::none};
  client.grant_types = {oauth::GrantType::password};
  client.resources = {resource.id};
  ASSERT_TRUE(mint.store().clients().insert_client(client));
  mint.tick();
  const HttpFields login{
      {"grant_type", "password"}, {"client_id", "newcomer"}, {"username", "alice"}, {"password", kPassword}};
  const HttpAnswer answer = mint.token(login);
  EXPECT_EQ(answer.status, 503) << answer.raw;
  EXPECT_EQ(answer.error(), "temporarily_unavailable");
  const int seconds = std::stoi(answer.field("retry-after"));
  EXPECT_GT(seconds, 0);
  mint.clock.advance(std::chrono::seconds(seconds));
  EXPECT_EQ(mint.token(login).status, 200);
}

// Attack 6 of invariant 6: nothing of a request comes back in an error.
TEST_F(ErrorTable, NothingIsEchoed) {
  const std::string canary = "zebra-canary-7f3a";
  for (const HttpFields& parameters : std::vector<HttpFields>{
           {{"grant_type", canary}, {"client_id", "app"}},
           {{"grant_type", "password"}, {"client_id", canary}},
           {{"grant_type", "password"}, {"client_id", "app"}, {"username", canary}, {"password", canary}},
           {{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", canary}},
           {{canary, canary}},
           {{"grant_type", "password"},
            {"client_id", "app"},
            {"username", "alice"},
            {"password", kPassword},
            {"scope", canary}},
           {{"grant_type", "password"},
            {"client_id", "app"},
            {"username", "alice"},
            {"password", kPassword},
            {"resource", "urn:" + canary}}}) {
    const HttpAnswer answer = mint.token(parameters, {{"X-Request-Id", canary}});
    EXPECT_GE(answer.status, 400);
    EXPECT_EQ(answer.raw.find(canary), std::string::npos) << answer.raw;
  }
  EXPECT_EQ(mint.get("/" + canary).raw.find(canary), std::string::npos);
}

}  // namespace
}  // namespace mintmark::testing
