// backup and restore with the real binary: under load, into an empty folder, and what is in the file.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "integration/mint_server.hpp"
#include "integration/service_process.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::testing {
namespace {

const HttpFields kLogin{
    {"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}};

HttpAnswer refresh(ServiceProcess& service, const std::string& token) {
  return service.token({{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", token}});
}

void stop(ServiceProcess& service) {
  service.process().signal(SIGTERM);
  EXPECT_EQ(service.process().wait(std::chrono::seconds(20)), 0);
}

void remove_store(const MintConfig& config) {
  for (const char* suffix : {"", "-wal", "-shm"})
    std::filesystem::remove(config.database().string() + suffix);
}

Result<jose::VerifiedJwt> verify(const std::string& token, const HttpAnswer& jwks) {
  jose::JwtExpectation expectation;
  expectation.issuer = kIssuer;
  expectation.audience = kApi;
  expectation.typ = "at+jwt";
  expectation.now = SystemClock().now();
  return jose::verify_jwt(token, keys_of(jwks), expectation);
}

TEST(Backup, UnderLoadThenRestoredIntoAnEmptyFolderOldTokensVerifyAndSessionsHaveEnded) {
  MintConfig config;
  const std::string file = (config.folder() / "backup.db").string();
  std::string access;
  std::string session;
  {
    ServiceProcess service(config);
    const Json login = service.token(kLogin).json();
    access = login.at("access_token");
    session = login.at("refresh_token");
    std::atomic<bool> done{false};
    std::atomic<int> refreshed{0};
    std::vector<std::jthread> load;
    for (int i = 0; i < 2; ++i) {
      load.emplace_back([&] {
        std::string token = service.token(kLogin).json().at("refresh_token");
        while (!done) {
          const HttpAnswer answer = refresh(service, token);
          ASSERT_EQ(answer.status, 200) << answer.raw;
          token = answer.json().at("refresh_token");
          ++refreshed;
        }
      });
    }
    for (int round = 0; round < 3; ++round) {
      const int before = refreshed;
      const ProcessResult made = run_command(config, {"backup", "--force", file});
      EXPECT_EQ(made.exit_code, 0) << made.standard_error;
      while (refreshed == before)
        std::this_thread::yield();
    }
    done = true;
    load.clear();
    const ProcessResult refused = run_command(config, {"restore", "--force", file});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_NE(refused.standard_error.find("stop it first"), std::string::npos) << refused.standard_error;
    EXPECT_EQ(refresh(service, session).status, 200) << "which was no harm";
    stop(service);
  }
  remove_store(config);
  const ProcessResult restored = run_command(config, {"restore", file});
  ASSERT_EQ(restored.exit_code, 0) << restored.standard_error;
  EXPECT_NE(restored.standard_output.find("sessions: 3 ended"), std::string::npos) << restored.standard_output;
  ServiceProcess service(config);
  EXPECT_TRUE(verify(access, HttpClient(service.port()).get("/.well-known/jwks.json")));
  EXPECT_EQ(refresh(service, session).error(), "invalid_grant") << "which was used since the backup";
  const HttpAnswer again = service.token(kLogin);
  ASSERT_EQ(again.status, 200) << again.raw;
  EXPECT_EQ(refresh(service, again.json().at("refresh_token")).status, 200);
}

TEST(Backup, MovesAServiceWithItsSessionsWhereItIsToldTo) {
  MintConfig config;
  const std::string file = (config.folder() / "backup.db").string();
  std::string session;
  {
    ServiceProcess service(config);
    session = service.token(kLogin).json().at("refresh_token");
    stop(service);
  }
  ASSERT_EQ(run_command(config, {"backup", file}).exit_code, 0);
  remove_store(config);
  ASSERT_EQ(run_command(config, {"restore", "--keep-sessions", file}).exit_code, 0);
  ServiceProcess service(config);
  EXPECT_EQ(refresh(service, session).status, 200);
}

TEST(Backup, HoldsNoSecret) {
  MintConfig config;
  const std::string hmac_secret = "hmac-canary-with-at-least-32-bytes-in-it";
  config.folder().write("hmac.secret", hmac_secret);
  config.document["resources"][1]["secret_file"] = "hmac.secret";
  const std::string file = (config.folder() / "backup.db").string();
  ServiceProcess service(config);
  const std::string session = service.token(kLogin).json().at("refresh_token");
  const ProcessResult added =
      run_command(config, {"client", "add", "late", "--grant", "client_credentials", "--resource", kApi, "--json"});
  ASSERT_EQ(added.exit_code, 0) << added.standard_error;
  const std::string secret = parse_json(added.standard_output).value().at("client_secret");
  ASSERT_EQ(run_command(config, {"backup", file}).exit_code, 0);
  const std::string content = read_all(file);
  ASSERT_NE(content.find("late"), std::string::npos);
  const Bytes sealing_key = decode_base64(read_all(config.folder() / "sealing.key").substr(0, 44)).value();
  for (const std::string& canary :
       {hmac_secret, session, secret, std::string(kPassword), std::string(as_text(sealing_key))}) {
    EXPECT_EQ(content.find(canary), std::string::npos);
    EXPECT_EQ(content.find(encode_base64url(as_bytes(canary))), std::string::npos);
  }
  for (const char* const name : {"\"d\"", "PRIVATE KEY"})
    EXPECT_EQ(content.find(name), std::string::npos) << name;
}

}  // namespace
}  // namespace mintmark::testing
