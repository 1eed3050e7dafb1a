// Invariant 6: secrets planted everywhere, and every byte that the service writes searched for them.

#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>

#include "integration/service_process.hpp"
#include "mintmark/base/base64.hpp"

namespace mintmark::testing {
namespace {

/// As it is, and as somebody could have spelt it.
bool contains_secret(std::string_view haystack, std::string_view secret) {
  return haystack.find(secret) != std::string_view::npos ||
         haystack.find(encode_base64url(as_bytes(secret))) != std::string_view::npos ||
         haystack.find(to_hex(as_bytes(secret))) != std::string_view::npos;
}

TEST(Canary, NoSecretIsEverWrittenAnywhere) {
  MintConfig config;
  config.document["log"] = {{"format", "text"}, {"level", "debug"}};
  config.document["audit"] = {{"output", "file"}, {"file", "audit.log"}};
  std::vector<std::string> secrets{kServiceSecret, kPassword};
  const std::string sealing_key = read_all(config.folder() / "sealing.key").substr(0, 44);
  secrets.push_back(sealing_key.substr(0, 40));
  const Bytes sealing_bytes = decode_base64(sealing_key).value();
  secrets.emplace_back(as_text(sealing_bytes));
  const std::string hmac_secret = "hmac-canary-with-at-least-32-bytes-in-it";
  config.folder().write("hmac.secret", hmac_secret);
  config.document["resources"][1]["secret_file"] = "hmac.secret";
  secrets.push_back(hmac_secret);
  std::string answers;
  ServiceProcess service(config);
  HttpClient client(service.port());

  const HttpAnswer login = client.post_form(
      "/token", {{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}});
  ASSERT_EQ(login.status, 200) << login.raw;
  secrets.push_back(login.json().at("refresh_token"));
  secrets.push_back(login.json().at("access_token"));
  const HttpAnswer refreshed =
      client.post_form("/token", {{"grant_type", "refresh_token"},
                                  {"client_id", "app"},
                                  {"refresh_token", login.json().at("refresh_token").get<std::string>()}});
  ASSERT_EQ(refreshed.status, 200);
  secrets.push_back(refreshed.json().at("refresh_token"));

  // Wrong fields, wrong methods, wrong places.
  const std::string stray = "stray-canary-0b5c7e21";
  secrets.push_back(stray);
  const HttpFields basic{{"Authorization", basic_authorization("service", stray)}};
  for (const HttpFields& form : std::vector<HttpFields>{
           {{"grant_type", "password"}, {"client_id", "app"}, {"username", stray}, {"password", stray}},
           {{"grant_type", stray}, {"client_id", "app"}, {"client_secret", stray}},
           {{"grant_type", "client_credentials"}, {"client_id", stray}, {"client_secret", stray}},
           {{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", stray}},
           {{"grant_type", "client_credentials"}, {"scope", stray}},
           {{stray, stray}}}) {
    answers += client.post_form("/token", form, basic).raw;
    answers += client.post_form("/token", form).raw;
  }
  answers += client
                 .post_form("/token", {{"grant_type", "client_credentials"}},
                            {{"Authorization", basic_authorization(stray, "service")}})
                 .raw;
  answers += client.get("/" + stray + "?x=" + stray).raw;
  answers += client.post_form("/token?password=" + stray, {}).raw;
  answers += client.post_json("/token", {{"username", "alice"}, {"password", stray}}).raw;
  answers += client.request("POST", "/token", {{"Content-Type", stray}}, stray).raw;
  answers += client.get("/healthz", {{"X-Request-Id", stray}, {"User-Agent", stray}, {"Cookie", stray}}).raw;

  const ProcessResult added = run_command(config, {"client", "secret", "add", "shop"});
  EXPECT_EQ(added.exit_code, 1) << "there is no such client";
  const ProcessResult created = run_command(config, {"client", "add", "shop", "--grant", "client_credentials",
                                                     "--resource", kApi, "--scope", "read", "--json"});
  ASSERT_EQ(created.exit_code, 0) << created.standard_error;
  secrets.push_back(parse_json(created.standard_output).value().at("client_secret"));
  const ProcessResult user =
      run_command(config, {"user", "add", "carol", "--password-file", "-"}, "carols-canary-password\n");
  ASSERT_EQ(user.exit_code, 0) << user.standard_error;
  secrets.emplace_back("carols-canary-password");

  const ProcessResult listing = run_command(config, {"config", "show"});
  ASSERT_EQ(listing.exit_code, 0) << listing.standard_error;
  const ProcessResult keys = run_command(config, {"key", "list", "--json"});
  ASSERT_EQ(keys.exit_code, 0) << keys.standard_error;
  answers += listing.standard_output + listing.standard_error + keys.standard_output + keys.standard_error;

  service.process().signal(SIGTERM);
  ASSERT_EQ(service.process().wait(std::chrono::seconds(20)), 0);
  std::string written = service.process().standard_output() + service.process().standard_error();
  EXPECT_NE(written.find("token issued"), std::string::npos) << "the log is on";
  const std::string audit = read_all(config.folder() / "audit.log");
  EXPECT_NE(audit.find("token.issued"), std::string::npos) << "the audit stream is searched too";
  EXPECT_NE(audit.find("client.create"), std::string::npos);
  written += audit;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    const std::string file = config.database().string() + suffix;
    if (std::filesystem::exists(file)) written += read_all(file);
  }
  EXPECT_NE(written.find("SQLite format 3"), std::string::npos) << "the database is searched too";
  for (const std::string& secret : secrets) {
    EXPECT_FALSE(contains_secret(answers, secret)) << secret << " in an answer";
    EXPECT_FALSE(contains_secret(written, secret)) << secret << " in the log, the audit stream or the database";
  }
}

}  // namespace
}  // namespace mintmark::testing
