#include "mintmark/ops/event_counters.hpp"

#include <thread>

#include "metrics_fixture.hpp"

namespace mintmark::ops::testing {
namespace {

using namespace std::chrono_literals;
using http::Method;
using http::Route;
using oauth::GrantType;
using oauth::OAuthCode;

http::ServedRequest served(Method method, Route route, unsigned status,
                           std::chrono::microseconds duration = std::chrono::microseconds(700)) {
  return {.method = method,
          .route = route,
          .status = status,
          .duration = duration,
          .answer_bytes = 100,
          .request_id = "request-1",
          .remote_address = "192.0.2.7",
          .error = {}};
}

class EventCountersTest : public MetricsTest {
 protected:
  void refuse(OAuthCode code, std::optional<GrantType> grant) {
    const oauth::OAuthError error{code, "no"};
    counters.token_refused({.error = error, .grant = grant, .client = nullptr},
                           {.request_id = {}, .remote_address = {}, .now = now});
  }
};

TEST_F(EventCountersTest, RequestsAreCountedByRouteMethodAndStatus) {
  counters.request_served(served(Method::get, Route::jwks, 304));
  counters.request_served(served(Method::get, Route::jwks, 304));
  counters.request_served(served(Method::head, Route::jwks, 200));
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="jwks",method="GET",code="304"})"), "2");
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="jwks",method="HEAD",code="200"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_http_response_bytes_total{route="jwks"})"), "300");
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="token",method="POST",code="200"})"), "absent");
}

TEST_F(EventCountersTest, EveryRouteAndMethodHasItsOwnSeries) {
  for (std::size_t route = 0; route <= static_cast<std::size_t>(Route::other); ++route) {
    for (std::size_t method = 0; method <= static_cast<std::size_t>(Method::other); ++method) {
      counters.request_served(served(static_cast<Method>(method), static_cast<Route>(route), 405));
      EXPECT_EQ(sample("mintmark_http_requests_total{route=\"" + std::string(http::name(static_cast<Route>(route))) +
                       "\",method=\"" + std::string(http::name(static_cast<Method>(method))) + "\",code=\"405\"}"),
                "1");
    }
  }
}

TEST_F(EventCountersTest, AStatusThatNobodyAnswersHasOneNameForAll) {
  for (unsigned status = 0; status < 2000; ++status)
    counters.request_served(served(Method::get, Route::other, status));
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="other",method="GET",code="404"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="other",method="GET",code="other"})"), "1980");
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="other",method="GET",code="1999"})"), "absent");
}

// A bound is the last value of its bucket, as Prometheus has it.
TEST_F(EventCountersTest, DurationsFallIntoTheirBuckets) {
  for (const auto duration : {0us, 100us, 101us, 250us, 10'000'000us, 10'000'001us, -5us}) {
    counters.request_served(served(Method::get, Route::health, 200, duration));
  }
  const std::string name = "mintmark_http_request_duration_seconds";
  EXPECT_EQ(sample(name + R"(_bucket{route="health",le="0.0001"})"), "3");
  EXPECT_EQ(sample(name + R"(_bucket{route="health",le="0.00025"})"), "5");
  EXPECT_EQ(sample(name + R"(_bucket{route="health",le="5"})"), "5");
  EXPECT_EQ(sample(name + R"(_bucket{route="health",le="10"})"), "6");
  EXPECT_EQ(sample(name + R"(_bucket{route="health",le="+Inf"})"), "7");
  EXPECT_EQ(sample(name + R"(_count{route="health"})"), "7");
  EXPECT_NEAR(std::stod(sample(name + R"(_sum{route="health"})")), 20.000452, 1e-5);
}

TEST_F(EventCountersTest, TokenRequestsAreTimedByGrant) {
  http::ServedRequest request = served(Method::post, Route::token, 200);
  request.grant = GrantType::client_credentials;
  counters.request_served(request);
  request.grant = std::nullopt;
  counters.request_served(request);
  counters.request_served(served(Method::options, Route::token, 204));
  const std::string name = "mintmark_token_request_duration_seconds_count";
  EXPECT_EQ(sample(name + R"({grant="client_credentials"})"), "1");
  EXPECT_EQ(sample(name + R"({grant="none"})"), "1");
  EXPECT_EQ(sample(name + R"({grant="password"})"), "0");
}

TEST_F(EventCountersTest, RefusalsHaveAReason) {
  const auto refused = [&](Route route, unsigned status, OAuthCode code) {
    http::ServedRequest request = served(Method::post, route, status);
    request.error = code;
    counters.request_served(request);
  };
  refused(Route::token, 401, OAuthCode::invalid_client);
  refused(Route::token, 400, OAuthCode::invalid_request);
  refused(Route::token, 415, OAuthCode::invalid_request);
  refused(Route::other, 404, OAuthCode::invalid_request);
  refused(Route::other, 431, OAuthCode::invalid_request);
  EXPECT_EQ(sample(R"(mintmark_refusals_total{route="token",reason="invalid_client"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_refusals_total{route="token",reason="invalid_request"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_refusals_total{route="token",reason="unsupported_media"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_refusals_total{route="other",reason="not_found"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_refusals_total{route="other",reason="head_too_large"})"), "1");
}

TEST_F(EventCountersTest, RefusedTokensAreCountedByGrantAndError) {
  refuse(OAuthCode::invalid_grant, GrantType::refresh_token);
  refuse(OAuthCode::server_error, std::nullopt);
  EXPECT_EQ(sample(R"(mintmark_token_requests_total{grant="refresh_token",result="invalid_grant",alg="none"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_token_requests_total{grant="none",result="server_error",alg="none"})"), "1");
}

TEST_F(EventCountersTest, WhatIsRareIsThereBeforeItHappens) {
  EXPECT_EQ(sample("mintmark_refresh_reuses_total"), "0") << "an increase from nothing to one is none";
  counters.refresh_reused({}, {.request_id = {}, .remote_address = {}, .now = now});
  EXPECT_EQ(sample("mintmark_refresh_reuses_total"), "1");
  EXPECT_EQ(sample(R"(mintmark_http_refused_connections_total{reason="too_many_of_source"})"), "0");
  counters.connection_refused(http::ConnectionRefusal::too_many_of_source, "192.0.2.7");
  EXPECT_EQ(sample(R"(mintmark_http_refused_connections_total{reason="too_many_of_source"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_server_problems_total{kind="unavailable"})"), "0");
  counters.server_problem("request-1", unavailable("too many open files"));
  EXPECT_EQ(sample(R"(mintmark_server_problems_total{kind="unavailable"})"), "1");
}

TEST_F(EventCountersTest, KeysAndFetchesAreCounted) {
  const keys::KeyRecord record;
  counters.key_created(record);
  counters.key_activated(record);
  counters.key_activated(record);
  counters.key_revoked(record);
  counters.key_removed(record);
  EXPECT_EQ(sample(R"(mintmark_key_events_total{event="created"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_key_events_total{event="activated"})"), "2");
  EXPECT_EQ(sample(R"(mintmark_key_events_total{event="revoked"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_key_events_total{event="removed"})"), "1");
  const oauth::Recipient recipient{"https://api.example.com/jwks.json", jose::KeyManagement::ECDH_ES};
  counters.recipient_key_fetched(recipient, KeyId("k"));
  counters.recipient_key_not_fetched(recipient, unavailable("no connection"), std::nullopt);
  counters.recipient_key_not_fetched(recipient, unavailable("no connection"), 5min);
  EXPECT_EQ(sample(R"(mintmark_recipient_key_fetches_total{result="ok"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_recipient_key_fetches_total{result="unavailable"})"), "2");
  counters.verification_keys_fetched("https://app.example.com/jwks.json", 2);
  counters.verification_keys_not_fetched("https://app.example.com/jwks.json", invalid("no keys"), 5min);
  EXPECT_EQ(sample(R"(mintmark_verification_key_fetches_total{result="ok"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_verification_key_fetches_total{result="invalid"})"), "1");
}

TEST_F(EventCountersTest, ARefusedConfigurationShowsAndTheTimeOfTheLastGoodOneStays) {
  counters.config_reloaded(ReloadTrigger::start, "", from_unix_ms(1'800'000'000'500));
  counters.config_refused(ReloadTrigger::file, invalid("x"), from_unix_ms(1'800'000'100'000));
  EXPECT_EQ(sample("mintmark_config_last_reload_successful"), "0");
  EXPECT_EQ(std::stod(sample("mintmark_config_last_reload_success_timestamp_seconds")), 1'800'000'000.5);
  EXPECT_EQ(sample(R"(mintmark_config_reloads_total{result="success"})"), "1");
  EXPECT_EQ(sample(R"(mintmark_config_reloads_total{result="failure"})"), "1");
  counters.config_reloaded(ReloadTrigger::start, "", from_unix_ms(1'800'000'200'000));
  EXPECT_EQ(sample("mintmark_config_last_reload_successful"), "1");
}

TEST_F(EventCountersTest, NothingIsLostBetweenThreads) {
  constexpr int kThreads = 20;  // more than there are shards
  constexpr int kEach = 1000;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < kEach; ++j)
          counters.request_served(served(Method::get, Route::health, 200));
      });
    }
  }
  EXPECT_EQ(sample(R"(mintmark_http_requests_total{route="health",method="GET",code="200"})"), "20000");
  EXPECT_EQ(sample(R"(mintmark_http_request_duration_seconds_count{route="health"})"), "20000");
}

// Demand 17: scanner URLs must not become labels.
TEST_F(EventCountersTest, WhatClientsWriteBecomesNoLabel) {
  const auto serve_all = [&](const std::string& text) {
    http::ServedRequest request = served(Method::other, Route::other, 404);
    request.request_id = text;
    request.remote_address = text;
    request.trace = {text, text};
    request.error = OAuthCode::invalid_request;
    counters.request_served(request);
    counters.server_problem(text, corrupt(text));
    counters.connection_refused(http::ConnectionRefusal::too_many, text);
    counters.recipient_key_not_fetched({text, jose::KeyManagement::dir}, invalid(text), std::nullopt);
    refuse(OAuthCode::unsupported_grant_type, std::nullopt);
  };
  serve_all("first");
  const std::set<std::string> before = series();
  for (int i = 0; i < 1000; ++i)
    serve_all("canary-" + std::to_string(i) + "\"}\n\\");
  EXPECT_EQ(series(), before);
  EXPECT_EQ(metrics_.render_metrics().find("canary"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::ops::testing
