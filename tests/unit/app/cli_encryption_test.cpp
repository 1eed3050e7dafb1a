// resource add --encrypt-to: what is stored, and what is refused.

#include "cli_fixture.hpp"
#include "recipient_samples.hpp"

namespace mintmark::app {
namespace {

constexpr const char* kVault = "https://vault.example.com";

class CliEncryptionTest : public CliTest {
 protected:
  static Arguments add(const std::string& recipient, const Arguments& more = {"--encryption-alg", "ECDH-ES+A128KW"}) {
    Arguments arguments{"resource", "add", kVault, "--encrypt-to", recipient};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  Json stored() { return listed({"resource", "list"}, "id", kVault); }
};

TEST_F(CliEncryptionTest, AKeyFromAFileIsStoredAsItsJwk) {
  const std::string file = folder_.write("api.json", sample_jwk().dump()).string();
  ok(add(file, {"--encryption-alg", "ECDH-ES+A256KW", "--enc", "A128CBC-HS256"}));
  const Json resource = stored();
  EXPECT_EQ(resource.at("format"), "jwt+jwe");
  EXPECT_EQ(resource.at("encryption"),
            Json({{"alg", "ECDH-ES+A256KW"}, {"enc", "A128CBC-HS256"}, {"jwk", sample_jwk()}}));
}

TEST_F(CliEncryptionTest, AKeyFromPemOnStandardInput) {
  ok(add("-"), sample_pem());
  EXPECT_EQ(stored().at("encryption").at("jwk"), jose::public_jwk(sample_pair(crypto::KeyType::p256).public_key()));
}

TEST_F(CliEncryptionTest, AUrlIsStoredAndNotFetched) {
  ok(add("https://vault.example.com/jwks.json"));
  EXPECT_EQ(stored().at("encryption"),
            Json({{"alg", "ECDH-ES+A128KW"}, {"enc", "A256GCM"}, {"jwks_uri", "https://vault.example.com/jwks.json"}}));
}

TEST_F(CliEncryptionTest, ListsSayTheFormat) {
  ok(add("-"), sample_jwk().dump());
  const std::string list = ok({"resource", "list"}).out;
  EXPECT_NE(list.find("FORMAT"), std::string::npos);
  EXPECT_NE(list.find("  jwt+jwe  "), std::string::npos) << list;
  EXPECT_EQ(listed({"resource", "list"}, "id", "https://api.example.com").at("format"), "jwt");
}

TEST_F(CliEncryptionTest, RefusesWhatCannotBeUsed) {
  Json for_signatures = sample_jwk();
  for_signatures["use"] = "sig";
  EXPECT_NE(refusal(add("-"), for_signatures.dump()).find("\"use\""), std::string::npos);
  EXPECT_NE(refusal(add("-", {"--encryption-alg", "A128KW"}), sample_pem()).find("--encryption-alg: expected one of"),
            std::string::npos);
  EXPECT_NE(refusal(add("-", {"--encryption-alg", "RSA-OAEP-256"}), sample_pem()), "");
  EXPECT_NE(refusal(add("-", {"--encryption-alg", "ECDH-ES", "--enc", "rot13"}), sample_pem()).find("encryption.enc"),
            std::string::npos);
  EXPECT_NE(refusal(add("http://vault.example.com/jwks.json")).find("http is for loopback"), std::string::npos);
  EXPECT_NE(refusal(add(folder_.path() / "absent.json")).find("absent.json"), std::string::npos);
  EXPECT_TRUE(stored().is_null());
}

TEST_F(CliEncryptionTest, OptionsGoTogether) {
  EXPECT_EQ(run(add("-", {}), sample_pem()).code, 2);
  EXPECT_EQ(run({"resource", "add", kVault, "--encryption-alg", "ECDH-ES"}).code, 2);
  EXPECT_EQ(run({"resource", "add", kVault, "--enc", "A256GCM"}).code, 2);
}

}  // namespace
}  // namespace mintmark::app
