// Resources whose tokens are encrypted, as the configuration file declares them.

#include "config_files.hpp"
#include "recipient_samples.hpp"

namespace mintmark::app {
namespace {

class ConfigEncryption : public ConfigFiles {
 protected:
  static Json document_with(const Json& encryption) {
    Json document = full_document();
    document["resources"][0]["format"] = "jwt+jwe";
    document["resources"][0]["encryption"] = encryption;
    return document;
  }
  /// Of what a file holds.
  [[nodiscard]] Result<Config> load_file(std::string_view content, const char* alg = "ECDH-ES+A128KW") const {
    folder_.write("api.key", content);
    return load(document_with({{"alg", alg}, {"jwk_file", "api.key"}}));
  }
  [[nodiscard]] std::string file_refusal(std::string_view content) const {
    folder_.write("api.key", content);
    return refusal(document_with({{"alg", "ECDH-ES+A128KW"}, {"jwk_file", "api.key"}}));
  }
};

const oauth::RecipientKey& inline_key(const Config& config) {
  return std::get<oauth::RecipientKey>(config.resources.at(0).encryption->recipient);
}

TEST_F(ConfigEncryption, AFileHoldsAJwkOrASetOrPem) {
  Json other = sample_jwk(crypto::KeyType::rsa);
  for (const std::string& content : {sample_jwk().dump(), Json{{"keys", {other, sample_jwk()}}}.dump()}) {
    const Result<Config> config = load_file(content);
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(inline_key(*config).jwk, sample_jwk());
    EXPECT_EQ(inline_key(*config).key.kid().str(), "api-1");
  }
  for (const auto& [type, alg] :
       {std::pair{crypto::KeyType::p256, "ECDH-ES+A128KW"}, std::pair{crypto::KeyType::x25519, "ECDH-ES"},
        std::pair{crypto::KeyType::rsa, "RSA-OAEP-256"}}) {
    const Result<Config> config = load_file(sample_pem(type), alg);
    ASSERT_TRUE(config) << config.error().detail;
    EXPECT_EQ(inline_key(*config).jwk, jose::public_jwk(sample_pair(type).public_key()));
  }
}

TEST_F(ConfigEncryption, WhatAFileDoesNotGiveIsRefusedWithPathAndReason) {
  Json for_signatures = sample_jwk();
  for_signatures["use"] = "sig";
  const std::string private_pem(sample_pair(crypto::KeyType::p256).to_pem().reveal_text());
  const std::string two = Json{{"keys", {sample_jwk(), sample_jwk()}}}.dump();
  const std::vector<std::pair<std::string, std::string>> cases{
      {for_signatures.dump(), "use"},
      {two, "several keys"},
      {R"({"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAA"})", "shared secret"},
      {private_pem, "private key"},
      {sample_pem(crypto::KeyType::rsa), ""},
      {"-----BEGIN PUBLIC KEY-----\n", ""},
      {"neither", ""},
  };
  for (const auto& [content, reason] : cases) {
    const std::string message = file_refusal(content);
    EXPECT_NE(message.find("mintmark.json: resources[0].encryption.jwk_file: "), std::string::npos) << message;
    EXPECT_NE(message.find(reason), std::string::npos) << message << "\nexpected: " << reason;
  }
}

TEST_F(ConfigEncryption, AFileIsTheOnlySourceAndNeedsItsAlgorithm) {
  folder_.write("api.key", sample_jwk().dump());
  const Json file = {{"alg", "ECDH-ES"}, {"jwk_file", "api.key"}};
  const auto refusal_with = [&](const char* member, const Json& value) {
    Json encryption = file;
    encryption[member] = value;
    return refusal(document_with(encryption));
  };
  EXPECT_NE(refusal_with("jwk", sample_jwk()).find("resources[0].encryption.jwk_file: expected either this or jwk"),
            std::string::npos);
  EXPECT_NE(refusal_with("jwks_uri", "https://api.example.com/").find("encryption.jwk_file: expected either this or"),
            std::string::npos);
  EXPECT_NE(refusal_with("alg", "dir").find("resources[0].encryption.alg: expected one of"), std::string::npos);
  EXPECT_NE(refusal_with("jwk_file", 7).find("encryption.jwk_file: expected the path"), std::string::npos);
  EXPECT_NE(refusal_with("jwk_file", "absent").find("resources[0].encryption.jwk_file: "), std::string::npos);
  Json without_format = document_with(file);
  without_format["resources"][0].erase("format");
  EXPECT_NE(refusal(without_format).find("resources[0].encryption: is for format"), std::string::npos);
}

TEST_F(ConfigEncryption, WhatIsShownCanBeUsedAgain) {
  const Result<Config> config = load_file(sample_pem());
  ASSERT_TRUE(config) << config.error().detail;
  const Result<Config> again = load_text(render_config(*config));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(config->resources, again->resources);
}

// Attack 21: what a fetch may reach is the operator's decision.
TEST_F(ConfigEncryption, Attack21_PrivateAddressesAreAllowedByTheOperatorAlone) {
  Json document = minimal_document();
  EXPECT_EQ(load(document)->fetch.addresses, http::AllowedAddresses::public_only);
  const Environment environment{{"MINTMARK_FETCH_ALLOW_PRIVATE_ADDRESSES", "true"}};
  EXPECT_EQ(load(document, environment)->fetch.addresses, http::AllowedAddresses::any);
  document["fetch"] = {{"allow_private_addresses", true}};
  EXPECT_EQ(load(document)->fetch.addresses, http::AllowedAddresses::any);
  document["fetch"] = {{"allow_private_addresses", "true"}};
  EXPECT_NE(refusal(document).find("fetch.allow_private_addresses: expected true or false"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
