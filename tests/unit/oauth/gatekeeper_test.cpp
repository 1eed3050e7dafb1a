// The guard and the limits through the endpoint: every credential check counts, whatever the grant.

#include "mintmark/oauth/gatekeeper.hpp"

#include <gtest/gtest.h>

#include "mint.hpp"
#include "mintmark/oauth/refresh_token.hpp"

namespace mintmark::oauth::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kLogin = "grant_type=password&client_id=app&username=alice&password=";
constexpr std::string_view kUnknownLogin = "grant_type=password&client_id=app&username=nobody&password=";
constexpr std::string_view kService = "grant_type=client_credentials&client_id=service&client_secret=";

TokenOutcome with(Mint& mint, std::string_view form, std::string_view value) {
  return mint.post(std::string(form) + std::string(value));
}

/// How many of 20 attempts in a row were looked into.
int looked_into(const std::function<TokenOutcome()>& attempt) {
  int count = 0;
  for (int i = 0; i < 20; ++i) {
    if (code_of(attempt()) != OAuthCode::slow_down) ++count;
  }
  return count;
}

std::string forged_refresh_token(Mint& mint) {
  const Secret token = *mint.login().result.value().refresh_token;
  std::string text(token.reveal_text());
  text.back() = text.back() == 'A' ? 'B' : 'A';
  return text;
}

TEST(Guard, EveryCredentialCheckIsGuarded) {
  Mint mint;
  EXPECT_EQ(looked_into([&] { return with(mint, kLogin, "wrong"); }), 6);
  EXPECT_EQ(looked_into([&] { return with(mint, kService, "wrong"); }), 6);
  const std::string forged = forged_refresh_token(*std::make_unique<Mint>());
  EXPECT_EQ(looked_into([&] { return with(mint, "grant_type=refresh_token&client_id=app&refresh_token=", forged); }),
            6);
  EXPECT_EQ(mint.events.reasons.back(), RefusalReason::account_delay);
}

TEST(Guard, EveryGrantSaysWhichCredentialItChecks) {
  // Whoever adds a grant says here which of its parameters can be guessed.
  Mint mint;
  EXPECT_EQ(mint.endpoint->grant_types(),
            (std::vector{GrantType::client_credentials, GrantType::password, GrantType::refresh_token,
                         GrantType::jwt_bearer, GrantType::token_exchange}));
}

TEST(Guard, Attack23_UnknownAccountsAreToldTheSame) {
  Mint mint;
  Mint other;
  for (int i = 0; i < 10; ++i) {
    const TokenOutcome known = with(mint, kLogin, "wrong");
    const TokenOutcome unknown = with(other, kUnknownLogin, "wrong");
    ASSERT_FALSE(known.result);
    ASSERT_FALSE(unknown.result);
    EXPECT_EQ(known.result.error().code, unknown.result.error().code);
    EXPECT_EQ(known.result.error().description.str(), unknown.result.error().description.str());
    EXPECT_EQ(known.result.error().retry_after, unknown.result.error().retry_after);
  }
  EXPECT_EQ(
      looked_into([&] { return with(mint, "grant_type=client_credentials&client_id=nobody&client_secret=", "x"); }), 6);
}

TEST(Guard, ADelayedAttemptComputesNoHash) {
  Mint mint;
  (void)looked_into([&] { return with(mint, kLogin, "wrong"); });
  const int before = mint.hasher.verified;
  const TokenOutcome right = mint.login();
  EXPECT_EQ(code_of(right), OAuthCode::slow_down);
  EXPECT_EQ(right.result.error().retry_after, Duration(1s));
  EXPECT_EQ(mint.hasher.verified, before);
  mint.now += 1s;
  EXPECT_TRUE(mint.login().result);
  EXPECT_TRUE(mint.login().result);
}

TEST(Guard, Attack22_OwnersElsewhereGoOn) {
  Mint mint;
  mint.remote = "198.51.100.66";
  (void)looked_into([&] { return with(mint, kLogin, "wrong"); });
  mint.remote = "192.0.2.1";
  EXPECT_TRUE(mint.login().result);
  mint.remote = "2001:db8:1:2::1";
  (void)looked_into([&] { return with(mint, kLogin, "wrong"); });
  mint.remote = "2001:db8:1:2:ffff::9";  // another address of the same subscriber
  EXPECT_EQ(code_of(mint.login()), OAuthCode::slow_down);
}

TEST(Guard, TokensThatWereOnceOursAreNoGuesses) {
  Mint mint;
  const Secret used = *mint.login().result.value().refresh_token;
  EXPECT_TRUE(mint.refresh(used).result);
  mint.now += 10min;
  EXPECT_EQ(looked_into([&] { return mint.refresh(used); }), 20);
}

TEST(Guard, WhatIsNotThereIsNoAttempt) {
  Mint mint;
  EXPECT_EQ(looked_into([&] { return mint.post("grant_type=password&client_id=app&username=alice"); }), 20);
  EXPECT_EQ(looked_into([&] { return mint.post("grant_type=refresh_token&client_id=app&refresh_token=x"); }), 20);
  EXPECT_EQ(looked_into([&] { return mint.post("grant_type=client_credentials&client_id=service"); }), 20);
  EXPECT_TRUE(mint.login().result);
}

TEST(Guard, AskingEarlyRefusesTheSameAndCountsNothing) {
  Mint mint;
  const RequestContext context{"request", "127.0.0.1", mint.now};
  const TokenRequest request =
      parse_token_request(parse_form(std::string(kLogin) + "wrong").value(), std::nullopt).value();
  for (int i = 0; i < 20; ++i)
    EXPECT_FALSE(mint.endpoint->refuse_early(request, context));
  (void)looked_into([&] { return with(mint, kLogin, "wrong"); });
  const std::optional<TokenOutcome> refused = mint.endpoint->refuse_early(request, context);
  ASSERT_TRUE(refused);
  EXPECT_EQ(code_of(*refused), OAuthCode::slow_down);
  ASSERT_TRUE(refused->client);
  EXPECT_EQ(refused->client->id.str(), "app");
}

TEST(Limits, OfASourceAreCheckedBeforeAnythingElse) {
  Mint mint;
  mint.gatekeeper->set_limits({.per_source = {.per_minute = 60, .burst = 3}});
  const auto admit = [&](std::string_view remote) {
    return mint.endpoint->admit_source({"request", remote, mint.now});
  };
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(admit("2001:db8::1"));
  const OAuthResult<void> refused = admit("2001:db8::2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, OAuthCode::slow_down);
  EXPECT_EQ(refused.error().retry_after, Duration(1s));
  EXPECT_EQ(mint.events.reasons, std::vector{RefusalReason::source_rate});
  EXPECT_TRUE(admit("192.0.2.1"));
  mint.now += 1s;
  EXPECT_TRUE(admit("2001:db8::1"));
  EXPECT_FALSE(admit("2001:db8::1"));
}

TEST(Limits, OfAClientAreForThoseThatHaveProvenToBeIt) {
  Mint mint;
  mint.gatekeeper->set_limits({.per_client = {.per_minute = 60, .burst = 2}});
  for (int i = 0; i < 4; ++i)
    EXPECT_EQ(code_of(with(mint, kService, "wrong")), OAuthCode::invalid_client);
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(mint.login().result) << "a public client's name proves nothing";
  EXPECT_TRUE(with(mint, kService, "service-secret").result);
  EXPECT_TRUE(with(mint, kService, "service-secret").result);
  EXPECT_EQ(code_of(with(mint, kService, "service-secret")), OAuthCode::slow_down);
  EXPECT_EQ(mint.events.reasons.back(), RefusalReason::client_rate);
  mint.now += 1s;
  EXPECT_TRUE(with(mint, kService, "service-secret").result);
}

TEST(Limits, AreOffByDefault) {
  Mint mint;
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(with(mint, kService, "service-secret").result);
}

TEST(RequestBuckets, AnEmptyOneIsNotTradedForAFreshOne) {
  RequestBuckets buckets;
  const Instant now = from_unix_ms(1'800'000'000'000);
  const RequestRate rate{.per_minute = 1, .burst = 3};
  for (int i = 0; i < 3; ++i)
    ASSERT_FALSE(buckets.take("mallory", rate, now));
  for (int i = 0; i < 200'000; ++i)
    (void)buckets.take("other" + std::to_string(i), rate, now);
  EXPECT_EQ(buckets.take("mallory", rate, now), Duration(1min));
}

}  // namespace
}  // namespace mintmark::oauth::testing
