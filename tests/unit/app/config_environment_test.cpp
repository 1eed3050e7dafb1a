#include <algorithm>
#include <functional>

#include "config_files.hpp"

namespace mintmark::app {
namespace {

/// Calls `visit` with the variable's name and the schema of each scalar setting.
void for_each_setting(const std::function<void(const std::string& variable, const Json& schema)>& visit) {
  const Result<Json> schema = parse_json_object(render_config_schema());
  ASSERT_TRUE(schema) << schema.error().detail;
  const auto walk = [&](const auto& self, const std::string& prefix, const Json& properties) -> void {
    for (const auto& [name, property] : properties.items()) {
      if (name == "$schema" || property.value("type", "") == "array") continue;
      std::string variable = prefix + "_" + name;
      std::ranges::transform(variable, variable.begin(), [](unsigned char c) { return std::toupper(c); });
      if (property.contains("properties")) {
        self(self, variable, property["properties"]);
      } else {
        visit(variable, property);
      }
    }
  };
  walk(walk, "MINTMARK", (*schema)["properties"]);
}

class ConfigEnvironment : public ConfigFiles {
 protected:
  [[nodiscard]] Result<Config> load_with(const Environment& environment) const {
    return load(minimal_document(), environment);
  }
  [[nodiscard]] std::string refusal_with(const Environment& environment) const {
    return refusal(minimal_document(), environment);
  }
};

TEST_F(ConfigEnvironment, OverridesTheFile) {
  Json document = minimal_document();
  document["server"] = {{"port", 1}};
  const Result<Config> config = load(document, {{"MINTMARK_SERVER_PORT", "9000"},
                                                {"MINTMARK_ISSUER", "https://other.example.com"},
                                                {"MINTMARK_STORAGE_PATH", "/data/m.db"},
                                                {"MINTMARK_KEYS_ROTATE_EVERY", "60d"},
                                                {"MINTMARK_KEYS_RSA_BITS", "4096"},
                                                {"MINTMARK_PASSWORDS_MEMORY_BUDGET", "1GiB"},
                                                {"MINTMARK_LOG_FORMAT", "json"}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->server.port, 9000);
  EXPECT_EQ(config->issuer.url, "https://other.example.com");
  EXPECT_EQ(config->storage.path, "/data/m.db");
  EXPECT_EQ(config->keys.periods.rotate_every, std::chrono::hours(24 * 60));
  EXPECT_EQ(config->keys.rsa_bits, 4096U);
  EXPECT_EQ(config->passwords.memory_budget_bytes, std::uint64_t{1} << 30U);
  EXPECT_EQ(config->log.format, ops::LogFormat::json);
}

TEST_F(ConfigEnvironment, AListHasCommasBetweenItsElements) {
  const Result<Config> config = load_with({{"MINTMARK_SERVER_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::1,unix"}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(http::render_trusted_proxies(config->server.trusted_proxies),
            (std::vector<std::string>{"10.0.0.0/8", "2001:db8::1", "unix"}));
  const Result<Config> empty = load_with({{"MINTMARK_SERVER_TRUSTED_PROXIES", ""}});
  ASSERT_TRUE(empty) << empty.error().detail;
  EXPECT_TRUE(empty->server.trusted_proxies.empty());
  EXPECT_TRUE(refusal_with({{"MINTMARK_SERVER_TRUSTED_PROXIES", "10.0.0.0/8,"}})
                  .starts_with("MINTMARK_SERVER_TRUSTED_PROXIES: expected a list without repetition, each element"));
}

// A variable's path is relative to where the process runs, as in a shell.
TEST_F(ConfigEnvironment, RelativePathsAreRelativeToTheWorkingDirectory) {
  const Result<Config> config = load_with({{"MINTMARK_STORAGE_PATH", "m.db"}});
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->storage.path, std::filesystem::current_path() / "m.db");
}

TEST_F(ConfigEnvironment, EverySettingHasAVariableAndAFileForm) {
  int visited = 0;
  for_each_setting([&](const std::string& variable, const Json& schema) {
    if (!schema.contains("default")) return;
    const Json& otherwise = schema["default"];
    const std::string text = otherwise.is_string() ? otherwise.get<std::string>() : otherwise.dump();
    EXPECT_TRUE(load_with({{variable, text}})) << variable;
    EXPECT_TRUE(load_with({{variable + "_FILE", folder_.write("value", text + "\n").string()}})) << variable;
    ++visited;
  });
  EXPECT_GT(visited, 25);
}

TEST_F(ConfigEnvironment, EverySettingRefusesNonsense) {
  int visited = 0;
  for_each_setting([&](const std::string& variable, const Json& schema) {
    const bool is_free_text = schema.value("type", "") == "string" && !schema.contains("pattern");
    if (is_free_text) return;
    const std::string message = refusal_with({{variable, "?"}});
    EXPECT_TRUE(message.starts_with(variable + ": expected ")) << message;
    ++visited;
  });
  EXPECT_GT(visited, 25);
}

TEST_F(ConfigEnvironment, UnknownVariablesAreRefused) {
  EXPECT_EQ(refusal_with({{"MINTMARK_SERVER_PROT", "1"}}), "MINTMARK_SERVER_PROT: is not the name of a setting");
  EXPECT_EQ(refusal_with({{"MINTMARK_CLIENTS", "[]"}}), "MINTMARK_CLIENTS: is not the name of a setting");
}

TEST_F(ConfigEnvironment, VariablesOfOthersAreLeftAlone) {
  EXPECT_TRUE(load_with({{"MINTMARK_CONFIG", "/etc/mintmark.json"}, {"MINTMARK_VECTORS", "/vectors"}}));
  // What Kubernetes sets for a Service called "mintmark".
  EXPECT_TRUE(load_with({{"MINTMARK_PORT", "tcp://10.0.0.1:80"},
                         {"MINTMARK_PORT_80_TCP_ADDR", "10.0.0.1"},
                         {"MINTMARK_SERVICE_HOST", "10.0.0.1"},
                         {"MINTMARK_SERVICE_PORT", "80"}}));
}

TEST_F(ConfigEnvironment, WhatOnlyResemblesAServiceLinkIsNoSetting) {
  EXPECT_EQ(refusal_with({{"MINTMARK_PORT", "9000"}}), "MINTMARK_PORT: is not the name of a setting");
  EXPECT_EQ(refusal_with({{"MINTMARK_SERVICE_PORT", "9000"}}), "MINTMARK_SERVICE_PORT: is not the name of a setting");
  EXPECT_EQ(refusal_with({{"MINTMARK_PORT_80_TCP_PORT", "80"}}),
            "MINTMARK_PORT_80_TCP_PORT: is not the name of a setting");
}

// Each setting is named by where it can be changed.
TEST_F(ConfigEnvironment, AnImpossibleCombinationNamesTheVariablesThatMakeIt) {
  const std::string file = (folder_ / "mintmark.json").string();
  Json document = minimal_document();
  document["keys"] = {{"retain", "25h"}};
  EXPECT_TRUE(refusal(document, {{"MINTMARK_TOKENS_MAX_LIFETIME", "48h"}})
                  .starts_with(file + ": keys.retain: is 25h, must be at least 2881m, MINTMARK_TOKENS_MAX_LIFETIME and "
                                      "keys.clock_skew together"));
  EXPECT_TRUE(refusal_with({{"MINTMARK_KEYS_RETAIN", "1h"}}).starts_with("MINTMARK_KEYS_RETAIN: is 1h, must be"));
  const std::string value = folder_.write("value", "1MiB\n").string();
  EXPECT_TRUE(refusal_with({{"MINTMARK_PASSWORDS_MEMORY_BUDGET_FILE", value}})
                  .starts_with("MINTMARK_PASSWORDS_MEMORY_BUDGET_FILE: expected room for one hash"));
  EXPECT_EQ(refusal_with({{"MINTMARK_LOGIN_DEFAULT_CLIENT", "nobody"}}),
            "MINTMARK_LOGIN_DEFAULT_CLIENT: expected the client_id of a declared client");
}

TEST_F(ConfigEnvironment, BothFormsAtOnceAreRefused) {
  const std::string file = folder_.write("port", "9000").string();
  EXPECT_EQ(refusal_with({{"MINTMARK_SERVER_PORT", "9000"}, {"MINTMARK_SERVER_PORT_FILE", file}}),
            "MINTMARK_SERVER_PORT: expected either this or MINTMARK_SERVER_PORT_FILE, not both");
}

TEST_F(ConfigEnvironment, AFileThatCannotBeReadIsNamed) {
  const std::string message = refusal_with({{"MINTMARK_SERVER_PORT_FILE", "/absent"}});
  EXPECT_TRUE(message.starts_with("MINTMARK_SERVER_PORT_FILE: /absent: ")) << message;
}

TEST_F(ConfigEnvironment, TheSealingKeyReplacesTheFileOfTheConfiguration) {
  Json document = minimal_document();
  document["sealing_key_file"] = "sealing.key";
  const Result<Config> config = load(document, {{"MINTMARK_SEALING_KEY", "c2VjcmV0"}});
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_TRUE(config->sealing_key.value);
  EXPECT_EQ(config->sealing_key.value->reveal_text(), "c2VjcmV0");
  EXPECT_TRUE(config->sealing_key.file.empty());

  const Result<Config> by_file = load(document, {{"MINTMARK_SEALING_KEY_FILE", "/run/secrets/key"}});
  ASSERT_TRUE(by_file) << by_file.error().detail;
  EXPECT_EQ(by_file->sealing_key.file, "/run/secrets/key");
  EXPECT_FALSE(by_file->sealing_key.value);
}

TEST_F(ConfigEnvironment, TheSealingKeyIsGivenInOneForm) {
  EXPECT_TRUE(refusal_with({{"MINTMARK_SEALING_KEY", "c2VjcmV0"}, {"MINTMARK_SEALING_KEY_FILE", "/key"}})
                  .starts_with("MINTMARK_SEALING_KEY: expected either"));
  EXPECT_TRUE(refusal_with({{"MINTMARK_SEALING_KEY", ""}}).starts_with("MINTMARK_SEALING_KEY: expected base64"));
}

}  // namespace
}  // namespace mintmark::app
