// What a configuration says of keys, identities and trusted issuers.

#include <fstream>

#include "config_files.hpp"
#include "mintmark/jose/key.hpp"

namespace mintmark::app {
namespace {

constexpr const char* kCluster = "https://cluster.example.com";

class ConfigAssertion : public ConfigFiles {
 protected:
  ConfigAssertion() {
    document_["trusted_issuers"] = {{{"issuer", kCluster}, {"jwks_file", "cluster.json"}, {"algs", {"ES256"}}}};
    document_["clients"].push_back({{"client_id", "signer"},
                                    {"grant_types", {"client_credentials"}},
                                    {"resources", {"https://api.example.com"}},
                                    {"jwks_uri", "https://signer.example.com/jwks.json"},
                                    {"identities", {{{"issuer", kCluster}, {"subject", "orders"}}}}});
    write_keys(key_.verification_key().public_jwk());
  }

  void write_keys(const Json& jwk) { folder_.write("cluster.json", Json{{"keys", Json::array({jwk})}}.dump()); }

  /// With a member of the client, or of the issuer, that is another.
  std::string refusal_of_client(const char* member, const Json& value) {
    Json document = document_;
    document["clients"][1][member] = value;
    return refusal(document);
  }
  std::string refusal_of_issuer(const char* member, const Json& value) {
    Json document = document_;
    document["trusted_issuers"][0][member] = value;
    return refusal(document);
  }
  static void expect_part(const std::string& message, const std::string& part) {
    EXPECT_NE(message.find(part), std::string::npos) << message << "\nexpected: " << part;
  }

  const jose::SigningKey key_ = jose::SigningKey::generate(jose::Alg::ES256).value();
  Json document_ = full_document();
};

TEST_F(ConfigAssertion, IsReadWithTheKeysThatAFileHolds) {
  const Result<Config> config = load(document_);
  ASSERT_TRUE(config) << config.error().detail;
  ASSERT_EQ(config->trusted_issuers.size(), 1U);
  const oauth::TrustedIssuer& issuer = config->trusted_issuers.front();
  EXPECT_EQ(std::get<oauth::InlineKeySet>(issuer.keys).keys->front().kid(), key_.kid());
  EXPECT_EQ(issuer.algs, std::vector{jose::Alg::ES256});
  EXPECT_FALSE(issuer.single_use);
  const oauth::Client& client = config->clients.at(1);
  EXPECT_EQ(client.auth_methods, std::vector{oauth::ClientAuthMethod::private_key_jwt});
  EXPECT_EQ(client.keys, oauth::KeySetPlace(oauth::JwksUri{"https://signer.example.com/jwks.json"}));
  EXPECT_EQ(client.identities, (std::vector<oauth::WorkloadIdentity>{{kCluster, "orders", ""}}));
}

TEST_F(ConfigAssertion, WhatIsRenderedLoadsAgain) {
  document_["trusted_issuers"][0]["single_use"] = true;
  document_["trusted_issuers"][0]["jwt_bearer"] = {{"clients", {"service"}},
                                                   {"audience", "https://id.example.com/grants"},
                                                   {"usernames", {{"5f7c", "alice"}}},
                                                   {"scope_claim", "roles"},
                                                   {"scopes", {{"read", Json::array()}, {"write", {"admin"}}}}};
  const Result<Config> config = load(document_);
  ASSERT_TRUE(config) << config.error().detail;
  const std::string shown = render_config(*config);
  const Result<Config> again = load_text(shown);
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->trusted_issuers, config->trusted_issuers);
  EXPECT_EQ(again->clients, config->clients);
  EXPECT_EQ(render_config(*again), shown);
}

TEST_F(ConfigAssertion, WhatAnIssuerCannotBeIsRefused) {
  expect_part(refusal_of_issuer("issuer", "https://id.example.com"), "trusted_issuers[0].issuer: is this service");
  expect_part(refusal_of_issuer("issuer", ""), "trusted_issuers[0].issuer: expected");
  expect_part(refusal_of_issuer("issuer", "https://other.example.com"), "clients[1].identities: names an issuer");
  expect_part(refusal_of_issuer("jwks_file", "absent.json"), "trusted_issuers[0].jwks_file: ");
  expect_part(refusal_of_issuer("jwks_uri", "https://a.example.com/k"), "trusted_issuers[0].jwks_uri: expected either");
  expect_part(refusal_of_issuer("algs", {"HS256"}), "trusted_issuers[0].algs: expected algorithms of signatures");
  expect_part(refusal_of_issuer("algs", {"none"}), "trusted_issuers[0].algs: expected names of algorithms");
  expect_part(refusal_of_issuer("max_lifetime", "367d"), "trusted_issuers[0].max_lifetime: expected at most");
  expect_part(refusal_of_issuer("trust", true), "trusted_issuers[0].trust: is not known here");
  document_["trusted_issuers"].push_back(document_["trusted_issuers"][0]);
  expect_part(refusal(document_), "trusted_issuers[1].issuer: is declared twice");
  document_["trusted_issuers"].erase(1);
  document_["trusted_issuers"][0].erase("jwks_file");
  expect_part(refusal(document_), "trusted_issuers[0].jwks_uri: expected this, jwks or jwks_file");
}

TEST_F(ConfigAssertion, RulesOfGrantsThatCannotBeKeptAreRefused) {
  const auto refusal_of_rules = [&](const Json& changes) {
    Json rules = {{"clients", {"service"}}, {"username_claim", "sub"}};
    rules.merge_patch(changes);
    return refusal_of_issuer("jwt_bearer", rules);
  };
  expect_part(refusal_of_rules({{"clients", nullptr}}), "trusted_issuers[0].jwt_bearer.clients: expected at least one");
  expect_part(refusal_of_rules({{"clients", {"ä"}}}), "trusted_issuers[0].jwt_bearer.clients: expected client ids");
  expect_part(refusal_of_rules({{"username_claim", nullptr}}),
              "trusted_issuers[0].jwt_bearer.usernames: expected this");
  expect_part(refusal_of_rules({{"usernames", {{"a", "b"}}}}),
              "trusted_issuers[0].jwt_bearer.usernames: expected this");
  expect_part(refusal_of_rules({{"username_claim", nullptr}, {"usernames", {{"a", 1}}}}),
              "trusted_issuers[0].jwt_bearer.usernames: expected names");
  expect_part(refusal_of_rules({{"scopes", {{"re ad", Json::array()}}}}), "trusted_issuers[0].jwt_bearer.scopes: ");
  expect_part(refusal_of_rules({{"scopes", {{"read", "admin"}}}}), "trusted_issuers[0].jwt_bearer.scopes: ");
  expect_part(refusal_of_rules({{"subject", "x"}}), "trusted_issuers[0].jwt_bearer.subject: is not known here");
}

TEST_F(ConfigAssertion, ASecretOrPrivateKeyAmongTheKeysIsRefusedAndNotShown) {
  write_keys(Json::parse(key_.serialize().reveal_text()));
  expect_part(refusal(document_), "trusted_issuers[0].jwks: a secret or a private key must not stand here");
  write_keys({{"kty", "oct"}, {"k", "Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5LWNhbmFyeQ"}, {"alg", "HS256"}});
  const std::string message = refusal(document_);
  expect_part(message, "trusted_issuers[0].jwks: ");
  EXPECT_EQ(message.find("Y2FuYXJ5"), std::string::npos);
}

TEST_F(ConfigAssertion, WhatAClientCannotHaveTogetherIsRefused) {
  expect_part(refusal_of_client("auth_methods", {"client_secret_post"}), "clients[1].auth_methods: jwks, jwks_uri");
  expect_part(refusal_of_client("jwks", {{"keys", Json::array()}}), "clients[1].jwks_uri: expected either");
  expect_part(refusal_of_client("auth_signing_algs", {"HS256"}), "clients[1].auth_signing_algs: HS256, HS384");
  expect_part(refusal_of_client("auth_signing_algs", {"ES256", "ES256"}), "clients[1].auth_signing_algs: names one");
  expect_part(refusal_of_client("identities", {{{"issuer", kCluster}}}),
              "clients[1].identities[0].subject: is required");
  expect_part(refusal_of_client("identities", {{{"issuer", kCluster}, {"subject", "a"}, {"sub", "b"}}}),
              "clients[1].identities[0].sub: is not known here");
}

TEST_F(ConfigAssertion, Attack21_AKeySetIsFetchedOverHttpsOrFromThisMachine) {
  for (const char* url : {"http://signer.example.com/jwks.json", "ftp://signer.example.com/k", "file:///etc/passwd",
                          "https://user@signer.example.com/k", "jwks.json", ""}) {
    SCOPED_TRACE(url);
    expect_part(refusal_of_client("jwks_uri", url), "clients[1].jwks_uri: ");
  }
  document_["clients"][1]["jwks_uri"] = "http://127.0.0.1:8000/jwks.json";
  EXPECT_TRUE(load(document_));
}

TEST_F(ConfigAssertion, ASecretStaysInMemoryForMacsAlone) {
  constexpr const char* kCanary = "canary-secret-of-more-than-32-characters";
  folder_.write("client.secret", kCanary);
  Json client = {{"client_id", "mac"},
                 {"auth_methods", {"client_secret_jwt"}},
                 {"grant_types", {"client_credentials"}},
                 {"resources", {"https://api.example.com"}},
                 {"secrets", {{{"id", "1"}, {"secret_file", "client.secret"}}}}};
  document_["clients"].push_back(client);
  client["client_id"] = "post";
  client["auth_methods"] = {"client_secret_post"};
  document_["clients"].push_back(client);
  const Result<Config> config = load(document_);
  ASSERT_TRUE(config) << config.error().detail;
  const oauth::ClientSecret& known = config->clients.at(2).secrets.front();
  ASSERT_TRUE(known.text);
  EXPECT_EQ(known.text->reveal_text(), kCanary);
  EXPECT_FALSE(config->clients.at(3).secrets.front().text);
  EXPECT_EQ(render_config(*config).find("canary"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
