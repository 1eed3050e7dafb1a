// How the real binary starts, refuses to start, and stops.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <set>

#include "integration/service_process.hpp"
#include "mintmark/storage/storage.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

/// Names and contents.
std::map<std::string, std::string> files_of(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    files.emplace(entry.path().filename().string(), read_all(entry.path()));
  return files;
}

/// One line on standard error that names `what`; exit code not 0; nothing changed on disk.
void expect_refusal(const MintConfig& config, const std::string& what,
                    const std::vector<std::pair<int, rlim_t>>& limits = {}) {
  const std::filesystem::path file = config.write();
  const std::map<std::string, std::string> before = files_of(config.folder().path());
  const ProcessResult result = run_mintmark({.arguments = {"serve", "--config", file.string()}, .limits = limits});
  EXPECT_NE(result.exit_code, 0);
  EXPECT_EQ(result.standard_output, "");
  EXPECT_TRUE(result.standard_error.starts_with("mintmark: ")) << result.standard_error;
  EXPECT_EQ(std::count(result.standard_error.begin(), result.standard_error.end(), '\n'), 1) << result.standard_error;
  EXPECT_NE(result.standard_error.find(what), std::string::npos) << result.standard_error;
  EXPECT_TRUE(files_of(config.folder().path()) == before);
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

TEST(Start, AResourceThatIsNowhereIsNamed) {
  MintConfig config;
  config.document["clients"][0]["resources"] = {"https://nowhere.example.com"};
  expect_refusal(config, "https://nowhere.example.com");
}

TEST(Start, TooFewFilesAreNamedByTheSettingThatNeedsThem) {
  expect_refusal(MintConfig(), "server.max_connections", {{RLIMIT_NOFILE, 60}});
}

// The sanitizers take all room there is.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(Start, AThreadThatCannotBeStartedIsOneClearLine) {
  MintConfig config;
  { ServiceProcess service(config); }
  // Room for some of the threads and not for all.
  config.document["storage"]["threads"] = 256;
  const ProcessResult result = run_mintmark({.arguments = {"serve", "--config", config.write().string()},
                                             .limits = {{RLIMIT_STACK, 16 << 20U}, {RLIMIT_AS, 1U << 30U}}});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.standard_error,
            "mintmark: cannot start: a thread cannot be started: Resource temporarily unavailable\n");
}
#endif

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
    EXPECT_TRUE(eventually([&] {
      key_sets[at] = HttpClient(ports[at]).get("/.well-known/jwks.json").body;
      return !key_sets[at].empty();
    })) << processes[at]->standard_error();
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

/// Until it ends after a second signal, which is to be at once and not by a drain.
void expect_end_at_once(ServiceProcess& service) {
  const auto begin = std::chrono::steady_clock::now();
  service.process().signal(SIGTERM);
  EXPECT_EQ(service.process().wait(std::chrono::seconds(60)), 1);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2) * patience());
}

TEST(Stop, ASecondSignalEndsAtOnceWhateverRuns) {
  MintConfig config;
  config.document["server"]["request_deadline"] = "5m";
  config.document["server"]["drain_time"] = "5m";
  // Each login takes seconds, and they come one after the other.
  config.document["passwords"] = {
      {"memory_kib", 256 * 1024}, {"iterations", 16}, {"parallelism", 1}, {"memory_budget", "256MiB"}};
  ServiceProcess service(config);
  const std::string login = "grant_type=password&client_id=app&username=nobody&password=x";
  std::vector<std::unique_ptr<HttpClient>> logins;
  for (int i = 0; i < 8; ++i) {
    logins.push_back(std::make_unique<HttpClient>(service.port()));
    logins.back()->send(
        "POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: " +
        std::to_string(login.size()) + "\r\n\r\n" + login);
  }
  HttpClient idle(service.port());
  EXPECT_EQ(idle.get("/healthz").status, 200);
  service.process().signal(SIGTERM);
  EXPECT_TRUE(idle.at_end()) << "the first signal has been seen";
  EXPECT_FALSE(service.process().wait(std::chrono::seconds(0)));
  expect_end_at_once(service);
}

/// Standard error that has no room left once nobody reads it.
class FullPipe {
 public:
  explicit FullPipe(const TempDir& folder) : path_(folder / "stderr") {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    writer_ = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
  }
  FullPipe(const FullPipe&) = delete;
  FullPipe& operator=(const FullPipe&) = delete;
  ~FullPipe() {
    ::close(reader_);
    ::close(writer_);
  }

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Reads until `text` has been written.
  bool shows(const std::string& text) {
    char block[4096];
    pollfd waiting{reader_, POLLIN, 0};
    while (seen_.find(text) == std::string::npos) {
      if (::poll(&waiting, 1, 10'000) != 1) return false;
      const ssize_t size = ::read(reader_, block, sizeof block);
      if (size <= 0) return false;
      seen_.append(block, static_cast<std::size_t>(size));
    }
    return true;
  }
  void fill() const {
    const std::string block(4096, 'x');
    for (std::size_t size = block.size(); size > 0; size /= 2) {
      while (::write(writer_, block.data(), size) > 0) {
      }
    }
  }

 private:
  std::filesystem::path path_;
  int reader_ = -1;
  int writer_ = -1;
  std::string seen_;
};

/// Each network thread closes a listener of its own.
bool stops_listening(std::uint16_t port) {
  return eventually([&] {
    try {
      const HttpClient client(port);
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  });
}

TEST(Stop, ALogThatNobodyReadsKeepsNeitherSignalFromWorking) {
  MintConfig config;
  FullPipe pipe(config.folder());
  ServiceProcess service(config, pipe.path());
  HttpClient idle(service.port());
  EXPECT_EQ(idle.get("/readyz").status, 200);
  // The last lines before the signal: a request is logged after it has been answered, by a thread that would be stuck.
  EXPECT_TRUE(pipe.shows(R"("route":"health")"));
  EXPECT_TRUE(pipe.shows(R"("route":"readiness")"));
  pipe.fill();
  service.process().signal(SIGTERM);
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(stops_listening(service.port()));
  expect_end_at_once(service);
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
  EXPECT_TRUE(eventually([&] { return service.token(ask).status != 200; }, std::chrono::seconds(2)));
  EXPECT_EQ(service.token(ask).error(), "unauthorized_client");
}

}  // namespace
}  // namespace mintmark::testing
