// Everything that must stop the start, each with the file, the path of the key and what was expected.

#include <vector>

#include "config_files.hpp"

namespace mintmark::app {
namespace {

struct Case {
  const char* pointer;  ///< RFC 6901, into full_document()
  const char* value;    ///< JSON
  const char* refusal;  ///< how the message goes on after the file
};

class ConfigRefusal : public ConfigFiles, public ::testing::WithParamInterface<Case> {};

TEST_P(ConfigRefusal, NamesFileKeyAndExpectation) {
  Json document = full_document();
  document[Json::json_pointer(GetParam().pointer)] = Json::parse(GetParam().value);
  const std::string message = refusal(document);
  const std::string start = (folder_ / "mintmark.json").string() + ": " + GetParam().refusal;
  EXPECT_TRUE(message.starts_with(start)) << message << "\nexpected: " << start;
}

const std::vector<Case> kUnknown{
    {"/isuer", R"("x")", "isuer: is not known here"},
    {"/server/prot", "1", "server.prot: is not known here"},
    {"/sealing_key", R"("c2VjcmV0")", "sealing_key: is not known here"},
    {"/login/client", R"("app")", "login.client: is not known here"},
    {"/clients/0/secret", R"("s")", "clients[0].secret: is not known here"},
    {"/clients/0/refresh", R"({"gracee": "1s"})", "clients[0].refresh.gracee: is not known here"},
    {"/resources/0/algorithm", R"("ES256")", "resources[0].algorithm: is not known here"},
    {"/users/0/role", R"("Admin")", "users[0].role: is not known here"},
};

const std::vector<Case> kWrongType{
    {"/issuer", "1", "issuer: expected an https URL"},
    {"/issuer", R"("")", "issuer: expected an https URL"},
    {"/issuer", "null", "issuer: expected an https URL"},
    {"/issuer", R"("http://id.example.com")", "issuer: expected an https URL"},
    {"/issuer", R"("https://id.example.com/")", "issuer: expected an https URL"},
    {"/server", "[]", "server: expected an object"},
    {"/server/address", "7", "server.address: expected a string"},
    {"/server/port", R"("8080")", "server.port: expected a whole number from 0 to 65535"},
    {"/server/port", "65536", "server.port: expected a whole number"},
    {"/server/port", "-1", "server.port: expected a whole number"},
    {"/server/port", "80.5", "server.port: expected a whole number"},
    {"/server/port", "18446744073709551615", "server.port: expected a whole number"},
    {"/server/threads", "true", "server.threads: expected a whole number"},
    {"/server/request_deadline", "10", "server.request_deadline: expected a duration"},
    {"/server/request_deadline", R"("10")", "server.request_deadline: expected a duration"},
    {"/server/request_deadline", R"("0s")", "server.request_deadline: expected a duration from \"100ms\""},
    {"/server/write_deadline", R"("-1s")", "server.write_deadline: expected a duration"},
    {"/server/idle_timeout", R"("2h")", "server.idle_timeout: expected a duration"},
    {"/server/max_header_size", "8192", "server.max_header_size: expected an amount of memory"},
    {"/server/max_body_size", R"("1MB")", "server.max_body_size: expected an amount of memory"},
    {"/server/max_body_size", R"("9999999999999999GiB")", "server.max_body_size: expected an amount of memory"},
    {"/server/max_connections", "0", "server.max_connections: expected a whole number"},
    {"/server/trusted_proxies", R"("10.0.0.0/8")", "server.trusted_proxies: expected a list"},
    {"/server/trusted_proxies", R"(["10.0.0.1/8"])", "server.trusted_proxies: expected a list"},
    {"/server/trusted_proxies", R"(["::1", "::1"])", "server.trusted_proxies: expected a list"},
    {"/server/trusted_proxies", R"(["proxy.example.com"])", "server.trusted_proxies: expected a list"},
    {"/server/trusted_proxies", "[1]", "server.trusted_proxies: expected a list"},
    {"/server/forwarded_header", R"("x-real-ip")", "server.forwarded_header: expected one of"},
    {"/server/max_requests_per_connection", "0", "server.max_requests_per_connection: expected a whole number"},
    {"/server/drain_time", "{}", "server.drain_time: expected a duration"},
    {"/server/port", R"("of")", R"(server.port: expected a whole number from 0 to 65535, or "off")"},
    {"/server/unix_socket_mode", R"("660")", "server.unix_socket_mode: expected permissions in octal"},
    {"/server/unix_socket_mode", R"("0888")", "server.unix_socket_mode: expected permissions in octal"},
    {"/server/drain_delay", "5", "server.drain_delay: expected a duration"},
    {"/server/tls", "true", "server.tls: expected an object"},
    {"/server/tls", R"({"key": "x"})", "server.tls.key: is not known here"},
    {"/server/tls", R"({"certificate_file": 1})", "server.tls.certificate_file: expected a string"},
    {"/server/tls", R"({"client_certificates": "yes"})",
     R"(server.tls.client_certificates: expected one of "none", "request", "require", "any")"},
    {"/private", R"({"max_connections": 0})", "private.max_connections: expected a whole number"},
    {"/server/cors_max_age", "false", "server.cors_max_age: expected a duration"},
    {"/storage/path", R"("")", "storage.path: expected a string that is not empty"},
    {"/storage/threads", "0", "storage.threads: expected a whole number"},
    {"/storage/queue", R"("many")", "storage.queue: expected a whole number"},
    {"/sealing_key_file", "[]", "sealing_key_file: expected a string"},
    {"/keys/rotate_every", "30", "keys.rotate_every: expected a duration"},
    {"/keys/publish_ahead", R"("1 d")", "keys.publish_ahead: expected a duration"},
    {"/keys/jwks_max_age", R"("25h")", "keys.jwks_max_age: expected a duration"},
    {"/keys/clock_skew", R"("1y")", "keys.clock_skew: expected a duration"},
    {"/keys/retain", "null", "keys.retain: expected a duration"},
    {"/keys/rsa_bits", "1024", "keys.rsa_bits: expected one of 2048, 3072, 4096"},
    {"/tokens/max_lifetime", R"("0s")", "tokens.max_lifetime: expected a duration"},
    {"/passwords/memory_kib", "1000000", "passwords.memory_kib: expected a whole number"},
    {"/passwords/iterations", "0", "passwords.iterations: expected a whole number"},
    {"/passwords/parallelism", "0", "passwords.parallelism: expected a whole number"},
    {"/passwords/memory_budget", "256", "passwords.memory_budget: expected an amount of memory"},
    {"/passwords/queue", "0", "passwords.queue: expected a whole number"},
    {"/login/default_client", "1", "login.default_client: expected the client_id"},
    {"/log/format", R"("xml")", R"(log.format: expected one of "text", "json")"},
    {"/log/level", R"("INFO")", R"(log.level: expected one of "debug", "info", "warning", "error")"},
    {"/clients", "{}", "clients: expected an array"},
    {"/clients/0", "1", "clients[0]: expected an object"},
    {"/clients/0/secrets", R"([{"id": "a", "secret_file": 7}])",
     "clients[0].secrets[0].secret_file: expected the path"},
    {"/clients/0/grant_types", R"(["implicit"])", "clients[0].grant_types: expected some of"},
    {"/resources", R"("x")", "resources: expected an array"},
    {"/resources/0/id", R"("api")", "resources[0].id: expected an absolute URI"},
    {"/resources/0/alg", R"("none")", "resources[0].alg: unknown algorithm"},
    {"/resources/0/claims", R"({"iss": "x"})", "resources[0].claims: "},
    {"/users", "7", "users: expected an array"},
    {"/users/0/id", R"("")", "users[0].id: expected a string that is not empty"},
    {"/users/0/id", R"("a\nb")", "users[0].id: expected at most 255 printable ASCII characters"},
    {"/users/0/username", R"("a\nb")", "users[0].username: expected"},
    {"/users/0/disabled", R"("no")", "users[0].disabled: expected true or false"},
    {"/users/0/sessions_valid_from", R"("today")", "users[0].sessions_valid_from: expected a time"},
    {"/users/0/attributes", "[]", "users[0].attributes: expected an object"},
    {"/users/0/password_hash", R"("plain")", "users[0].password_hash: expected a password hash"},
    {"/users/0/password_hash_file", R"("absent.hash")", "users[0].password_hash_file: "},
    {"/resources/1/secret_file", R"("absent.secret")", "resources[1].secret_file: "},
};

const std::vector<Case> kImpossible{
    {"/server/tls", R"({"certificate_file": "a"})", "server.tls.key_file: is required with"},
    {"/server/tls", R"({"key_file": "a"})", "server.tls.certificate_file: is required with"},
    {"/server/tls", R"({"client_certificates": "require"})",
     R"(server.tls.client_certificates: expected "none" without server.tls.certificate_file)"},
    {"/server/tls", R"({"certificate_file": "a", "key_file": "b", "client_certificates": "request"})",
     "server.tls.client_ca_file: is required where clients are asked"},
    {"/server/tls", R"({"certificate_file": "a", "key_file": "b", "client_ca_file": "c"})",
     "server.tls.client_ca_file: expected server.tls.client_certificates"},
    {"/server", R"({"client_cert_header": "verified"})",
     "server.client_cert_header: is believed of server.trusted_proxies alone"},
    {"/keys", R"({"publish_ahead": "5m"})",
     "keys.publish_ahead: is 5m, must be at least 362s, keys.jwks_max_age, keys.clock_skew and"},
    {"/keys", R"({"retain": "1h"})",
     "keys.retain: is 1h, must be at least 1441m, tokens.max_lifetime and keys.clock_skew together"},
    {"/keys", R"({"rotate_every": "1d"})", "keys.rotate_every: is 1d, must be longer than keys.publish_ahead, 1d"},
    {"/passwords", R"({"memory_budget": "1MiB"})", "passwords.memory_budget: expected room for one hash"},
    {"/passwords", R"({"memory_kib": 8, "parallelism": 4})", "passwords.memory_kib: expected at least 8 for each lane"},
    {"/resources/0/lifetime", R"("25h")", "resources[0].lifetime: expected at most tokens.max_lifetime, 1d"},
    {"/resources/1/id", R"("https://api.example.com")", "resources[1].id: is declared twice"},
    {"/resources/0/secret_file", R"("x")", "resources[0].secret_file: is for HS256"},
    {"/clients/1", R"({"client_id": "app", "auth_methods": ["none"], "grant_types": ["password"],
                       "resources": ["https://api.example.com"]})",
     "clients[1].client_id: is declared twice"},
    {"/clients/0/auth_methods", R"(["client_secret_basic"])", "clients[0].secrets: "},
    // RFC 6749 §4.4
    {"/clients/0/grant_types", R"(["client_credentials"])", "clients[0].grant_types: client_credentials"},
    {"/clients/0/grant_types", R"(["refresh_token"])", "clients[0].grant_types: refresh_token"},
    {"/users/1", R"({"id": "u1", "username": "bob"})", "users[1].id: is declared twice"},
    {"/users/1", R"({"id": "u2", "username": "alice"})", "users[1].username: is declared twice"},
    // RFC 9068 §5
    {"/users/0/id", R"("app")", "users[0].id: is a client_id too"},
    {"/login/default_client", R"("nobody")", "login.default_client: expected the client_id of a declared client"},
};

std::string case_name(const ::testing::TestParamInfo<Case>& info) {
  std::string name = std::to_string(info.index);
  for (const char c : std::string_view(info.param.pointer))
    name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return name;
}

INSTANTIATE_TEST_SUITE_P(Unknown, ConfigRefusal, ::testing::ValuesIn(kUnknown), case_name);
INSTANTIATE_TEST_SUITE_P(WrongType, ConfigRefusal, ::testing::ValuesIn(kWrongType), case_name);
INSTANTIATE_TEST_SUITE_P(Impossible, ConfigRefusal, ::testing::ValuesIn(kImpossible), case_name);

class ConfigRefusalTest : public ConfigFiles {};

TEST_F(ConfigRefusalTest, RequiredSettings) {
  EXPECT_NE(refusal(Json::object()).find("issuer: is required"), std::string::npos);
  EXPECT_NE(refusal({{"issuer", "https://id.example.com"}}).find("storage.path: is required"), std::string::npos);
}

TEST_F(ConfigRefusalTest, DefaultLoginClientMustBePublicAndUsePasswords) {
  folder_.write("s", std::string(32, 's'));
  Json document = full_document();
  document["clients"][0]["auth_methods"] = {"client_secret_post"};
  document["clients"][0]["secrets"] = {{{"id", "a"}, {"secret_file", "s"}}};
  EXPECT_NE(refusal(document).find("login.default_client: expected a client with auth_methods [\"none\"]"),
            std::string::npos);
  document["clients"][0]["grant_types"] = {"client_credentials"};
  document["clients"].push_back(full_document()["clients"][0]);
  document["clients"][1]["client_id"] = "web";
  document["login"]["default_client"] = "web";
  EXPECT_TRUE(load(document));
}

TEST_F(ConfigRefusalTest, ASecretIsGivenInOneForm) {
  folder_.write("s", std::string(32, 's'));
  Json document = full_document();
  document["clients"][0]["secrets"] = {{{"id", "a"}, {"sha256", "x"}, {"secret_file", "s"}}};
  EXPECT_NE(refusal(document).find("clients[0].secrets[0].secret_file: expected either this or sha256"),
            std::string::npos);
  document = full_document();
  document["users"][0]["password_hash"] = "x";
  document["users"][0]["password_hash_file"] = "s";
  EXPECT_NE(refusal(document).find("users[0].password_hash_file: expected either this or password_hash"),
            std::string::npos);
}

TEST_F(ConfigRefusalTest, ShortSecretsAreRefused) {
  folder_.write("short", std::string(31, 's'));
  Json document = full_document();
  document["clients"][0]["secrets"] = {{{"id", "a"}, {"secret_file", "short"}}};
  EXPECT_NE(refusal(document).find("clients[0].secrets[0].secret_file: expected a secret of at least 32"),
            std::string::npos);
  // RFC 7518 §3.2
  document = full_document();
  document["resources"][1]["secret_file"] = "short";
  EXPECT_NE(refusal(document).find("resources[1].secret_file: expected a secret of at least 32 bytes"),
            std::string::npos);
}

TEST_F(ConfigRefusalTest, NoSecretIsInAMessage) {
  folder_.write("canary", "canary-31-characters-0123456789");
  Json document = full_document();
  document["clients"][0]["secrets"] = {{{"id", "a"}, {"secret_file", "canary"}}};
  EXPECT_EQ(refusal(document).find("canary-31"), std::string::npos);
  document = full_document();
  document["users"][0]["password_hash_file"] = "canary";
  EXPECT_EQ(refusal(document).find("canary-31"), std::string::npos);
  EXPECT_EQ(refusal(full_document(), {{"MINTMARK_SEALING_KEY", "canary-31"}, {"MINTMARK_SEALING_KEY_FILE", "x"}})
                .find("canary-31"),
            std::string::npos);
}

TEST_F(ConfigRefusalTest, AnAlgorithmThatThisOpenSslLacksIsRefused) {
  for (const jose::Alg alg : jose::all_algs()) {
    Json document = full_document();
    document["resources"][0]["alg"] = jose::name(alg);
    if (jose::is_available(alg)) {
      EXPECT_TRUE(load(document)) << jose::name(alg);
    } else {
      EXPECT_NE(refusal(document).find("resources[0].alg: " + std::string(jose::name(alg)) + " is not available"),
                std::string::npos);
    }
  }
}

TEST_F(ConfigRefusalTest, AnAuditStreamIsNeitherHalfOnNorHalfOff) {
  Json document = full_document();
  document["audit"] = {{"output", "file"}};
  EXPECT_NE(refusal(document).find("audit.file: is required for audit.output \"file\""), std::string::npos);
  document["audit"] = {{"file", "audit.log"}};
  EXPECT_NE(refusal(document).find("audit.output: expected \"file\", because audit.file is set"), std::string::npos);
  document["audit"] = {{"output", "file"}, {"file", "audit.log"}};
  document["log"] = {{"file", "mint.log"}};
  const Result<Config> config = load(document);
  ASSERT_TRUE(config) << config.error().detail;
  EXPECT_EQ(config->audit.file, folder_ / "audit.log");
  EXPECT_EQ(config->log.file, folder_ / "mint.log");
}

}  // namespace
}  // namespace mintmark::app
