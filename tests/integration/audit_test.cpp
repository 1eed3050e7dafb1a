// The audit stream of the real binary: who got what, who changed what, moved away under load, tampered with and caught.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "integration/service_process.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/random.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

class Audit : public ::testing::Test {
 protected:
  Audit() {
    config_.document["audit"] = {{"output", "file"}, {"file", "audit.log"}};
    config_.document["log"]["file"] = "mint.log";
  }

  static Json find_event(const std::filesystem::path& file, const std::string& member, const std::string& value) {
    std::istringstream in(read_all(file));
    for (std::string line; std::getline(in, line);) {
      Json json = Json::parse(line, nullptr, false);
      if (json.is_object() && json.value(member, "") == value) return json;
    }
    return {};
  }
  [[nodiscard]] Json find_event(const std::string& member, const std::string& value) const {
    return find_event(file_, member, value);
  }
  ProcessResult verify(const std::vector<std::string>& files = {}) {
    std::vector<std::string> arguments{"audit", "verify"};
    arguments.insert(arguments.end(), files.begin(), files.end());
    return run_command(config_, arguments);
  }
  static void stop(ServiceProcess& service) {
    service.process().signal(SIGTERM);
    ASSERT_EQ(service.process().wait(std::chrono::seconds(20)), 0) << service.process().standard_error();
  }

  const HttpFields service_request_{
      {"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", kServiceSecret}};
  const HttpFields login_{
      {"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}};
  MintConfig config_;
  const std::filesystem::path file_ = config_.folder() / "audit.log";
};

TEST_F(Audit, SaysWhoGotWhatForWhomByWhichKey) {
  ServiceProcess service(config_);
  const HttpAnswer login = service.token(login_);
  ASSERT_EQ(login.status, 200);
  const std::string token = login.json().at("access_token");
  EXPECT_EQ(service.token({{"grant_type", "client_credentials"}, {"client_id", "service"}, {"client_secret", "wrong"}})
                .status,
            401);
  stop(service);
  const Json issued = find_event("event", "token.issued");
  EXPECT_EQ(issued["grant"], "password");
  EXPECT_EQ(issued["client"], "app");
  EXPECT_EQ(issued["sub"], "user-1");
  EXPECT_EQ(issued["resources"], Json::array({kApi}));
  EXPECT_EQ(issued["scopes"], Json::array({"read", "write"}));
  EXPECT_EQ(issued["alg"], "ES256");
  EXPECT_EQ(issued["remote"], "127.0.0.1");
  EXPECT_FALSE(issued["request_id"].get<std::string>().empty());
  EXPECT_FALSE(issued["jti"].get<std::string>().empty());
  EXPECT_FALSE(issued["family"].get<std::string>().empty());
  EXPECT_FALSE(issued.contains("enc"));
  EXPECT_EQ(issued["lifetime_s"], 900);
  EXPECT_EQ(find_event("event", "token.refused")["error"], "invalid_client");
  EXPECT_EQ(find_event("kid", issued["kid"].get<std::string>())["event"], "key.created");
  EXPECT_EQ(find_event("event", "service.started")["issuer"], kIssuer);
  EXPECT_EQ(find_event("event", "service.stopped")["event"], "service.stopped");
  const std::string stream = read_all(file_);
  EXPECT_EQ(stream.find(token), std::string::npos);
  EXPECT_NE(read_all(config_.folder() / "mint.log").find("audit head"), std::string::npos);
  const ProcessResult verified = verify();
  EXPECT_EQ(verified.exit_code, 0) << verified.standard_error;
  EXPECT_TRUE(verified.standard_output.starts_with("intact: ")) << verified.standard_output;
  EXPECT_EQ(verified.standard_output.find("note"), std::string::npos) << verified.standard_output;
}

TEST_F(Audit, SaysWhatAdministratorsChangeBesideARunningService) {
  ServiceProcess service(config_);
  const ProcessResult added = run_command(config_, {"client", "add", "late", "--grant", "client_credentials",
                                                    "--resource", kApi, "--scope", "read", "--json"});
  ASSERT_EQ(added.exit_code, 0) << added.standard_error;
  const std::string secret = parse_json(added.standard_output).value().at("client_secret");
  const std::vector<std::vector<std::string>> commands{
      {"client", "secret", "add", "late"},
      {"client", "disable", "late"},
      {"user", "add", "bob", "--no-password", "--attribute", "salary=personal-canary"},
      {"user", "set-attribute", "bob", "role=personal-canary"},
      {"user", "disable", "bob"},
      {"user", "delete", "bob"},
      {"resource", "add", "https://new.example.com", "--alg", "HS256"},
      {"resource", "secret", "https://new.example.com"},
      {"resource", "delete", "https://new.example.com"},
      {"key", "rotate"},
      {"client", "delete", "late"}};
  for (const auto& command : commands) {
    const ProcessResult result = run_command(config_, command);
    EXPECT_EQ(result.exit_code, 0) << command[0] << ' ' << command[1] << ": " << result.standard_error;
  }
  EXPECT_EQ(service.token(service_request_).status, 200);
  stop(service);
  const Json created = find_event("action", "client.create");
  EXPECT_EQ(created["event"], "admin.change");
  EXPECT_EQ(created["id"], "late");
  EXPECT_EQ(created["uid"], ::geteuid());
  EXPECT_FALSE(created["secret_id"].get<std::string>().empty());
  for (const char* action :
       {"client.secret.create", "client.disable", "client.delete", "user.create", "user.set_attribute", "user.disable",
        "user.delete", "resource.create", "resource.secret.export", "resource.delete", "key.rotate"}) {
    EXPECT_EQ(find_event("action", action)["event"], "admin.change") << action;
  }
  const std::string stream = read_all(file_);
  EXPECT_EQ(stream.find(secret), std::string::npos);
  EXPECT_EQ(stream.find("personal-canary"), std::string::npos);
  EXPECT_NE(stream.find("chain.linked"), std::string::npos) << "the service vouches for what commands wrote";
  const ProcessResult verified = verify();
  EXPECT_EQ(verified.exit_code, 0) << verified.standard_error;
}

TEST_F(Audit, ACommandThatCannotSayWhatItDoesChangesNothing) {
  config_.document["audit"]["file"] = "nowhere/audit.log";
  config_.write();
  const ProcessResult refused = run_command(config_, {"user", "add", "bob", "--no-password"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.standard_error.find("nowhere/audit.log"), std::string::npos) << refused.standard_error;
  EXPECT_FALSE(std::filesystem::exists(config_.database()));
}

TEST_F(Audit, MovedAwayUnderLoadNothingIsLostOrTorn) {
  std::atomic<int> granted = 0;
  const std::filesystem::path log = config_.folder() / "mint.log";
  {
    ServiceProcess service(config_);
    std::atomic<bool> done = false;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        HttpClient client(service.port());
        while (!done) {
          if (client.post_form("/token", service_request_).status == 200) ++granted;
        }
      });
    }
    for (int i = 1; i <= 3; ++i) {
      EXPECT_TRUE(eventually([&, before = granted.load()] { return granted > before + 50; }));
      for (const std::filesystem::path& file : {file_, log})
        std::filesystem::rename(file, file.string() + "." + std::to_string(i));
      service.process().signal(SIGUSR1);
      EXPECT_TRUE(eventually([&] {
        return std::filesystem::exists(log) && std::filesystem::exists(file_) && std::filesystem::file_size(file_) > 0;
      }));
    }
    done = true;
    threads.clear();
    stop(service);
  }
  const std::vector<std::string> files{file_.string() + ".1", file_.string() + ".2", file_.string() + ".3",
                                       file_.string()};
  int issued = 0;
  int logged = 0;
  for (const char* suffix : {".1", ".2", ".3", ""}) {
    for (const std::filesystem::path& file : {file_, log}) {
      std::istringstream in(read_all(file.string() + suffix));
      for (std::string line; std::getline(in, line);) {
        const Json json = Json::parse(line, nullptr, false);
        ASSERT_TRUE(json.is_object()) << line;
        if (json["event"] == "token.issued") ++issued;
        if (json["event"] == "token issued") ++logged;
      }
    }
  }
  EXPECT_EQ(issued, granted);
  EXPECT_EQ(logged, granted);
  const ProcessResult verified = verify(files);
  EXPECT_EQ(verified.exit_code, 0) << verified.standard_error;
  const ProcessResult gap = verify({files[0], files[2], files[3]});
  EXPECT_EQ(gap.exit_code, 1);
  EXPECT_NE(gap.standard_error.find("missing before line"), std::string::npos) << gap.standard_error;
}

TEST_F(Audit, Sigusr1WithoutFilesEndsNothing) {
  config_.document.erase("audit");
  config_.document["log"].erase("file");
  ServiceProcess service(config_);
  service.process().signal(SIGUSR1);
  EXPECT_EQ(service.token(service_request_).status, 200);
  stop(service);
}

TEST_F(Audit, WhateverIsTamperedWithIsCaught) {
  {
    ServiceProcess service(config_);
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(service.token(service_request_).status, 200);
    stop(service);
  }
  const std::string whole = read_all(file_);
  std::vector<std::string> lines;
  std::istringstream in(whole);
  for (std::string line; std::getline(in, line);)
    lines.push_back(line + "\n");
  const auto check = [&](std::vector<std::string> changed, const std::string& what) {
    std::ofstream out(file_, std::ios::trunc | std::ios::binary);
    for (const std::string& line : changed)
      out << line;
    out.close();
    const ProcessResult result = verify();
    EXPECT_EQ(result.exit_code, 1) << what;
    EXPECT_NE(result.standard_error.find("audit.log:"), std::string::npos) << what << result.standard_error;
    EXPECT_TRUE(result.standard_output.starts_with("NOT INTACT: ")) << what;
  };
  const auto is_issued = [](const std::string& line) { return line.find("token.issued") != std::string::npos; };
  const auto at = std::ranges::find_if(lines, is_issued) - lines.begin();
  ASSERT_GT(std::ssize(lines), at + 4);
  auto changed = lines;
  changed.erase(changed.begin() + at);
  check(changed, "removed");
  changed = lines;
  std::string& line = changed[static_cast<std::size_t>(at)];
  line.replace(line.find("\"client\":\"service\""), 18, "\"client\":\"nobodys\"");
  check(changed, "altered");
  changed = lines;
  std::iter_swap(changed.begin() + at, changed.begin() + at + 1);
  check(changed, "swapped");
  changed = lines;
  changed.insert(changed.begin() + at + 2, lines[static_cast<std::size_t>(at)]);
  check(changed, "inserted");
  changed = lines;
  changed.erase(changed.begin());
  check(changed, "without beginning");

  std::ofstream(file_, std::ios::trunc | std::ios::binary) << whole.substr(0, whole.size() - lines.back().size() - 20);
  const ProcessResult cut = verify();
  EXPECT_EQ(cut.exit_code, 0) << cut.standard_error;
  EXPECT_NE(cut.standard_output.find("a crash or a full disk"), std::string::npos) << cut.standard_output;
  const Json head = find_event(config_.folder() / "mint.log", "event", "audit head");
  const ProcessResult anchored = verify({"--head", head["head"].get<std::string>()});
  EXPECT_EQ(anchored.exit_code, 1);
  EXPECT_NE(anchored.standard_error.find("whose hash was noted, is not there"), std::string::npos);
}

TEST_F(Audit, ReloadsAndAnotherSealingKeyAreThere) {
  ServiceProcess service(config_);
  const std::string former = read_all(config_.folder() / "sealing.key");
  const std::string next = encode_base64(crypto::random_bytes(32)) + "\n";
  config_.folder().write("former.key", former);
  config_.folder().write("sealing.key", next + former);
  config_.document["log"]["level"] = "info";
  config_.write();
  service.process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return !find_event("event", "config.reloaded").is_null(); }));
  EXPECT_EQ(service.token(service_request_).status, 200);
  config_.document["server"]["prot"] = 1;
  config_.write();
  service.process().signal(SIGHUP);
  EXPECT_TRUE(eventually([&] { return !find_event("event", "config.refused").is_null(); }));
  EXPECT_NE(find_event("event", "config.refused")["reason"].get<std::string>().find("server.prot"), std::string::npos);
  stop(service);
  config_.document["server"].erase("prot");
  config_.write();
  const ProcessResult verified = verify();
  EXPECT_EQ(verified.exit_code, 0) << verified.standard_error;
  EXPECT_NE(verified.standard_output.find(" 2 chains"), std::string::npos) << verified.standard_output;
  config_.folder().write("sealing.key", next);
  EXPECT_EQ(verify().exit_code, 1) << "the first chain has the former key";
  EXPECT_EQ(verify({"--key-file", (config_.folder() / "former.key").string()}).exit_code, 0);
}

TEST_F(Audit, AKilledServiceLeavesAChainThatTheNextGoesOnBehind) {
  for (int i = 0; i < 2; ++i) {
    ServiceProcess service(config_);
    EXPECT_EQ(service.token(service_request_).status, 200);
    EXPECT_TRUE(eventually([&] {
      const std::string text = read_all(file_);
      const std::size_t first = text.find("token.issued");
      return first != std::string::npos && (i == 0 || text.find("token.issued", first + 1) != std::string::npos);
    }));
    service.process().signal(SIGKILL);
    service.process().wait(std::chrono::seconds(10));
  }
  const ProcessResult verified = verify();
  EXPECT_EQ(verified.exit_code, 0) << verified.standard_error;
  EXPECT_NE(verified.standard_output.find("2 chains"), std::string::npos);
  EXPECT_NE(verified.standard_output.find("has no end"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::testing
