// The store fails under the running service: what goes on, what is refused, and that it recovers by itself.

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "integration/service_process.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

const HttpFields kLogin{
    {"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
    ++found;
  return found;
}

/// The store in a folder of its own.
class StorageFailure : public ::testing::Test {
 protected:
  StorageFailure() {
    std::filesystem::create_directory(home_);
    config_.document["storage"]["path"] = "home/mint.db";
    config_.document["log"]["level"] = "info";
  }

  void start(const std::map<std::string, std::string>& environment = {}) {
    service_ = std::make_unique<ServiceProcess>(config_, std::filesystem::path(), environment);
    add_client("stored");
    add_client("uncached");
    session_ = service_->token(kLogin).json().at("refresh_token");
    EXPECT_EQ(client_credentials("stored").status, 200) << "and is in memory from now on";
  }
  void add_client(const std::string& id) {
    const ProcessResult added =
        run_command(config_, {"client", "add", id, "--grant", "client_credentials", "--resource", kApi, "--json"});
    ASSERT_EQ(added.exit_code, 0) << added.standard_error;
    secrets_[id] = parse_json(added.standard_output).value().at("client_secret");
  }
  HttpAnswer client_credentials(const std::string& id) {
    return service_->token(
        {{"grant_type", "client_credentials"}, {"client_id", id}, {"client_secret", secrets_.at(id)}});
  }
  HttpAnswer refresh() {
    HttpAnswer answer =
        service_->token({{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", session_}});
    if (answer.status == 200) session_ = answer.json().at("refresh_token");
    return answer;
  }
  HttpAnswer get(const std::string& path) { return HttpClient(service_->port()).get(path); }
  std::string log() { return service_->process().standard_error(); }

  /// Memory is enough for them.
  void expect_the_rest_goes_on() {
    for (const char* const path : {"/healthz", "/.well-known/jwks.json", "/.well-known/oauth-authorization-server"})
      EXPECT_EQ(get(path).status, 200) << path;
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(client_credentials("stored").status, 200);
    EXPECT_EQ(service_
                  ->token({{"grant_type", "client_credentials"}},
                          {{"Authorization", basic_authorization("service", kServiceSecret)}})
                  .status,
              200);
  }
  void expect_refusal(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 503) << answer.raw;
    EXPECT_EQ(answer.error(), "temporarily_unavailable");
    EXPECT_TRUE(answer.has("retry-after")) << answer.raw;
    EXPECT_EQ(answer.field("cache-control"), "no-store");
  }
  void expect_recovery() {
    EXPECT_TRUE(eventually([&] { return get("/readyz").status == 200; }));
    const HttpAnswer refreshed = refresh();
    EXPECT_EQ(refreshed.status, 200) << refreshed.raw;
    EXPECT_EQ(service_->token(kLogin).status, 200);
    EXPECT_TRUE(eventually([&] { return count(log(), R"("works again","subject":"readiness")") == 1; })) << log();
    EXPECT_EQ(count(log(), R"("failing","subject":"readiness")"), 1U) << log();
  }

  MintConfig config_;
  const std::filesystem::path home_ = config_.folder() / "home";
  std::map<std::string, std::string> secrets_;
  std::string session_;
  std::unique_ptr<ServiceProcess> service_;
};

TEST_F(StorageFailure, TakenAwayAndGivenBack) {
  start();
  std::filesystem::rename(home_, config_.folder() / "away");
  EXPECT_TRUE(eventually([&] { return get("/readyz").status == 503; }));
  expect_the_rest_goes_on();
  expect_refusal(refresh());
  expect_refusal(service_->token(kLogin));
  expect_refusal(client_credentials("uncached"));
  const std::string failing = R"("failing","subject":"reading changes of the store","kind":"unavailable","detail":")" +
                              (home_ / "mint.db").string() + ": No such file or directory: the store was taken away";
  EXPECT_TRUE(eventually([&] { return count(log(), failing) > 0; })) << log();
  expect_the_rest_goes_on();
  std::filesystem::rename(config_.folder() / "away", home_);
  expect_recovery();
  EXPECT_EQ(client_credentials("uncached").status, 200);
  // Once when it begins and once when it ends, however often it is tried.
  EXPECT_EQ(count(log(), failing), 1U) << log();
  EXPECT_TRUE(eventually([&] {
    return count(log(), R"("works again","subject":"reading changes of the store")") == 1;
  })) << log();
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which must be loaded first

/// Calls on the store fail with an error.
class DiskFailure : public StorageFailure, public ::testing::WithParamInterface<std::pair<const char*, int>> {};

TEST_P(DiskFailure, IsAnsweredWith503AndRecovers) {
  const auto [operation, code] = GetParam();
  const std::filesystem::path faults = config_.folder().write("faults", "");
  start({{"LD_PRELOAD", MINTMARK_IO_FAULTS}, {"STORE_FAULTS", faults.string()}});
  config_.folder().write("faults", std::string(operation) + " " + std::to_string(code));
  EXPECT_TRUE(eventually([&] { return get("/readyz").status == 503; }));
  expect_the_rest_goes_on();
  const std::string before = session_;
  expect_refusal(refresh());
  EXPECT_EQ(session_, before) << "no 200 without durability";
  expect_refusal(service_->token(kLogin));
  config_.folder().write("faults", "");
  expect_recovery();
}

INSTANTIATE_TEST_SUITE_P(All, DiskFailure,
                         ::testing::Values(std::pair{"write", ENOSPC}, std::pair{"write", EROFS},
                                           std::pair{"write", EIO}, std::pair{"sync", EIO}),
                         [](const auto& test) {
                           return std::string(test.param.first) + std::to_string(test.param.second);
                         });

#endif

/// Mounts of this process and its children alone; false where that is refused.
bool own_mounts() {
  if (::unshare(CLONE_NEWNS) != 0) return false;
  return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

class Mounted {
 public:
  Mounted(const std::filesystem::path& folder, const char* options)
      : folder_(folder), mounted_(::mount("tmpfs", folder.c_str(), "tmpfs", 0, options) == 0) {}
  Mounted(const Mounted&) = delete;
  Mounted& operator=(const Mounted&) = delete;
  ~Mounted() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }
  [[nodiscard]] bool ok() const { return mounted_; }
  [[nodiscard]] bool make_read_only() const {
    return ::mount(nullptr, folder_.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  std::filesystem::path folder_;
  bool mounted_;
};

TEST_F(StorageFailure, AFullDiskThatGetsRoomAgain) {
  if (!own_mounts()) GTEST_SKIP() << "mounting is not allowed here: " << std::strerror(errno);
  const Mounted disk(home_, "size=2m");
  if (!disk.ok()) GTEST_SKIP() << "mounting is not allowed here: " << std::strerror(errno);
  start();
  const std::filesystem::path filler = home_ / "filler";
  {
    std::ofstream file(filler, std::ios::binary);
    const std::string block(4096, 'x');
    while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
    }
  }
  // Until what the log had of room is used up.
  int answered = 0;
  EXPECT_TRUE(eventually([&] {
    const HttpAnswer answer = refresh();
    if (answer.status == 200) ++answered;
    return answer.status == 503;
  }));
  expect_refusal(refresh());
  EXPECT_TRUE(eventually([&] { return get("/readyz").status == 503; }));
  expect_the_rest_goes_on();
  EXPECT_TRUE(eventually([&] { return count(log(), "disk is full") > 0; })) << log();
  std::filesystem::remove(filler);
  expect_recovery();
  // The last token that was acknowledged, also after a crash.
  service_->process().signal(SIGKILL);
  service_->process().wait(std::chrono::seconds(10));
  service_ = std::make_unique<ServiceProcess>(config_);
  EXPECT_EQ(refresh().status, 200);
}

TEST_F(StorageFailure, AReadOnlyVolumeAtTheStartIsNamedWithWhatToDo) {
  if (!own_mounts()) GTEST_SKIP() << "mounting is not allowed here: " << std::strerror(errno);
  const Mounted disk(home_, "size=4m");
  if (!disk.ok()) GTEST_SKIP() << "mounting is not allowed here: " << std::strerror(errno);
  start();
  service_->process().signal(SIGTERM);
  ASSERT_EQ(service_->process().wait(std::chrono::seconds(20)), 0);
  ASSERT_TRUE(disk.make_read_only()) << std::strerror(errno);
  const ProcessResult refused = run_command(config_, {"serve"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_EQ(
      refused.standard_error,
      "mintmark: cannot start: " + home_.string() +
          ": Read-only file system: the service writes to the store and to its folder, also where it only reads\n");
}

TEST_F(StorageFailure, DamageThatIsMetWhileServing) {
  start();
  for (int i = 0; i < 40; ++i)
    ASSERT_EQ(service_->token(kLogin).status, 200);
  service_->process().signal(SIGTERM);
  ASSERT_EQ(service_->process().wait(std::chrono::seconds(20)), 0);
  service_ = std::make_unique<ServiceProcess>(config_);
  EXPECT_EQ(client_credentials("stored").status, 200);
  // Every leaf that nobody has read since the start: pages from the third on, but those of the counters.
  const std::filesystem::path database = home_ / "mint.db";
  {
    std::fstream file(database, std::ios::binary | std::ios::in | std::ios::out);
    const auto pages = std::filesystem::file_size(database) / 4096;
    const std::string garbage(4096, '\xa5');
    const std::string content = read_all(database);
    for (std::size_t page = 2; page < pages; ++page) {
      if (content.substr(page * 4096, 4096).find("user-1") == std::string::npos) continue;
      file.seekp(static_cast<std::streamoff>(page * 4096));
      file.write(garbage.data(), 4096);
    }
  }
  expect_refusal(refresh());
  EXPECT_TRUE(eventually([&] { return get("/readyz").status == 503; }));
  expect_the_rest_goes_on();
  EXPECT_TRUE(eventually([&] {
    return count(log(), R"("failing","subject":"readiness","kind":"corrupt","detail":")" + database.string()) == 1;
  })) << log();
}

}  // namespace
}  // namespace mintmark::testing
