#include "mintmark/app/config.hpp"

#include <functional>

#include "config_files.hpp"
#include "mintmark/base/file.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::app {
namespace {

using namespace std::chrono_literals;

class ConfigTest : public ConfigFiles {};

TEST_F(ConfigTest, MinimalFileGetsTheDefaults) {
  const Result<Config> config = load(minimal_document());
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->issuer.url, "https://id.example.com");
  EXPECT_EQ(config->server.port, 8080);
  EXPECT_EQ(config->keys.periods.rotate_every, 24h * 30);
  EXPECT_EQ(config->keys.periods.publish_ahead, 24h);
  EXPECT_EQ(config->keys.periods.longest_lifetime, 24h);
  EXPECT_EQ(config->passwords.argon2, (crypto::Argon2Parameters{19456, 2, 1}));
  EXPECT_EQ(config->passwords.memory_budget_bytes, std::uint64_t{256} * 1024 * 1024);
  EXPECT_EQ(config->log.format, ops::LogFormat::text);
  EXPECT_FALSE(config->default_client);
}

TEST_F(ConfigTest, CommentsAndSchemaAreAllowed) {
  const Result<Config> config = load_text(R"({
    // for editors
    "$schema": "./mintmark.schema.json",
    "issuer": "https://id.example.com", /* final */
    "storage": { "path": "mintmark.db" }
  })");
  EXPECT_TRUE(config) << config.error().detail;
}

TEST_F(ConfigTest, SectionsInSectionsAreReadAndWrittenAndTheirPathsAreThoseOfTheFile) {
  Json document = minimal_document();
  document["server"] = {{"port", "off"},
                        {"unix_socket", "mint.sock"},
                        {"unix_socket_mode", "0606"},
                        {"drain_delay", "5s"},
                        {"tls",
                         {{"certificate_file", "tls.crt"},
                          {"key_file", "/run/tls.key"},
                          {"client_certificates", "require"},
                          {"client_ca_file", "ca.crt"}}}};
  document["private"] = {{"address", "::"}, {"port", 9101}, {"unix_socket", "p.sock"}, {"max_connections", 7}};
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  const http::ServerOptions& server = config->server;
  EXPECT_EQ(server.port, std::nullopt);
  EXPECT_EQ(server.unix_socket, folder_ / "mint.sock");
  EXPECT_EQ(server.unix_socket_mode, 0606U);
  EXPECT_EQ(server.drain_delay, 5s);
  EXPECT_EQ(server.tls.certificate_file, folder_ / "tls.crt");
  EXPECT_EQ(server.tls.key_file, "/run/tls.key");
  EXPECT_EQ(server.tls.client_certificates, http::ClientCertificates::require);
  EXPECT_EQ(server.private_side.address, "::");
  EXPECT_EQ(server.private_side.port, 9101);
  EXPECT_EQ(server.private_side.unix_socket, folder_ / "p.sock");
  EXPECT_EQ(server.private_side.max_connections, 7U);
  const std::string rendered = render_config(*config);
  const Result<Config> again = load_text(rendered);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(render_config(*again), rendered);
  const Result<Config> by_variable =
      load(minimal_document(), {{"MINTMARK_PRIVATE_PORT", "off"}, {"MINTMARK_SERVER_DRAIN_DELAY", "1s"}});
  ASSERT_TRUE(by_variable) << by_variable.error().detail;
  EXPECT_EQ(by_variable->server.private_side.port, std::nullopt);
}

TEST_F(ConfigTest, EverySectionIsRead) {
  Json document = full_document();
  document["server"] = {{"address", "::1"},        {"port", 9000},        {"threads", 3}, {"max_header_size", "4KiB"},
                        {"max_body_size", "1MiB"}, {"idle_timeout", "5s"}};
  document["storage"]["queue"] = 7;
  document["keys"] = {{"rotate_every", "10d"}, {"retain", "48h"}, {"rsa_bits", 3072}};
  document["tokens"] = {{"max_lifetime", "1h"}};
  document["passwords"] = {{"memory_kib", 64}, {"iterations", 3}, {"parallelism", 2}, {"memory_budget", "1MiB"}};
  document["log"] = {{"format", "json"}, {"level", "debug"}};
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->server.address, "::1");
  EXPECT_EQ(config->server.port, 9000);
  EXPECT_EQ(config->server.threads, 3U);
  EXPECT_EQ(config->server.max_header_bytes, 4096U);
  EXPECT_EQ(config->server.max_body_bytes, 1024U * 1024U);
  EXPECT_EQ(config->server.idle_timeout, 5s);
  EXPECT_EQ(config->storage.queue, 7U);
  EXPECT_EQ(config->keys.periods.rotate_every, 240h);
  EXPECT_EQ(config->keys.periods.retain, Duration(48h));
  EXPECT_EQ(config->keys.rsa_bits, 3072U);
  EXPECT_EQ(config->keys.periods.longest_lifetime, 1h);
  EXPECT_EQ(config->passwords.argon2, (crypto::Argon2Parameters{64, 3, 2}));
  EXPECT_EQ(config->passwords.memory_budget_bytes, 1024U * 1024U);
  EXPECT_EQ(config->log.format, ops::LogFormat::json);
  EXPECT_EQ(config->log.level, ops::LogLevel::debug);
  EXPECT_EQ(config->default_client, ClientId("app"));
  ASSERT_EQ(config->clients.size(), 1U);
  EXPECT_TRUE(config->clients[0].is_public());
  ASSERT_EQ(config->resources.size(), 2U);
  EXPECT_EQ(config->resources[1].alg, jose::Alg::HS256);
  ASSERT_EQ(config->users.size(), 1U);
  EXPECT_EQ(config->users[0].attributes["role"], "Admin");
}

TEST_F(ConfigTest, RelativePathsAreRelativeToTheFile) {
  Json document = minimal_document();
  document["sealing_key_file"] = "../sealing.key";
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->storage.path, folder_ / "mintmark.db");
  EXPECT_EQ(config->sealing_key.file, folder_.path().parent_path() / "sealing.key");
}

TEST_F(ConfigTest, AFileThatCannotBeReadIsNamed) {
  const Result<Config> config = load_config(folder_ / "absent.json", {});
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().kind, ErrorKind::not_found);
  EXPECT_NE(config.error().detail.find("absent.json"), std::string::npos);
}

TEST_F(ConfigTest, ASyntaxErrorNamesFileAndLine) {
  const Result<Config> config = load_text("{\n  \"issuer\": \n}");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().detail.find("not JSON, at line 3"), std::string::npos) << config.error().detail;
}

TEST_F(ConfigTest, DuplicateNamesAreRefused) {
  const Result<Config> config = load_text(R"({"issuer": "https://a.example", "issuer": "https://b.example"})");
  ASSERT_FALSE(config);
  EXPECT_NE(config.error().detail.find("duplicate name"), std::string::npos);
}

// What a secret_file holds is never in the document itself.

TEST_F(ConfigTest, ClientSecretFileBecomesItsHash) {
  folder_.write("first.secret", "0123456789abcdef0123456789abcdef\n");
  Json document = full_document();
  document["clients"].push_back({{"client_id", "service"},
                                 {"grant_types", {"client_credentials"}},
                                 {"resources", {"https://api.example.com"}},
                                 {"secrets", {{{"id", "first"}, {"secret_file", "first.secret"}}}}});
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->clients[1].secrets.size(), 1U);
  EXPECT_EQ(config->clients[1].secrets[0].sha256,
            crypto::digest(crypto::Hash::sha256, as_bytes("0123456789abcdef0123456789abcdef")));
}

TEST_F(ConfigTest, ResourceSecretFileIsKept) {
  folder_.write("legacy.secret", "0123456789abcdef0123456789abcdef\n");
  Json document = full_document();
  document["resources"][1]["secret_file"] = "legacy.secret";
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_TRUE(config->resource_secrets.contains(ResourceId("https://legacy.example.com")));
  EXPECT_EQ(config->resource_secrets.at(ResourceId("https://legacy.example.com")).reveal_text(),
            "0123456789abcdef0123456789abcdef");
}

TEST_F(ConfigTest, PasswordHashFileIsRead) {
  const Result<std::string> hash = crypto::hash_password(Secret("pw"), {.memory_kib = 64, .iterations = 1});
  ASSERT_TRUE(hash);
  folder_.write("alice.hash", *hash + "\n");
  Json document = full_document();
  document["users"][0]["password_hash_file"] = "alice.hash";
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->users[0].password_hash, *hash);
}

TEST_F(ConfigTest, DeclaredUsersAndClientsCanEndSessions) {
  Json document = full_document();
  for (const char* declared : {"users", "clients"})
    document[declared][0]["sessions_valid_from"] = "2027-01-15T08:00:00Z";
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->users[0].sessions_valid_from, from_unix_ms(1'800'000'000'000));
  EXPECT_EQ(config->clients[0].sessions_valid_from, from_unix_ms(1'800'000'000'000));
}

// Rendering.

TEST_F(ConfigTest, RenderedConfigIsTheEffectiveOneWithoutSecretsAndLoadsAgain) {
  folder_.write("first.secret", "0123456789abcdef0123456789abcdef\n");
  const Result<std::string> hash = crypto::hash_password(Secret("pw"), {.memory_kib = 64, .iterations = 1});
  ASSERT_TRUE(hash);
  Json document = full_document();
  document["clients"].push_back({{"client_id", "service"},
                                 {"grant_types", {"client_credentials"}},
                                 {"resources", {"https://api.example.com"}},
                                 {"secrets", {{{"id", "first"}, {"secret_file", "first.secret"}}}}});
  document["users"][0]["password_hash"] = *hash;
  const Result<Config> config =
      load(document, {{"MINTMARK_SERVER_PORT", "9001"}, {"MINTMARK_SEALING_KEY", "canary-key"}});
  ASSERT_TRUE(config) << config.error().detail;
  const std::string shown = render_config(*config);
  const Result<Json> parsed = parse_json_object(shown);
  ASSERT_TRUE(parsed);
  EXPECT_EQ((*parsed)["server"]["port"], 9001);
  EXPECT_EQ((*parsed)["keys"]["rotate_every"], "30d");
  EXPECT_EQ((*parsed)["clients"][1]["secrets"][0]["id"], "first");
  EXPECT_EQ(shown.find("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(shown.find("argon2id"), std::string::npos);
  EXPECT_EQ(shown.find("canary"), std::string::npos);

  const Result<Config> again = load_text(shown);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(render_config(*again), shown);
  EXPECT_EQ(again->clients[1].secrets[0].sha256, config->clients[1].secrets[0].sha256);
  EXPECT_EQ(again->users[0].id, config->users[0].id);
}

// The files of the repository. Their secrets are made on the first run, so only their form is read here.

std::filesystem::path config_folder() {
  return std::filesystem::path(__FILE__).parent_path() / "../../../config";
}

TEST(ConfigSchema, CommittedSchemaIsTheRenderedOne) {
  const Result<std::string> committed = read_file(config_folder() / "mintmark.schema.json", 1024 * 1024);
  ASSERT_TRUE(committed) << committed.error().detail;
  EXPECT_EQ(*committed, render_config_schema()) << "renew it with `mintmark config schema`";
}

TEST(ConfigSchema, NothingUndescribedIsAllowed) {
  const Result<Json> schema = parse_json_object(render_config_schema());
  ASSERT_TRUE(schema) << schema.error().detail;
  EXPECT_EQ((*schema)["$schema"], "https://json-schema.org/draft/2020-12/schema");
  const std::function<void(const Json&)> check = [&](const Json& node) {
    if (node.contains("properties")) {
      EXPECT_EQ(node["additionalProperties"], false);
      for (const auto& [name, property] : node["properties"].items()) {
        EXPECT_TRUE(property.contains("description") || property.contains("properties")) << name;
        check(property);
      }
    }
    if (node.contains("items")) check(node["items"]);
  };
  check(*schema);
}

/// The members that the schema gives to the elements of an array.
Json members_of(std::string_view array) {
  const Result<Json> schema = parse_json_object(render_config_schema());
  return schema ? (*schema)["properties"][std::string(array)]["items"]["properties"] : Json();
}

TEST_F(ConfigTest, ReadersKnowEveryMemberOfTheSchema) {
  for (const char* array : {"resources", "clients", "users"}) {
    const Json members = members_of(array);
    EXPECT_GE(members.size(), 6U);
    for (const auto& [name, schema] : members.items()) {
      Json document = full_document();
      document[array][0][name] = nullptr;  // of no member the right type
      EXPECT_EQ(refusal(document).find("is not known"), std::string::npos) << name;
    }
  }
}

TEST(ConfigSchema, HasEveryMemberThatIsRendered) {
  const Json client = oauth::render_client({});
  for (const auto& [name, value] : client.items())
    EXPECT_TRUE(members_of("clients").contains(name)) << name;
  const Json resource = oauth::render_resource({});
  for (const auto& [name, value] : resource.items())
    EXPECT_TRUE(members_of("resources").contains(name)) << name;
}

TEST_F(ConfigTest, SamplesLoadOnceTheirSecretsExist) {
  const Result<std::string> hash = crypto::hash_password(Secret("pw"), {.memory_kib = 64, .iterations = 1});
  ASSERT_TRUE(hash);
  std::filesystem::create_directories(folder_ / "config");
  std::filesystem::create_directories(folder_ / "var");
  folder_.write("var/demo-service.secret", "0123456789abcdef0123456789abcdef\n");
  folder_.write("var/alice.hash", *hash);
  for (const char* name : {"demo.json", "production.json"}) {
    Result<std::string> text = read_file(config_folder() / name, 1024 * 1024);
    ASSERT_TRUE(text) << text.error().detail;
    for (std::size_t at = 0; (at = text->find("/run/secrets/billing", at)) != std::string::npos;) {
      const std::size_t end = text->find('"', at);
      text->replace(at, end - at, "../var/demo-service.secret");
    }
    const Result<Config> config = load_config(folder_.write(std::string("config/") + name, *text), {});
    EXPECT_TRUE(config) << config.error().detail;
  }
}

}  // namespace
}  // namespace mintmark::app
