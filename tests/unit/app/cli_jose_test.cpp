// jose and token: no service, no store.

#include "cli_fixture.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::app {
namespace {

class CliJoseTest : public CliTest {
 protected:
  std::string generate(const std::string& alg, const std::string& name = "key.json") {
    return folder_.write(name, ok({"jose", "generate", "--alg", alg}).out).string();
  }
  /// The public half, as a JWKS.
  std::string publish(const std::string& key_file, const std::string& name = "jwks.json") {
    const Result<std::vector<jose::Jwk>> keys =
        jose::parse_key_file(Secret(std::string_view(mintmark::testing::read_all(key_file))));
    const Json jwk = jose::make_signing_key(keys->front())->verification_key().public_jwk();
    return folder_.write(name, Json{{"keys", {jwk}}}.dump()).string();
  }
  std::string sign_claims(const std::string& key_file, const Json& claims) {
    return ok({"jose", "sign", "--key", key_file, "--typ", "JWT"}, claims.dump()).out;
  }
  Json good_claims() {
    return {{"iss", "https://id.example.com"},
            {"aud", {"https://api.example.com", "https://b.example.com"}},
            {"sub", "alice"},
            {"exp", to_numeric_date(clock_.now()) + 60}};
  }
};

TEST_F(CliJoseTest, SignsAndVerifiesExactBytesWithEveryAlgorithmOfThisMachine) {
  const std::string payload("a\0b\r\n\xff\n", 7);
  for (const jose::Alg alg : jose::all_algs()) {
    const std::string name(jose::name(alg));
    if (!jose::is_available(alg)) {
      EXPECT_NE(refusal({"jose", "generate", "--alg", name}).find(name), std::string::npos);
      continue;
    }
    const std::string key = generate(name);
    const CliResult token = ok({"jose", "sign", "--key", key}, payload);
    EXPECT_EQ(ok({"jose", "verify", "--key", key}, token.out).out, payload) << name;
    if (jose::is_symmetric(alg)) continue;
    EXPECT_EQ(ok({"jose", "verify", "--key", publish(key)}, token.out).out, payload) << name;
  }
}

TEST_F(CliJoseTest, VerifyRefusesWhatIsTampered) {
  const std::string key = generate("ES256");
  std::string token = ok({"jose", "sign", "--key", key}, "payload").out;
  token[token.find('.') + 1] ^= 1;
  EXPECT_NE(refusal({"jose", "verify", "--key", key}, token), "");
  EXPECT_NE(refusal({"jose", "verify", "--key", generate("ES256", "other.json")}, token), "");
}

TEST_F(CliJoseTest, AlgIsAskedForWhereTheKeyDoesNotFixIt) {
  const std::string pem = folder_.write("rsa.pem", ok({"jose", "generate", "--alg", "RS256", "--pem"}).out).string();
  EXPECT_NE(refusal({"jose", "sign", "--key", pem}).find("--alg"), std::string::npos);
  const CliResult token = ok({"jose", "sign", "--key", pem, "--alg", "PS256"}, "x");
  EXPECT_EQ(ok({"jose", "verify", "--key", pem}, token.out).out, "x");
  EXPECT_EQ(ok({"jose", "verify", "--key", pem, "--alg", "PS256"}, token.out).out, "x");
  EXPECT_NE(refusal({"jose", "verify", "--key", pem, "--alg", "RS256"}, token.out), "");
  EXPECT_NE(refusal({"jose", "sign", "--key", generate("ES256"), "--alg", "RS256"}, "x"), "");
}

TEST_F(CliJoseTest, TraditionalPemIsWrittenWhereThereIsSuchAForm) {
  for (const auto& [alg, label] : {std::pair("RS256", "RSA"), std::pair("ES256", "EC")}) {
    const std::string pem = ok({"jose", "generate", "--alg", alg, "--traditional-pem"}).out;
    EXPECT_TRUE(pem.starts_with("-----BEGIN " + std::string(label) + " PRIVATE KEY-----\n"));
    const std::string file = folder_.write("key.pem", pem).string();
    const CliResult token = ok({"jose", "sign", "--key", file, "--alg", alg}, "x");
    EXPECT_EQ(ok({"jose", "verify", "--key", file}, token.out).out, "x");
  }
  EXPECT_NE(refusal({"jose", "generate", "--alg", "Ed25519", "--traditional-pem"}).find("Ed25519"), std::string::npos);
  EXPECT_NE(refusal({"jose", "generate", "--alg", "HS256", "--traditional-pem"}), "");
}

TEST_F(CliJoseTest, OneOfSeveralKeysIsChosenByItsKid) {
  Json set = {{"keys", Json::array()}};
  for (const char* kid : {"a", "b"}) {
    Json key = ok({"jose", "generate", "--alg", "Ed25519"}).json();
    key["kid"] = kid;
    set["keys"].push_back(key);
  }
  const std::string file = folder_.write("set.json", set.dump()).string();
  EXPECT_NE(refusal({"jose", "sign", "--key", file}, "x").find("--kid"), std::string::npos);
  const CliResult token = ok({"jose", "sign", "--key", file, "--kid", "b"}, "x");
  EXPECT_EQ(ok({"token", "decode"}, token.out).json().at("header").at("kid"), "b");
  EXPECT_NE(refusal({"jose", "sign", "--key", file, "--kid", "c"}, "x"), "");
}

TEST_F(CliJoseTest, APublicKeySignsNothing) {
  EXPECT_NE(refusal({"jose", "sign", "--key", publish(generate("ES256"))}, "x"), "");
}

// RFC 7638 §3.1
TEST_F(CliJoseTest, PrintsThumbprints) {
  const std::string jwk =
      R"({"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAt)"
      R"(VT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w)"
      R"(6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08q)"
      R"(NLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw)"
      R"(","e":"AQAB","alg":"RS256","kid":"2011-04-29"})";
  EXPECT_EQ(ok({"jose", "thumbprint"}, jwk).out, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n");
  EXPECT_EQ(ok({"jose", "thumbprint", "--key", folder_.write("k.json", jwk).string()}).out,
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs\n");
}

TEST_F(CliJoseTest, StandardInputIsBounded) {
  EXPECT_NE(refusal({"token", "decode"}, std::string(1024 * 1024 + 1, 'x')).find("1 MiB"), std::string::npos);
  EXPECT_NE(refusal({"jose", "sign", "--key", generate("ES256")}, std::string(1024 * 1024 + 1, 'x')), "");
  EXPECT_NE(refusal({"jose", "sign", "--key", "-"}), "");
}

TEST_F(CliJoseTest, DecodeSaysThatNothingWasVerified) {
  const std::string token = sign_claims(generate("ES256"), {{"sub", "alice"}});
  const CliResult decoded = ok({"token", "decode"}, "  " + token + "\n");
  EXPECT_EQ(decoded.json().at("verified"), false);
  EXPECT_EQ(decoded.json().at("payload"), Json({{"sub", "alice"}}));
  EXPECT_EQ(decoded.json().at("header").at("alg"), "ES256");
  EXPECT_NE(decoded.err.find("Nothing was verified"), std::string::npos);
}

TEST_F(CliJoseTest, DecodeShowsEveryPayload) {
  const std::string key = generate("HS256");
  const auto payload_of = [&](const std::string& payload) {
    return ok({"token", "decode"}, ok({"jose", "sign", "--key", key}, payload).out).json();
  };
  EXPECT_EQ(payload_of("plain \x1b text").at("payload"), "plain \x1b text");
  EXPECT_EQ(payload_of("\xff").at("payload_base64url"), "_w");
  EXPECT_NE(refusal({"token", "decode"}, ""), "");
  EXPECT_NE(refusal({"token", "decode"}, "a.b"), "");
}

TEST_F(CliJoseTest, VerifyPrintsTheClaimsOfAGoodToken) {
  const std::string key = generate("ES256");
  const std::string token = sign_claims(key, good_claims());
  const CliResult verified = ok({"token", "verify", "--jwks", publish(key), "--issuer", "https://id.example.com",
                                 "--audience", "https://api.example.com", "--alg", "ES256", "--typ", "JWT"},
                                token);
  EXPECT_EQ(verified.json(), good_claims());
  EXPECT_EQ(verified.err, "");
}

TEST_F(CliJoseTest, VerifySaysInOneLineWhyNot) {
  const std::string key = generate("ES256");
  const std::string jwks = publish(key);
  const std::string token = sign_claims(key, good_claims());
  const Arguments verify{"token", "verify", "--jwks", jwks};
  const auto with = [&](const std::string& option, const std::string& value) {
    Arguments arguments = verify;
    arguments.push_back(option);
    arguments.push_back(value);
    return arguments;
  };
  EXPECT_NE(refusal(with("--issuer", "https://other.example.com"), token).find("issuer"), std::string::npos);
  EXPECT_NE(refusal(with("--audience", "https://other.example.com"), token).find("audience"), std::string::npos);
  EXPECT_NE(refusal(with("--alg", "RS256"), token).find("RS256"), std::string::npos);
  EXPECT_NE(refusal(with("--typ", "at+jwt"), token).find("typ"), std::string::npos);
  EXPECT_NE(refusal(verify, sign_claims(generate("ES256", "other.json"), good_claims())), "");
  EXPECT_NE(refusal(verify, ""), "");
  clock_.advance(std::chrono::seconds(60));
  EXPECT_NE(refusal(verify, token).find("expired"), std::string::npos);
}

TEST_F(CliJoseTest, VerifyNeedsNoAlgWhereTheJwksLeavesItOpen) {
  const std::string key = generate("RS256");
  Json jwks = Json::parse(mintmark::testing::read_all(publish(key)));
  jwks["keys"][0].erase("alg");
  const std::string file = folder_.write("open.json", jwks.dump()).string();
  ok({"token", "verify", "--jwks", file}, sign_claims(key, good_claims()));
}

// Only one of the two can be on standard input.
TEST_F(CliJoseTest, VerifyDoesNotTakeItsKeysFromWhereTheTokenIs) {
  EXPECT_EQ(refusal({"token", "verify", "--jwks", "-"}, sign_claims(generate("ES256"), good_claims())),
            "--jwks: standard input is taken by the token; give a file or a URL");
}

TEST_F(CliJoseTest, VerifyNamesTheKeysThatItCannotRead) {
  const std::string token = sign_claims(generate("ES256"), good_claims());
  EXPECT_NE(refusal({"token", "verify", "--jwks", "/absent.json"}, token).find("/absent.json"), std::string::npos);
  EXPECT_NE(refusal({"token", "verify", "--jwks", "http://example.com/"}, token).find("loopback"), std::string::npos);
  const std::string empty = folder_.write("empty.json", R"({"keys":[]})").string();
  EXPECT_NE(refusal({"token", "verify", "--jwks", empty}, token).find("empty.json"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::app
