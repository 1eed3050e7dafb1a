// A running service takes over another configuration, or refuses it as a whole, without one failed request.

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "integration/service_process.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::testing {
namespace {

using namespace std::chrono_literals;

constexpr const char* kReloaded = R"("event":"configuration reloaded")";
constexpr const char* kRefused = R"("event":"configuration refused, the old one stays in force")";
constexpr const char* kSealed =
    R"("event":"every stored key is under the first sealing key, the others can be removed")";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
    ++found;
  return found;
}

/// The last line of the log that has `part`.
std::string last_line(ServiceProcess& service, const std::string& part) {
  const std::string log = service.process().standard_error();
  const std::size_t at = log.rfind(part);
  if (at == std::string::npos) return {};
  const std::size_t begin = log.rfind('\n', at) + 1;
  return log.substr(begin, log.find('\n', at) - begin);
}

template <class Holds>
bool wait_until(const Holds& holds, std::chrono::seconds limit = 20s) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(10ms);  // polling another process
  }
  return true;
}

std::string new_sealing_key() {
  return encode_base64(crypto::random_bytes(32)) + "\n";
}

class Reload : public ::testing::Test {
 protected:
  Reload() {
    config_.document["reload"] = {{"watch", false}};
    config_.document["log"]["level"] = "info";
    config_.document["server"]["max_requests_per_connection"] = 1'000'000;
  }

  ServiceProcess& start() {
    service_.reset();
    service_ = std::make_unique<ServiceProcess>(config_);
    return *service_;
  }
  [[nodiscard]] std::size_t lines(const std::string& part) { return count(service_->process().standard_error(), part); }

  /// Sends SIGHUP; whether what is in the file then is in force. Fails the test where nothing comes of it.
  bool reload() {
    const std::size_t reloaded = lines(kReloaded);
    const std::size_t refused = lines(kRefused);
    service_->process().signal(SIGHUP);
    EXPECT_TRUE(wait_until([&] { return lines(kReloaded) + lines(kRefused) > reloaded + refused; }));
    return lines(kReloaded) > reloaded;
  }
  bool reload(const Json& document) {
    config_.folder().write("mintmark.json", document.dump(2));
    return reload();
  }
  /// Why `text` is refused, as the log says it.
  std::string refusal(const std::string& text) {
    config_.folder().write("mintmark.json", text);
    EXPECT_FALSE(reload()) << text;
    return last_line(*service_, kRefused);
  }

  HttpAnswer ask(const std::string& client, const HttpFields& more = {}) {
    HttpFields parameters{{"grant_type", "client_credentials"}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    return service_->token(parameters, {{"Authorization", basic_authorization(client, kServiceSecret)}});
  }
  HttpAnswer refresh(const std::string& token) {
    return service_->token({{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", token}});
  }
  std::string login() {
    const HttpAnswer answer = service_->token(
        {{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}});
    EXPECT_EQ(answer.status, 200) << answer.raw;
    return answer.json().at("refresh_token");
  }
  [[nodiscard]] Json service_client(const std::string& id) const {
    Json client = config_.document["clients"][0];
    client["client_id"] = id;
    return client;
  }

  MintConfig config_;
  std::unique_ptr<ServiceProcess> service_;
};

TEST_F(Reload, ClientsComeAndGo) {
  start();
  EXPECT_EQ(ask("fresh").error(), "invalid_client");
  Json next = config_.document;
  next["clients"][0] = service_client("fresh");
  ASSERT_TRUE(reload(next));
  EXPECT_EQ(ask("fresh").status, 200);
  EXPECT_EQ(ask("service").error(), "invalid_client");
  EXPECT_NE(last_line(*service_, kReloaded).find(R"("trigger":"signal","changed":"clients")"), std::string::npos);
}

TEST_F(Reload, UsersComeAndGoAndTheirSessionsWithThem) {
  start();
  const std::string token = login();
  Json next = config_.document;
  next["users"][0]["id"] = "user-2";
  ASSERT_TRUE(reload(next));
  EXPECT_EQ(refresh(token).error(), "invalid_grant");
  EXPECT_NE(login(), "");
}

TEST_F(Reload, AResourceThatIsRemovedGetsNoTokenAndANewOneDoes) {
  start();
  const std::string other = "https://other.example.com";
  Json next = config_.document;
  next["resources"].push_back({{"id", other}, {"scopes", {"read"}}, {"lifetime", "7m"}});
  next["clients"][0]["resources"] = {kApi, other};
  ASSERT_TRUE(reload(next));
  const HttpAnswer answer = ask("service", {{"resource", other}});
  EXPECT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.json().at("expires_in"), 7 * 60);
  ASSERT_TRUE(reload(config_.document));
  EXPECT_EQ(ask("service", {{"resource", other}}).error(), "invalid_target");
  EXPECT_EQ(ask("service").status, 200);
}

TEST_F(Reload, LifetimesScopesPeriodsAndTheLogFollow) {
  start();
  Json next = config_.document;
  next["resources"][0]["lifetime"] = "3m";
  next["resources"][0]["scopes"] = {"read", "fresh"};
  next["keys"] = {{"jwks_max_age", "1m"}};
  next["login"]["default_client"] = "second";
  next["clients"].push_back(next["clients"][1]);
  next["clients"].back()["client_id"] = "second";
  ASSERT_TRUE(reload(next));
  EXPECT_EQ(ask("service").json().at("expires_in"), 3 * 60);
  HttpClient client(service_->port());
  EXPECT_NE(client.get("/.well-known/oauth-authorization-server").body.find("fresh"), std::string::npos);
  EXPECT_NE(client.get("/.well-known/jwks.json").field("cache-control").find("max-age=60"), std::string::npos);
  EXPECT_EQ(client.post_json("/token", {{"username", "alice"}, {"password", kPassword}}).status, 200);

  next["log"] = {{"format", "text"}, {"level", "info"}};
  config_.folder().write("mintmark.json", next.dump());
  service_->process().signal(SIGHUP);
  EXPECT_TRUE(
      wait_until([&] { return lines(" info configuration reloaded trigger=signal changed=log.format\n") > 0; }));
  next["log"]["level"] = "error";
  config_.folder().write("mintmark.json", next.dump());
  service_->process().signal(SIGHUP);
  // Now nothing is said of it, nor of a request.
  EXPECT_TRUE(wait_until([&] {
    const std::size_t before = service_->process().standard_error().size();
    (void)ask("service");
    std::this_thread::sleep_for(100ms);  // its line comes after its answer
    return service_->process().standard_error().size() == before;
  }));
  EXPECT_EQ(lines("changed=log.level"), 0u);
}

TEST_F(Reload, TheServersLimitsAndTlsFollowAndFilesThatAreNoPairAreRefused) {
  start();
  Json next = config_.document;
  next["server"]["max_body_size"] = "1KiB";
  ASSERT_TRUE(reload(next));
  const HttpFields large{{"grant_type", "client_credentials"}, {"scope", std::string(2000, 'a')}};
  EXPECT_EQ(service_->token(large, {{"Authorization", basic_authorization("service", kServiceSecret)}}).status, 413);
  next["server"]["max_body_size"] = "64KiB";
  next["server"]["tls"] = {{"certificate_file", "service.secret"}, {"key_file", "service.secret"}};
  config_.folder().write("mintmark.json", next.dump());
  EXPECT_FALSE(reload());
  EXPECT_EQ(service_->token(large, {{"Authorization", basic_authorization("service", kServiceSecret)}}).status, 413)
      << "the rest of it is refused too";
  EXPECT_EQ(ask("service").status, 200);
}

TEST_F(Reload, WhatCannotBeIsRefusedWholeAndTheOldStays) {
  config_.folder().write("other.key", new_sealing_key());
  start();
  const std::string token = login();
  Json next = config_.document;
  next["clients"][0] = service_client("fresh");
  const auto with = [&](const char* pointer, const Json& value) {
    Json changed = next;
    changed[Json::json_pointer(pointer)] = value;
    return changed.dump();
  };
  EXPECT_NE(refusal("{ \"issuer\": ").find("mintmark.json"), std::string::npos);
  EXPECT_NE(refusal(with("/colour", "green")).find("colour: is not known here"), std::string::npos);
  EXPECT_NE(refusal(with("/clients/0/secrets/0/secret_file", "nowhere.secret")).find("nowhere.secret"),
            std::string::npos);
  EXPECT_NE(refusal(with("/clients/0/resources/0", "https://nobody.example.com")).find("neither declared nor in"),
            std::string::npos);
  EXPECT_NE(refusal(with("/sealing_key_file", "nowhere.key")).find("nowhere.key"), std::string::npos);
  EXPECT_NE(refusal(with("/sealing_key_file", "other.key")).find("the sealing key does not open key"),
            std::string::npos);
  EXPECT_NE(refusal(with("/server/port", 1)).find("server.port: differs from what the service runs with"),
            std::string::npos);
  EXPECT_NE(refusal(with("/issuer", "https://other.example.com")).find("takes a restart"), std::string::npos);
  EXPECT_NE(refusal(with("/storage/path", "other.db")).find("storage.path"), std::string::npos);
  std::filesystem::remove(config_.file());
  EXPECT_FALSE(reload());

  EXPECT_EQ(ask("service").status, 200);
  EXPECT_EQ(ask("fresh").error(), "invalid_client");
  EXPECT_EQ(refresh(token).status, 200);
  EXPECT_FALSE(std::filesystem::exists(config_.folder() / "other.db"));
  EXPECT_EQ(lines(kReloaded), 0u);
  EXPECT_EQ(service_->process().standard_error().find(kServiceSecret), std::string::npos);
  ASSERT_TRUE(reload(next));
  EXPECT_EQ(ask("fresh").status, 200);
}

TEST_F(Reload, NoRequestFailsWhileValidAndInvalidConfigurationsAlternate) {
  start();
  // Two configurations that have neither the resource nor the lifetimes in common, and nothing in between that would
  // do.
  Json other = config_.document;
  const std::string other_api = "https://other.example.com";
  other["resources"][0]["id"] = other_api;
  other["resources"][0]["lifetime"] = "9m";
  for (Json& client : other["clients"])
    client["resources"] = {other_api};
  other["users"][0]["attributes"]["role"] = "Other";
  other["keys"] = {{"jwks_max_age", "2m"}};
  other["tokens"] = {{"max_lifetime", "30m"}};

  std::atomic<bool> stop{false};
  std::atomic<int> served{0};
  std::atomic<int> failed{0};
  std::vector<std::jthread> threads;
  const auto load = [&](const HttpFields& parameters, const HttpFields& fields) {
    HttpClient client(service_->port());
    while (!stop) {
      const HttpAnswer answer = client.post_form("/token", parameters, fields);
      ++served;
      if (answer.status == 200) continue;
      ++failed;
      ADD_FAILURE() << answer.raw;
      return;
    }
  };
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back(load, HttpFields{{"grant_type", "client_credentials"}},
                         HttpFields{{"Authorization", basic_authorization("service", kServiceSecret)}});
  }
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back(
        load,
        HttpFields{{"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}},
        HttpFields{});
  }
  threads.emplace_back([&] {
    HttpClient client(service_->port());
    while (!stop) {
      const HttpAnswer answer = client.get("/.well-known/jwks.json");
      if (answer.status != 200) ++failed;
    }
  });
  int taken = 0;
  for (int i = 0; i < 24; ++i) {
    if (i % 3 == 2) {
      EXPECT_FALSE(reload(i % 2 == 0 ? Json("text") : Json{{"issuer", 7}}));
    } else {
      taken += reload(i % 3 == 0 ? other : config_.document) ? 1 : 0;
    }
  }
  stop = true;
  threads.clear();
  EXPECT_EQ(taken, 16);
  EXPECT_EQ(failed, 0);
  EXPECT_GT(served, 500) << "it was under load";
}

TEST_F(Reload, AWatchSeesAChangedSecretAndAConfigMapThatIsSwapped) {
  // As Kubernetes mounts a volume: the file is a link into a folder that is a link, which is replaced by rename.
  const std::filesystem::path volume = config_.folder().path();
  config_.document["reload"]["watch"] = true;
  config_.document["server"]["port"] = free_port();
  config_.document["sealing_key_file"] = (volume / "sealing.key").string();
  config_.document["storage"]["path"] = (volume / "mint.db").string();
  config_.document["clients"][0]["secrets"][0]["secret_file"] = (volume / "service.secret").string();
  const auto publish = [&](const std::string& version, const Json& document) {
    std::filesystem::create_directory(volume / version);
    config_.folder().write(version + "/mintmark.json", document.dump());
    std::filesystem::create_directory_symlink(version, volume / "..data_tmp");
    std::filesystem::rename(volume / "..data_tmp", volume / "..data");
  };
  publish("..v1", config_.document);
  std::filesystem::create_symlink("..data/mintmark.json", volume / "linked.json");
  BackgroundProcess process({.arguments = {"serve", "--config", (volume / "linked.json").string()}}, volume);
  const auto port = config_.document["server"]["port"].get<std::uint16_t>();
  const auto ask_with = [&](const std::string& client, const std::string& secret) {
    try {
      return HttpClient(port)
          .post_form("/token", {{"grant_type", "client_credentials"}},
                     {{"Authorization", basic_authorization(client, secret)}})
          .status;
    } catch (const std::runtime_error&) {
      return 0;
    }
  };
  ASSERT_TRUE(wait_until([&] { return ask_with("service", kServiceSecret) == 200; })) << process.standard_error();

  Json next = config_.document;
  next["clients"].push_back(next["clients"][0]);
  next["clients"].back()["client_id"] = "fresh";
  publish("..v2", next);
  EXPECT_TRUE(wait_until([&] { return ask_with("fresh", kServiceSecret) == 200; })) << process.standard_error();

  const std::string secret = "mms_another-secret-that-is-as-long-as-it-should-be";
  config_.folder().write("service.secret", secret + "\n");
  EXPECT_TRUE(wait_until([&] { return ask_with("service", secret) == 200; })) << process.standard_error();
  EXPECT_EQ(ask_with("service", kServiceSecret), 401);

  // One that is refused is told once, and what it lacks is looked for.
  next["clients"][0]["secrets"][0]["secret_file"] = (volume / "later.secret").string();
  publish("..v3", next);
  EXPECT_TRUE(wait_until([&] { return count(process.standard_error(), kRefused) == 1; }));
  EXPECT_EQ(ask_with("service", secret), 200);
  config_.folder().write("later.secret", std::string(kServiceSecret) + "\n");
  EXPECT_TRUE(wait_until([&] { return ask_with("service", kServiceSecret) == 200; })) << process.standard_error();
  EXPECT_EQ(count(process.standard_error(), kRefused), 1u);
}

TEST_F(Reload, TheEnvironmentStaysAsItWasAtTheStart) {
  const std::string key = new_sealing_key();
  const std::uint16_t port = free_port();
  config_.document["server"]["port"] = port;
  config_.document["sealing_key_file"] = "nowhere.key";
  BackgroundProcess process({.arguments = {"serve", "--config", config_.write().string()},
                             .environment = {{"MINTMARK_SEALING_KEY", key},
                                             {"MINTMARK_LOG_LEVEL", "warning"},
                                             {"MINTMARK_RELOAD_WATCH", "true"}}},
                            config_.folder().path());
  const auto works = [&](const std::string& client) {
    try {
      return HttpClient(port)
                 .post_form("/token", {{"grant_type", "client_credentials"}},
                            {{"Authorization", basic_authorization(client, kServiceSecret)}})
                 .status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  ASSERT_TRUE(wait_until([&] { return works("service"); })) << process.standard_error();
  config_.document["clients"][0]["client_id"] = "fresh";
  config_.document["log"]["level"] = "debug";
  config_.write();
  EXPECT_TRUE(wait_until([&] { return works("fresh"); })) << process.standard_error();
  EXPECT_EQ(process.standard_error(), "");
}

/// How many stored keys `key list` finds under `sealing_key`.
std::ptrdiff_t sealed_under(const MintConfig& config, const std::string& sealing_key) {
  const Json keys = Json::parse(run_command(config, {"key", "list", "--json"}).standard_output);
  return std::ranges::count_if(keys, [&](const Json& key) { return key.at("sealing_key") == sealing_key; });
}

TEST_F(Reload, TheSealingKeyIsReplacedWithoutARestartAndAKillInBetweenLosesNothing) {
  constexpr int kSecrets = 100;  // so that it takes several steps
  config_.document["clients"][1]["refresh"] = {{"grace", "1m"}};
  for (int i = 0; i < kSecrets; ++i) {
    config_.document["resources"].push_back(
        {{"id", "https://hs" + std::to_string(i) + ".example.com"}, {"alg", "HS256"}});
  }
  start();
  const std::string used = login();
  const std::string successor = refresh(used).json().at("refresh_token");
  const std::string jwks = HttpClient(service_->port()).get("/.well-known/jwks.json").body;
  const std::string old_key = read_all(config_.folder() / "sealing.key");
  const std::string new_key = new_sealing_key();

  config_.folder().write("sealing.key", new_key + old_key);
  ASSERT_TRUE(reload());
  ASSERT_TRUE(wait_until([&] { return sealed_under(config_, "first") > 0; }));
  service_->process().signal(SIGKILL);
  service_->process().wait(10s);
  EXPECT_GT(sealed_under(config_, "older"), 0) << "killed in between";
  EXPECT_EQ(sealed_under(config_, "unknown"), 0);

  // Neither key alone will do, and says so.
  for (const std::string& alone : {old_key, new_key}) {
    config_.folder().write("sealing.key", alone);
    const ProcessResult refused = run_command(config_, {"serve"});
    EXPECT_EQ(refused.exit_code, 1);
    EXPECT_NE(refused.standard_error.find("the sealing key does not open key"), std::string::npos);
  }
  config_.folder().write("sealing.key", new_key + old_key);
  start();
  EXPECT_EQ(refresh(used).json().at("refresh_token"), successor) << "within its grace";
  ASSERT_TRUE(wait_until([&] { return lines(kSealed) > 0; }));
  EXPECT_EQ(sealed_under(config_, "older"), 0);
  config_.folder().write("sealing.key", new_key);
  ASSERT_TRUE(reload());
  EXPECT_EQ(sealed_under(config_, "first"), kSecrets + 3) << "and the key of ES256, of HMAC and of refresh tokens";

  start();
  EXPECT_EQ(HttpClient(service_->port()).get("/.well-known/jwks.json").body, jwks);
  EXPECT_EQ(HttpClient(service_->port()).get("/readyz").status, 200);
  EXPECT_EQ(refresh(successor).status, 200);
}

TEST_F(Reload, TheOldSealingKeyMayNotGoBeforeItIsNotNeeded) {
  start();
  const std::string old_key = read_all(config_.folder() / "sealing.key");
  config_.folder().write("sealing.key", new_sealing_key());
  EXPECT_FALSE(reload());
  EXPECT_EQ(ask("service").status, 200);
  config_.folder().write("sealing.key", old_key);
  EXPECT_TRUE(reload());
}

}  // namespace
}  // namespace mintmark::testing
