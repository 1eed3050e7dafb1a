// When a service reads its configuration again, what it takes over, and what it refuses. That requests go on meanwhile
// is in integration/reload_test.cpp.

#include <fcntl.h>
#include <sys/stat.h>

#include <sstream>

#include "config_files.hpp"
#include "mintmark/app/compose.hpp"
#include "mintmark/base/base64.hpp"
#include "support/manual_clock.hpp"

namespace mintmark::app {
namespace {

using namespace std::chrono_literals;

class ReloadTest : public ConfigFiles {
 protected:
  ReloadTest() {
    document_ = full_document();
    document_["server"] = {{"port", 0}, {"threads", 1}};
    document_["private"] = {{"port", 0}};
    document_["passwords"] = {{"memory_kib", 64}, {"iterations", 1}};
    document_["sealing_key_file"] = "sealing.key";
    (void)folder_.write("sealing.key", encode_base64(Bytes(32, 7)) + "\n");
    (void)folder_.write("service.secret", std::string(40, 's'));
  }

  void open() {
    Result<Config> config = load(document_);
    ASSERT_TRUE(config) << config.error().detail;
    Result<std::unique_ptr<App>> app =
        App::open(*std::move(config), clock_, {.storage = storage::open_memory(), .log_output = &log_});
    ASSERT_TRUE(app) << app.error().detail;
    app_ = *std::move(app);
  }
  void write(const Json& document) { (void)folder_.write("mintmark.json", document.dump()); }
  void tick(int times = 1) {
    for (; times > 0; --times)
      app_->tick();
  }
  /// What is logged of configurations since this was last called.
  std::string news() {
    std::string lines;
    std::istringstream log(log_.str());
    log_.str("");
    for (std::string line; std::getline(log, line);) {
      if (const std::size_t at = line.find("configuration "); at != std::string::npos) lines += line.substr(at) + "\n";
    }
    return lines;
  }
  std::string reload(const Json& document) {
    write(document);
    app_->request_reload();
    tick();
    return news();
  }

  Json document_;
  mintmark::testing::ManualClock clock_;
  std::ostringstream log_;
  std::unique_ptr<App> app_;
};

constexpr const char* kNothingNew = "configuration reloaded trigger=signal changed=-\n";

TEST_F(ReloadTest, HappensAtTheNextTickOnceItIsAskedFor) {
  open();
  tick(3);
  EXPECT_EQ(news(), "");
  app_->request_reload();
  tick(3);
  EXPECT_EQ(news(), kNothingNew);
}

TEST_F(ReloadTest, SaysWhatItChanges) {
  open();
  document_["keys"] = {{"jwks_max_age", "1m"}};
  document_["log"] = {{"level", "debug"}};
  document_["clients"][0]["scopes"] = Json::array();
  document_["users"][0]["disabled"] = true;
  document_["resources"].erase(1);
  EXPECT_EQ(reload(document_),
            "configuration reloaded trigger=signal "
            "changed=keys.jwks_max_age,log.level,resources,clients,users\n");
  EXPECT_EQ(reload(document_), kNothingNew);
}

TEST_F(ReloadTest, AChangedFileIsReadWhenItHasBeenLeftAloneForATick) {
  open();
  tick();
  document_["users"][0]["disabled"] = true;
  write(document_);
  tick();
  EXPECT_EQ(news(), "");
  document_["clients"][0]["client_name"] = "Longer";
  write(document_);
  tick();
  EXPECT_EQ(news(), "") << "it was still being written";
  tick(5);
  EXPECT_EQ(news(), "configuration reloaded trigger=file changed=clients,users\n");
}

TEST_F(ReloadTest, AFileThatTheConfigurationNamesIsWatchedToo) {
  document_["clients"].push_back({{"client_id", "service"},
                                  {"grant_types", {"client_credentials"}},
                                  {"resources", {"https://api.example.com"}},
                                  {"secrets", {{{"id", "1"}, {"secret_file", "service.secret"}}}}});
  open();
  (void)folder_.write("service.secret", std::string(41, 't'));
  tick(2);
  EXPECT_EQ(news(), "configuration reloaded trigger=file changed=clients\n");
  (void)folder_.write("sealing.key", encode_base64(Bytes(32, 8)) + "\n" + encode_base64(Bytes(32, 7)) + "\n");
  tick(2);
  EXPECT_EQ(news(), "configuration reloaded trigger=file changed=-\n");
}

TEST_F(ReloadTest, TrustedIssuersAreReplacedTogetherWithClients) {
  open();
  document_["trusted_issuers"] = {{{"issuer", "https://cluster.example.com"}, {"jwks_uri", "https://c.example.com/k"}}};
  EXPECT_EQ(reload(document_), "configuration reloaded trigger=signal changed=trusted_issuers\n");
  document_["clients"].push_back(
      {{"client_id", "orders"},
       {"grant_types", {"client_credentials"}},
       {"resources", {"https://api.example.com"}},
       {"identities", {{{"issuer", "https://cluster.example.com"}, {"subject", "orders"}}}}});
  EXPECT_EQ(reload(document_), "configuration reloaded trigger=signal changed=clients\n");
  document_["trusted_issuers"] = Json::array();
  EXPECT_NE(reload(document_).find("clients[1].identities: names an issuer that is not in trusted_issuers"),
            std::string::npos);
}

TEST_F(ReloadTest, NothingIsWatchedWhereThatIsNotWanted) {
  document_["reload"] = {{"watch", false}};
  open();
  document_["users"][0]["disabled"] = true;
  write(document_);
  tick(5);
  EXPECT_EQ(news(), "");
  document_["reload"] = {{"watch", true}};
  EXPECT_EQ(reload(document_), "configuration reloaded trigger=signal changed=reload.watch,users\n");
  document_["users"][0]["disabled"] = false;
  document_["users"][0]["attributes"]["role"] = "User";
  write(document_);
  tick(2);
  EXPECT_EQ(news(), "configuration reloaded trigger=file changed=users\n");
}

TEST_F(ReloadTest, ARefusalOfTheWatchIsToldOnceAndWhatItLackedIsWaitedFor) {
  open();
  document_["users"][0]["password_hash_file"] = "later.hash";
  write(document_);
  tick(5);
  const std::string refused = news();
  EXPECT_NE(refused.find("configuration refused, the old one stays in force trigger=file kind=not_found"),
            std::string::npos)
      << refused;
  EXPECT_NE(refused.find("later.hash"), std::string::npos);
  EXPECT_EQ(std::ranges::count(refused, '\n'), 1);
  (void)folder_.write("later.hash", "$2b$04$abcdefghijklmnopqrstuuSJr2nlfZT6dHnJWVTnhy0IKlwxzHH6y");
  tick(2);
  EXPECT_EQ(news(), "configuration reloaded trigger=file changed=users\n");
}

TEST_F(ReloadTest, WhatIsNoRegularFileIsNotWaitedForAndTriedAgain) {
  document_["users"][0]["password_hash_file"] = "user.hash";
  const std::string hash = "$2b$04$abcdefghijklmnopqrstuuSJr2nlfZT6dHnJWVTnhy0IKlwxzHH6y";
  (void)folder_.write("user.hash", hash);
  open();
  std::filesystem::remove(folder_ / "user.hash");
  ASSERT_EQ(::mkfifo((folder_ / "user.hash").c_str(), 0600), 0);
  tick(2);
  EXPECT_NE(news().find("user.hash: is no regular file"), std::string::npos);
  clock_.advance(6s);
  tick();
  EXPECT_EQ(news(), "") << "tried, and refused for the same reason";
  std::filesystem::remove(folder_ / "user.hash");
  (void)folder_.write("user.hash", hash);
  tick(2);
  EXPECT_EQ(news(), "configuration reloaded trigger=file changed=-\n");
}

TEST_F(ReloadTest, WhateverIsRefusedLeavesAllAsItWas) {
  open();
  Json next = document_;
  next["users"][0]["disabled"] = true;
  next["clients"][0]["resources"] = {"https://nobody.example.com"};
  EXPECT_NE(reload(next).find("neither declared nor in the store"), std::string::npos);
  (void)folder_.write("mintmark.json", "{");
  app_->request_reload();
  tick();
  EXPECT_NE(news().find("configuration refused"), std::string::npos);
  (void)folder_.write("other.key", encode_base64(Bytes(32, 9)) + "\n");
  next = document_;
  next["sealing_key_file"] = "other.key";
  EXPECT_NE(reload(next).find("the sealing key does not open key"), std::string::npos);
  EXPECT_EQ(reload(document_), kNothingNew) << "the old one was in force";
}

TEST_F(ReloadTest, SettingsChangeOrAreRefusedWithTheirName) {
  struct Change {
    const char* path;
    Json value;
  };
  open();
  const auto with = [&](const Change& change) {
    Json next = document_;
    std::string pointer = std::string("/") + change.path;
    std::ranges::replace(pointer, '.', '/');
    next[Json::json_pointer(pointer)] = change.value;
    return next;
  };
  for (const Change& change : std::vector<Change>{{"issuer", "https://other.example.com"},
                                                  {"server.address", "127.0.0.2"},
                                                  {"server.port", 1},
                                                  {"server.threads", 2},
                                                  {"storage.path", "other.db"},
                                                  {"storage.threads", 2},
                                                  {"storage.queue", 2},
                                                  {"passwords.memory_kib", 128},
                                                  {"passwords.iterations", 2},
                                                  {"passwords.parallelism", 2},
                                                  {"passwords.memory_budget", "1GiB"},
                                                  {"passwords.queue", 2}}) {
    const std::string refused = reload(with(change));
    EXPECT_NE(refused.find(std::string(change.path) + ": differs from what the service runs with, and takes a restart"),
              std::string::npos)
        << refused;
  }
  (void)folder_.write("same.key", encode_base64(Bytes(32, 7)));
  for (const Change& change : std::vector<Change>{{"sealing_key_file", "same.key"},
                                                  {"server.request_deadline", "9s"},
                                                  {"server.max_body_size", "16KiB"},
                                                  {"server.max_connections", 9},
                                                  {"server.drain_time", "1s"},
                                                  {"server.cors_max_age", "1m"},
                                                  {"keys.rotate_every", "10d"},
                                                  {"keys.publish_ahead", "25h"},
                                                  {"keys.jwks_max_age", "6m"},
                                                  {"keys.clock_skew", "30s"},
                                                  {"keys.retain", "30d"},
                                                  {"keys.rsa_bits", 3072},
                                                  {"tokens.max_lifetime", "23h"},
                                                  {"fetch.allow_private_addresses", true},
                                                  {"log.format", "json"},
                                                  {"log.level", "debug"},
                                                  {"reload.watch", false}}) {
    write(with(change));
    app_->request_reload();
    tick();
    const std::string log = log_.str();
    EXPECT_NE(log.find("configuration reloaded"), std::string::npos) << change.path << log;
    EXPECT_NE(log.find(change.path), std::string::npos) << log;
    (void)reload(document_);
  }
}

TEST_F(ReloadTest, SeveralSettingsThatTakeARestartAreNamedTogether) {
  open();
  document_["issuer"] = "https://other.example.com";
  document_["storage"]["queue"] = 2;
  EXPECT_NE(reload(document_).find("issuer, storage.queue: differ from"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
