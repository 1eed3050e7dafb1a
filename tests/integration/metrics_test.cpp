// What the whole service says of itself after real requests.

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <sstream>

#include "integration/mint_server.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

/// The value of one series; "absent" where it is not there.
std::string sample(MintServer& mint, const std::string& series) {
  std::istringstream page(mint.metrics());
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(series + ' ')) return line.substr(series.size() + 1);
  }
  return "absent";
}

/// A request is counted when its answer has been sent, which its client may see earlier.
std::string wait_for_sample(MintServer& mint, const std::string& series, const std::string& expected) {
  std::string found;
  (void)eventually([&] {
    found = sample(mint, series);
    return found == expected;
  });
  return found;
}

std::set<std::string> series_of(MintServer& mint) {
  std::set<std::string> found;
  std::istringstream page(mint.metrics());
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with('#')) found.insert(line.substr(0, line.rfind(' ')));
  }
  return found;
}

TEST(Metrics, CountWhatIsIssuedAndRefused) {
  MintServer mint;
  ASSERT_EQ(mint.client_credentials().status, 200);
  const HttpAnswer login = mint.login();
  ASSERT_EQ(login.status, 200);
  const std::string refresh_token = login.json()["refresh_token"];
  ASSERT_EQ(mint.refresh(refresh_token).status, 200);
  mint.clock.advance(std::chrono::minutes(5));
  ASSERT_EQ(mint.refresh(refresh_token).status, 400) << "after its grace";
  ASSERT_EQ(
      mint.token({{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", "wrong"}}).status,
      401);
  const auto expect = [&](const std::string& series, const std::string& value) {
    EXPECT_EQ(wait_for_sample(mint, series, value), value) << series;
  };
  expect(R"(mintmark_http_requests_total{route="token",method="POST",code="200"})", "3");
  expect(R"(mintmark_token_requests_total{grant="client_credentials",result="ok",alg="ES256"})", "1");
  expect(R"(mintmark_token_requests_total{grant="password",result="ok",alg="ES256"})", "1");
  expect(R"(mintmark_token_requests_total{grant="refresh_token",result="ok",alg="ES256"})", "1");
  expect(R"(mintmark_token_requests_total{grant="refresh_token",result="invalid_grant",alg="none"})", "1");
  expect(R"(mintmark_token_requests_total{grant="none",result="invalid_client",alg="none"})", "1");
  expect(R"(mintmark_token_request_duration_seconds_count{grant="password"})", "1");
  expect(R"(mintmark_token_request_duration_seconds_count{grant="refresh_token"})", "2");
  expect(R"(mintmark_refusals_total{route="token",reason="invalid_client"})", "1");
  expect("mintmark_refresh_reuses_total", "1");
  expect("mintmark_password_hash_duration_seconds_count", "2");  // one at the start, to compare unknown names with
  expect("mintmark_ready", "1");
  expect(R"(mintmark_key_available{alg="ES256"})", "1");
  expect(R"(mintmark_keys{purpose="resource_secret",alg="HS256",state="active"})", "1");
  expect(R"(mintmark_storage_rows{table="signing_keys"})", "3");  // ES256, the secret of kHmacApi, the refresh key
  expect(R"(mintmark_config_reloads_total{result="success"})", "1");
}

// Demand 17: scanner URLs must not become labels.
TEST(Metrics, HostileRequestsAddNoSeries) {
  MintServer mint;
  const auto attack = [&](const std::string& mark) {
    HttpClient client(mint.port());
    client.get("/" + mark + "/wp-login.php?" + mark, {{"User-Agent", mark}, {"traceparent", mark}});
    client.request(mark, "/token");
    client.post_form("/token", {{"grant_type", mark}, {"client_id", mark}, {"client_secret", mark}});
    client.post_form("/token", {{"grant_type", mark}},
                     {{"Authorization", basic_authorization("service", kServiceSecret)}, {"Origin", mark}});
    client.post_form("/token", {{"grant_type", "client_credentials"}, {"resource", mark}, {"scope", mark}},
                     {{"Authorization", basic_authorization("service", kServiceSecret)}});
    client.post_json("/token", {{"username", mark}, {"password", mark}});
    HttpClient(mint.port()).send(mark + "\r\n\r\n");
  };
  attack("CANARY");
  // The connection that was only sent to is counted when the server has read it.
  const auto bad_requests = R"(mintmark_http_requests_total{route="other",method="OTHER",code="400"})";
  wait_for_sample(mint, bad_requests, "1");
  wait_for_sample(mint, R"(mintmark_storage_rows{table="signing_keys"})", "3");
  const std::set<std::string> before = series_of(mint);
  for (int i = 0; i < 20; ++i)
    attack("CANARY" + std::string(static_cast<std::size_t>(i) + 1, 'X'));
  EXPECT_EQ(series_of(mint), before);
  EXPECT_EQ(mint.metrics().find("CANARY"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::testing
