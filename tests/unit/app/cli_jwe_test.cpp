// jose encrypt and decrypt, and what token commands make of encrypted tokens.

#include <set>

#include "cli_fixture.hpp"
#include "mintmark/jose/jwt.hpp"

namespace mintmark::app {
namespace {

class CliJweTest : public CliTest {
 protected:
  std::string generate(const std::string& alg, const std::string& name = "key.json") {
    return folder_.write(name, ok({"jose", "generate", "--alg", alg}).out).string();
  }
  std::string publish(const std::string& key_file, const std::string& name = "public.json") {
    return folder_.write(name, ok({"jose", "public", "--key", key_file}).out).string();
  }
  /// A signed token and, encrypted, the same.
  struct Nested {
    std::string signed_token;
    std::string encrypted;
    std::string signing_key;
    std::string decryption_key;
  };
  Nested make_nested() {
    Nested nested;
    nested.signing_key = generate("ES256", "signing.json");
    nested.decryption_key = generate("ECDH-ES+A128KW", "decryption.json");
    const Json claims = {{"sub", "alice"}, {"exp", to_numeric_date(clock_.now()) + 60}};
    nested.signed_token = ok({"jose", "sign", "--key", nested.signing_key, "--typ", "JWT"}, claims.dump()).out;
    nested.signed_token.pop_back();
    nested.encrypted =
        ok({"jose", "encrypt", "--key", publish(nested.decryption_key), "--enc", "A128GCM", "--cty", "JWT"},
           nested.signed_token)
            .out;
    return nested;
  }
};

TEST_F(CliJweTest, EncryptsAndDecryptsExactBytesWithEveryAlgorithm) {
  const std::string plaintext("a\0b\r\n\xff\n", 7);
  for (const jose::KeyManagement alg : jose::all_key_managements()) {
    if (alg == jose::KeyManagement::dir || jose::recipient_kind(alg) == jose::RecipientKind::password) continue;
    const std::string key = generate(std::string(jose::name(alg)));
    const bool is_secret = jose::recipient_kind(alg) == jose::RecipientKind::secret;
    const std::string recipient = is_secret ? key : publish(key);
    const CliResult token = ok({"jose", "encrypt", "--key", recipient, "--enc", "A256GCM"}, plaintext);
    EXPECT_EQ(ok({"jose", "decrypt", "--key", key}, token.out).out, plaintext) << jose::name(alg);
  }
}

TEST_F(CliJweTest, ASecretIsUsedDirectly) {
  const std::string key = folder_.write("oct.json", Json{{"kty", "oct"}, {"k", std::string(43, 'A')}}.dump()).string();
  const CliResult token = ok({"jose", "encrypt", "--key", key, "--alg", "dir", "--enc", "A256GCM"}, "x");
  EXPECT_EQ(ok({"jose", "decrypt", "--key", key, "--alg", "dir"}, token.out).out, "x");
  EXPECT_NE(refusal({"jose", "encrypt", "--key", key, "--enc", "A256GCM"}, "x").find("--alg"), std::string::npos);
  EXPECT_NE(refusal({"jose", "decrypt", "--key", key}, token.out).find("--alg"), std::string::npos);
  EXPECT_NE(refusal({"jose", "encrypt", "--key", key, "--alg", "dir", "--enc", "A128GCM"}, "x"), "");
}

TEST_F(CliJweTest, APasswordEncrypts_Rfc7518Section4_8) {
  const std::string password = folder_.write("password", "correct horse\n").string();
  const std::string other = folder_.write("other", "wrong horse\n").string();
  const CliResult token =
      ok({"jose", "encrypt", "--password-file", password, "--enc", "A128GCM", "--iterations", "1000"}, "x");
  const Json header = ok({"token", "decode"}, token.out).json().at("header");
  EXPECT_EQ(header.at("alg"), "PBES2-HS512+A256KW");
  EXPECT_EQ(header.at("p2c"), 1000);
  EXPECT_EQ(ok({"jose", "decrypt", "--password-file", password}, token.out).out, "x");
  EXPECT_NE(refusal({"jose", "decrypt", "--password-file", other}, token.out), "");
  EXPECT_EQ(run({"jose", "encrypt", "--password-file", password, "--enc", "A128GCM", "--iterations", "999"}, "x").code,
            2);
  EXPECT_EQ(run({"jose", "decrypt"}, token.out).code, 2) << "neither key nor password";
  EXPECT_EQ(run({"jose", "decrypt", "--key", password, "--password-file", password}, token.out).code, 2) << "both";
}

// RFC 7516 §11.5: whatever fails once a key is used reads the same.
TEST_F(CliJweTest, EveryCryptographicFailureIsTheSameLine_Rfc7516Section11_5) {
  std::set<std::string> lines;
  for (const std::string alg : {"RSA-OAEP-256", "ECDH-ES+A128KW", "A128KW", "A128GCMKW"}) {
    const std::string key = generate(alg);
    std::string token = ok({"jose", "encrypt", "--key", key, "--enc", "A128CBC-HS256"}, "some text").out;
    for (std::size_t part = 1; part < 5; ++part) {
      std::string changed = token;
      std::size_t at = 0;
      for (std::size_t i = 0; i < part; ++i)
        at = changed.find('.', at) + 1;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      lines.insert(refusal({"jose", "decrypt", "--key", key}, changed));
    }
  }
  EXPECT_EQ(lines, std::set<std::string>{"JWE: cannot be decrypted"});
}

TEST_F(CliJweTest, OneOfSeveralRecipientsIsChosenByItsKid) {
  Json set = {{"keys", Json::array()}};
  for (const char* kid : {"a", "b"}) {
    Json key = ok({"jose", "generate", "--alg", "ECDH-ES", "--crv", "X25519"}).json();
    key["kid"] = kid;
    set["keys"].push_back(key);
  }
  set["keys"].push_back(ok({"jose", "generate", "--alg", "ES256"}).json());
  const std::string file = folder_.write("set.json", set.dump()).string();
  EXPECT_NE(refusal({"jose", "encrypt", "--key", file, "--enc", "A128GCM"}, "x").find("--kid"), std::string::npos);
  const CliResult token = ok({"jose", "encrypt", "--key", file, "--enc", "A128GCM", "--kid", "b"}, "x");
  EXPECT_EQ(ok({"token", "decode"}, token.out).json().at("header").at("kid"), "b");
  EXPECT_EQ(ok({"jose", "decrypt", "--key", file}, token.out).out, "x");
}

TEST_F(CliJweTest, PemKeysNeedAnAlgorithmToEncryptAndNoneToDecrypt) {
  const std::string pem =
      folder_.write("key.pem", ok({"jose", "generate", "--alg", "ECDH-ES", "--crv", "P-384", "--pem"}).out).string();
  EXPECT_NE(refusal({"jose", "encrypt", "--key", pem, "--enc", "A128GCM"}, "x").find("--alg"), std::string::npos);
  const CliResult token = ok({"jose", "encrypt", "--key", pem, "--enc", "A128GCM", "--alg", "ECDH-ES+A256KW"}, "x");
  EXPECT_EQ(ok({"jose", "decrypt", "--key", pem}, token.out).out, "x");
  EXPECT_NE(refusal({"jose", "decrypt", "--key", pem, "--alg", "ECDH-ES"}, token.out), "");
}

TEST_F(CliJweTest, PublicPrintsNothingPrivate) {
  for (const std::string alg : {"RSA-OAEP", "ECDH-ES", "ES256", "Ed25519"}) {
    const Json jwk = ok({"jose", "public", "--key", generate(alg)}).json();
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "k"})
      EXPECT_FALSE(jwk.contains(member)) << alg << member;
    EXPECT_EQ(jwk.at("alg"), alg);
  }
  EXPECT_NE(refusal({"jose", "public", "--key", generate("HS256")}), "");
}

TEST_F(CliJweTest, GenerateMakesNoKeyWithoutMeaning) {
  for (const std::string alg : {"dir", "PBES2-HS256+A128KW", "RSA1_5"})
    EXPECT_EQ(run({"jose", "generate", "--alg", alg}).code, 2) << alg;
}

TEST_F(CliJweTest, TokenVerifyOpensANestedToken_Rfc7519Section5_2) {
  const Nested nested = make_nested();
  const Json claims =
      ok({"token", "verify", "--jwks", nested.signing_key, "--decrypt-key", nested.decryption_key}, nested.encrypted)
          .json();
  EXPECT_EQ(claims.at("sub"), "alice");
  EXPECT_NE(refusal({"token", "verify", "--jwks", nested.signing_key}, nested.encrypted).find("--decrypt-key"),
            std::string::npos);
  EXPECT_NE(refusal({"token", "verify", "--jwks", nested.signing_key, "--decrypt-key", nested.decryption_key},
                    nested.signed_token),
            "")
      << "not encrypted, though that was expected";
  const std::string stranger = generate("ES256", "stranger.json");
  EXPECT_NE(refusal({"token", "verify", "--jwks", stranger, "--decrypt-key", nested.decryption_key}, nested.encrypted),
            "");
}

TEST_F(CliJweTest, TokenDecodeShowsTheOuterHeader) {
  const CliResult decoded = ok({"token", "decode"}, make_nested().encrypted);
  const Json shown = decoded.json();
  EXPECT_EQ(shown.at("verified"), false);
  EXPECT_EQ(shown.at("encrypted"), true);
  EXPECT_EQ(shown.at("header").at("cty"), "JWT");
  EXPECT_FALSE(shown.contains("payload"));
  EXPECT_NE(decoded.err.find("Nothing was verified"), std::string::npos);
}

TEST_F(CliJweTest, KeyAndContentCannotBothBeStandardInput) {
  for (const Json& arguments :
       {Json{"jose", "encrypt", "--key", "-", "--enc", "A128GCM"},
        Json{"jose", "encrypt", "--password-file", "-", "--enc", "A128GCM"}, Json{"jose", "decrypt", "--key", "-"},
        Json{"jose", "decrypt", "--password-file", "-"}}) {
    EXPECT_NE(refusal(arguments.get<std::vector<std::string>>(), "x").find("standard input"), std::string::npos);
  }
}

}  // namespace
}  // namespace mintmark::app
