// How the real binary starts, refuses to start, and stops.

#include <gtest/gtest.h>
#include <signal.h>

#include <set>
#include <thread>

#include "integration/service_process.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::testing {
namespace {

std::set<std::string> files_of(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

/// One line on standard error that names `what`; exit code not 0; nothing new on disk.
void expect_refusal(const MintConfig& config, const std::string& what) {
  const std::set<std::string> before = files_of(config.folder().path());
  const ProcessResult result = run_mintmark({.arguments = {"serve", "--config", config.write().string()}});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(result.standard_output, "");
  EXPECT_TRUE(result.standard_error.starts_with("mintmark: ")) << result.standard_error;
  EXPECT_EQ(std::count(result.standard_error.begin(), result.standard_error.end(), '\n'), 1) << result.standard_error;
  EXPECT_NE(result.standard_error.find(what), std::string::npos) << result.standard_error;
  std::set<std::string> after = files_of(config.folder().path());
  after.erase("mintmark.json");
  std::set<std::string> expected = before;
  expected.erase("mintmark.json");
  EXPECT_EQ(after, expected);
}

TEST(Start, AMissingSealingKeyIsNamed) {
  MintConfig config;
  config.document["sealing_key_file"] = "nowhere.key";
  expect_refusal(config, "nowhere.key");
}

TEST(Start, ASealingKeyThatIsNoneIsNamed) {
  MintConfig config;
  config.folder().write("sealing.key", "c2hvcnQ=\n");
  expect_refusal(config, "sealing.key");
}

TEST(Start, AnotherSealingKeyIsRefusedAndChangesNothing) {
  MintConfig config;
  { ServiceProcess service(config); }
  config.folder().write("sealing.key", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
  const auto before = storage::open_sqlite({.path = config.database()}).value()->keys().load_keys().value();
  expect_refusal(config, "sealing key");
  const auto after = storage::open_sqlite({.path = config.database()}).value()->keys().load_keys().value();
  EXPECT_EQ(before.version, after.version);
}

TEST(Start, AFileThatIsNoDatabaseIsNamed) {
  MintConfig config;
  config.folder().write("mint.db", std::string(8192, 'x'));
  expect_refusal(config, "mint.db");
  EXPECT_EQ(read_all(config.database()), std::string(8192, 'x'));
}

TEST(Start, ADatabaseCutInHalfIsNamed) {
  MintConfig config;
  {
    ServiceProcess service(config);
    service.process().signal(SIGTERM);
    ASSERT_EQ(service.process().wait(std::chrono::seconds(20)), 0);
  }
  std::filesystem::resize_file(config.database(), std::filesystem::file_size(config.database()) / 2);
  expect_refusal(config, "mint.db");
}

TEST(Start, APortInUseIsNamed) {
  MintConfig config;
  ServiceProcess service(config);
  MintConfig second;
  second.document["server"]["port"] = service.port();
  expect_refusal(second, "127.0.0.1:" + std::to_string(service.port()));
}

TEST(Start, AnUnknownKeyOfTheConfigurationIsNamedWithItsPath) {
  MintConfig config;
  config.document["server"]["prot"] = 1;
  expect_refusal(config, "server.prot");
}

TEST(Start, SeveralProcessesOnOneEmptyStoreEndWithOneSetOfKeys) {
  constexpr int kProcesses = 4;
  MintConfig config;
  std::vector<std::string> key_sets(kProcesses);
  std::vector<std::unique_ptr<BackgroundProcess>> processes;
  std::vector<std::uint16_t> ports;
  config.write();
  for (int i = 0; i < kProcesses; ++i) {
    ports.push_back(free_port());
    processes.push_back(std::make_unique<BackgroundProcess>(
        ProcessOptions{.arguments = {"serve", "--config", config.file().string()},
                       .environment = {{"MINTMARK_SERVER_PORT", std::to_string(ports.back())}}},
        config.folder().path()));
  }
  for (int i = 0; i < kProcesses; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (key_sets[at].empty() && std::chrono::steady_clock::now() < end) {
      try {
        key_sets[at] = HttpClient(ports[at]).get("/.well-known/jwks.json").body;
      } catch (const std::runtime_error&) {
        ASSERT_FALSE(processes[at]->wait(std::chrono::seconds(0))) << processes[at]->standard_error();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // polling another process
      }
    }
  }
  EXPECT_FALSE(key_sets[0].empty());
  EXPECT_EQ(std::set<std::string>(key_sets.begin(), key_sets.end()).size(), 1u);
}

TEST(Stop, SigtermDrainsAndExitsWithZero) {
  MintConfig config;
  ServiceProcess service(config);
  HttpClient half_sent(service.port());
  half_sent.send(
      "POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: "
      "32\r\n\r\n");
  HttpClient idle(service.port());
  EXPECT_EQ(idle.get("/readyz").status, 200);
  service.process().signal(SIGTERM);
  EXPECT_TRUE(idle.at_end()) << "idle connections are closed at once";
  half_sent.send("grant_type=password&client_id=ap");
  EXPECT_EQ(half_sent.receive().status, 401) << "what had begun is answered";
  EXPECT_EQ(service.process().wait(std::chrono::seconds(20)), 0);
}

TEST(Stop, ASecondSignalEndsAtOnce) {
  MintConfig config;
  config.document["server"]["request_deadline"] = "5m";
  config.document["server"]["drain_time"] = "5m";
  ServiceProcess service(config);
  HttpClient half_sent(service.port());
  half_sent.send("POST /token HTTP/1.1\r\nHost: a\r\nContent-Length: 32\r\n\r\n");
  HttpClient idle(service.port());
  EXPECT_EQ(idle.get("/healthz").status, 200);
  service.process().signal(SIGTERM);
  EXPECT_TRUE(idle.at_end()) << "the first signal has been seen";
  EXPECT_FALSE(service.process().wait(std::chrono::seconds(0)));
  service.process().signal(SIGTERM);
  EXPECT_TRUE(service.process().wait(std::chrono::seconds(20)));
}

TEST(Changes, ARunningServerSeesWhatACommandChangesWithinTwoSeconds) {
  MintConfig config;
  ServiceProcess service(config);
  const ProcessResult added = run_command(config, {"client", "add", "late", "--grant", "client_credentials",
                                                   "--resource", kApi, "--scope", "read", "--json"});
  ASSERT_EQ(added.exit_code, 0) << added.standard_error;
  const std::string secret = parse_json(added.standard_output).value().at("client_secret");
  const HttpFields ask{{"grant_type", "client_credentials"}, {"client_id", "late"}, {"client_secret", secret}};
  EXPECT_EQ(service.token(ask).status, 200) << "an unknown client is always looked up";

  ASSERT_EQ(run_command(config, {"client", "disable", "late"}).exit_code, 0);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  while (service.token(ask).status == 200 && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // polling another process
  }
  EXPECT_EQ(service.token(ask).error(), "unauthorized_client");
}

}  // namespace
}  // namespace mintmark::testing
