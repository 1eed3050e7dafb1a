#include "mintmark/ops/event_log.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "mintmark/ops/fan_out.hpp"

namespace mintmark::ops {
namespace {

class EventLogTest : public testing::Test {
 protected:
  Json last_line() {
    const std::string written = out_.str();
    out_.str({});
    return Json::parse(written, nullptr, false);
  }

  std::ostringstream out_;
  Log log_{{.format = LogFormat::json, .level = LogLevel::debug}, out_};
};

TEST_F(EventLogTest, EachRequestIsOneLineWithItsId) {
  RequestLog requests(log_);
  requests.request_served({.method = http::Method::post,
                           .route = http::Route::token,
                           .status = 401,
                           .duration = std::chrono::microseconds(1500),
                           .answer_bytes = 321,
                           .complete = false,
                           .request_id = "r-1",
                           .remote_address = "192.0.2.7",
                           .error = oauth::OAuthCode::invalid_client,
                           .trace = {"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"}});
  Json line = last_line();
  EXPECT_EQ(line["event"], "request");
  EXPECT_EQ(line["id"], "r-1");
  EXPECT_EQ(line["remote"], "192.0.2.7");
  EXPECT_EQ(line["method"], "POST");
  EXPECT_EQ(line["route"], "token");
  EXPECT_EQ(line["status"], 401);
  EXPECT_EQ(line["error"], "invalid_client");
  EXPECT_EQ(line["duration_us"], 1500);
  EXPECT_EQ(line["bytes"], 321);
  EXPECT_EQ(line["complete"], false);
  EXPECT_EQ(line["trace_id"], "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(line["parent_id"], "00f067aa0ba902b7");
}

TEST_F(EventLogTest, ServerProblemIsAnError) {
  RequestLog requests(log_);
  requests.server_problem("r-2", unavailable("too many open files"));
  const Json line = last_line();
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["id"], "r-2");
  EXPECT_EQ(line["detail"], "too many open files");
}

TEST_F(EventLogTest, RefusalSaysWhyAndWho) {
  TokenLog tokens(log_);
  const oauth::OAuthError error{oauth::OAuthCode::server_error, "something went wrong", std::nullopt,
                                corrupt("row of client x")};
  oauth::Client client;
  client.id = ClientId("demo");
  tokens.token_refused({.error = error, .grant = oauth::GrantType::password, .client = &client},
                       {.request_id = "r-3", .remote_address = "192.0.2.7", .now = {}});
  const Json line = last_line();
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["error"], "server_error");
  EXPECT_EQ(line["description"], "something went wrong");
  EXPECT_EQ(line["grant"], "password");
  EXPECT_EQ(line["client"], "demo");
  EXPECT_EQ(line["cause"], "row of client x");
  EXPECT_EQ(line["trace_id"], "-");
  EXPECT_EQ(line["parent_id"], "-");
}

TEST_F(EventLogTest, RefusalOfNobodyKnown) {
  TokenLog tokens(log_);
  const oauth::OAuthError error{oauth::OAuthCode::invalid_client, "unknown client"};
  tokens.token_refused({.error = error, .grant = std::nullopt, .client = nullptr},
                       {.request_id = "r-4", .remote_address = "::1", .now = {}});
  const Json line = last_line();
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["client"], "-");
  EXPECT_EQ(line["grant"], "-");
}

TEST_F(EventLogTest, KeyEventsNameTheKeyAndNothingSecret) {
  KeyLog keys(log_);
  keys::KeyRecord record;
  record.kid = KeyId("kid-1");
  record.purpose = keys::KeyPurpose::resource_secret;
  record.alg = jose::Alg::HS256;
  record.resource = ResourceId("https://api.example.com");
  record.sealed = {0x73, 0x65, 0x61, 0x6c};
  keys.key_revoked(record);
  const Json line = last_line();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "key revoked");
  EXPECT_EQ(line["kid"], "kid-1");
  EXPECT_EQ(line["alg"], "HS256");
  EXPECT_EQ(line["resource"], "https://api.example.com");
  EXPECT_EQ(line.dump().find("seal"), std::string::npos);
}

TEST_F(EventLogTest, AFetchThatFailedSaysHowOldTheKeyInUseIs) {
  RecipientKeyLog recipients(log_);
  const oauth::Recipient recipient{"https://api.example.com/jwks.json", jose::KeyManagement::ECDH_ES};
  recipients.recipient_key_not_fetched(recipient, unavailable("no connection"), std::chrono::minutes(90));
  Json line = last_line();
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["event"], "recipient key not fetched");
  EXPECT_EQ(line["url"], "https://api.example.com/jwks.json");
  EXPECT_EQ(line["alg"], "ECDH-ES");
  EXPECT_EQ(line["detail"], "no connection");
  EXPECT_EQ(line["age_s"], 5400);
  recipients.recipient_key_not_fetched(recipient, unavailable("no connection"), std::nullopt);
  EXPECT_EQ(last_line()["age_s"], "-");
  recipients.recipient_key_fetched(recipient, KeyId("api-1"));
  line = last_line();
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["event"], "recipient key fetched");
  EXPECT_EQ(line["kid"], "api-1");
}

TEST_F(EventLogTest, AReloadSaysWhatItChangedOrWhyItWasRefused) {
  ConfigLog config(log_);
  ConfigEventsFan fan({&config});
  fan.config_reloaded(ReloadTrigger::file, "log.level,clients", Instant());
  Json line = last_line();
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["event"], "configuration reloaded");
  EXPECT_EQ(line["trigger"], "file");
  EXPECT_EQ(line["changed"], "log.level,clients");
  fan.config_refused(ReloadTrigger::signal, invalid("mintmark.json: colour: is not known here"), Instant());
  line = last_line();
  EXPECT_EQ(line["level"], "error");
  EXPECT_EQ(line["event"], "configuration refused, the old one stays in force");
  EXPECT_EQ(line["trigger"], "signal");
  EXPECT_EQ(line["kind"], "invalid");
  EXPECT_EQ(line["detail"], "mintmark.json: colour: is not known here");
}

TEST_F(EventLogTest, SaysWhenTheOldSealingKeyIsNotNeeded) {
  KeyLog keys(log_);
  KeyEventsFan fan({&keys});
  fan.sealing_completed(7);
  const Json line = last_line();
  EXPECT_EQ(line["event"], "every stored key is under the first sealing key, the others can be removed");
  EXPECT_EQ(line["resealed"], 7);
}

}  // namespace
}  // namespace mintmark::ops
