#include "mintmark/jose/jwk.hpp"

#include <gtest/gtest.h>

#include "samples.hpp"
#include "support.hpp"

namespace mintmark::jose {
namespace {

ErrorKind kind_of(const Result<Jwk>& jwk) {
  EXPECT_FALSE(jwk);
  return jwk ? ErrorKind::not_found : jwk.error().kind;
}

Json good(const char* text) {
  return *parse_json(text);
}

Json with(const char* text, const char* member, Json value) {
  Json jwk = good(text);
  jwk[member] = std::move(value);
  return jwk;
}

Json without(const char* text, const char* member) {
  Json jwk = good(text);
  jwk.erase(member);
  return jwk;
}

/// As base64url, with a zero byte in front.
std::string lengthened(const std::string& number) {
  Bytes bytes = *decode_base64url(number);
  bytes.insert(bytes.begin(), 0);
  return encode_base64url(bytes);
}

std::string shortened(const std::string& number) {
  const Bytes bytes = *decode_base64url(number);
  return encode_base64url(ByteView(bytes).subspan(1));
}

TEST(Jwk, Rfc7638Section3_1Thumbprint) {
  EXPECT_EQ(thumbprint(read_jwk(samples::kThumbprintJwk)), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

TEST(Jwk, Rfc8037AppendixA3Thumbprint) {
  EXPECT_EQ(thumbprint(read_jwk(samples::kEd25519Jwk)), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  const Json public_jwk = without(samples::kEd25519Jwk, "d");
  EXPECT_EQ(thumbprint(*parse_jwk(public_jwk)), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

TEST(Jwk, ThumbprintOfASecretIsOfItsCanonicalForm) {
  const Jwk jwk = *parse_jwk({{"kty", "oct"}, {"k", "AAAA"}});
  EXPECT_EQ(thumbprint(jwk),
            encode_base64url(crypto::digest(crypto::Hash::sha256, as_bytes(R"({"k":"AAAA","kty":"oct"})"))));
}

TEST(Jwk, KnowsTheAlgorithmWhereThereIsOneAlone) {
  EXPECT_EQ(signature_alg(read_jwk(samples::kEs256Jwk)), Alg::ES256);
  EXPECT_EQ(signature_alg(read_jwk(samples::kEs512Jwk)), Alg::ES512);
  EXPECT_EQ(signature_alg(read_jwk(samples::kRs256Jwk)), std::nullopt);
  EXPECT_EQ(signature_alg(read_jwk(samples::kEd25519Jwk)), std::nullopt);
  EXPECT_EQ(signature_alg(read_jwk(samples::kHs256Jwk)), std::nullopt);
  EXPECT_FALSE(make_verification_key(read_jwk(samples::kRs256Jwk)));
}

TEST(Jwk, KeepsItsMetadata) {
  Json json = good(samples::kEs256Jwk);
  json["kid"] = "one";
  json["use"] = "sig";
  json["key_ops"] = {"sign", "verify"};
  json["x5t#S256"] = "ignored";
  const Jwk jwk = *parse_jwk(json);
  EXPECT_EQ(jwk.kid, KeyId("one"));
  EXPECT_EQ(jwk.use, "sig");
  EXPECT_EQ(jwk.key_ops, (std::vector<std::string>{"sign", "verify"}));
  EXPECT_EQ(make_verification_key(jwk)->kid(), KeyId("one"));
  EXPECT_EQ(make_signing_key(jwk)->kid(), KeyId("one"));
}

TEST(Jwk, APrivateKeyVerifiesWithItsPublicPart) {
  const VerificationKey key = *make_verification_key(read_jwk(samples::kEs256Jwk));
  EXPECT_TRUE(verify_jws(samples::kEs256Token, std::vector{key}));
}

TEST(Jwk, APublicKeyDoesNotSign) {
  EXPECT_FALSE(make_signing_key(*parse_jwk(without(samples::kEs256Jwk, "d"))));
}

TEST(Jwk, AlgorithmsMustAgree) {
  const Jwk jwk = *parse_jwk(with(samples::kRs256Jwk, "alg", "PS256"));
  EXPECT_EQ(make_verification_key(jwk)->alg(), Alg::PS256);
  EXPECT_EQ(make_verification_key(jwk, Alg::PS256)->alg(), Alg::PS256);
  EXPECT_FALSE(make_verification_key(jwk, Alg::RS256));
  EXPECT_FALSE(make_signing_key(jwk, Alg::RS256));
}

TEST(Jwk, HonoursUse_Rfc7517Section4_2) {
  for (const char* text : {samples::kEs256Jwk, samples::kHs256Jwk}) {
    const Alg alg = text == samples::kEs256Jwk ? Alg::ES256 : Alg::HS256;
    const Jwk encrypts = *parse_jwk(with(text, "use", "enc"));
    EXPECT_FALSE(make_signing_key(encrypts, alg));
    EXPECT_FALSE(make_verification_key(encrypts, alg));
    EXPECT_TRUE(make_verification_keys(encrypts).empty());
  }
}

TEST(Jwk, HonoursKeyOps_Rfc7517Section4_3) {
  const auto jwk = [](const char* text, Json operations) {
    return *parse_jwk(with(text, "key_ops", std::move(operations)));
  };
  EXPECT_TRUE(make_signing_key(jwk(samples::kHs256Jwk, {"sign"}), Alg::HS256));
  EXPECT_FALSE(make_verification_key(jwk(samples::kHs256Jwk, {"sign"}), Alg::HS256));
  EXPECT_FALSE(make_signing_key(jwk(samples::kHs256Jwk, {"verify"}), Alg::HS256));
  EXPECT_TRUE(make_verification_key(jwk(samples::kHs256Jwk, {"verify"}), Alg::HS256));
  EXPECT_TRUE(make_signing_key(jwk(samples::kEs256Jwk, {"sign"})));
  EXPECT_TRUE(make_verification_key(jwk(samples::kEs256Jwk, {"sign"}))) << "its public part";
  EXPECT_FALSE(make_signing_key(jwk(samples::kEs256Jwk, {"deriveKey"})));
  EXPECT_FALSE(make_verification_key(jwk(samples::kEs256Jwk, {"deriveKey"})));
}

TEST(Jwk, MakesOneVerificationKeyPerOpenAlgorithm) {
  const auto names = [](const std::vector<VerificationKey>& keys) {
    std::string text;
    for (const VerificationKey& key : keys)
      text += std::string(name(key.alg())) + " ";
    return text;
  };
  EXPECT_EQ(names(make_verification_keys(read_jwk(samples::kRs256Jwk))), "RS256 RS384 RS512 PS256 PS384 PS512 ");
  EXPECT_EQ(names(make_verification_keys(read_jwk(samples::kEs256Jwk))), "ES256 ");
  EXPECT_EQ(names(make_verification_keys(read_jwk(samples::kEd25519Jwk))), "EdDSA Ed25519 ");
  EXPECT_EQ(names(make_verification_keys(*parse_jwk({{"kty", "oct"}, {"k", encode_base64url(Bytes(50, 1))}}))),
            "HS256 HS384 ");
  EXPECT_EQ(names(make_verification_keys(*parse_jwk(with(samples::kRs256Jwk, "alg", "PS384")))), "PS384 ");
}

TEST(JwkParse, RefusesMissingAndWronglyTypedMembers) {
  for (const char* text : {samples::kHs256Jwk, samples::kRs256Jwk, samples::kEs256Jwk, samples::kEd25519Jwk}) {
    const Json jwk = good(text);
    for (const auto& [member, value] : jwk.items()) {
      const bool drops_to_public = member == "d" && jwk["kty"] != "RSA";
      EXPECT_EQ(parse_jwk(without(text, member.c_str())).has_value(), drops_to_public) << member;
      for (const Json& wrong : {Json(nullptr), Json(1), Json::array(), Json::object(), Json("")}) {
        EXPECT_FALSE(parse_jwk(with(text, member.c_str(), wrong))) << member << " " << wrong;
      }
      EXPECT_FALSE(parse_jwk(with(text, member.c_str(), value.get<std::string>() + "="))) << member;
      EXPECT_FALSE(parse_jwk(with(text, member.c_str(), " " + value.get<std::string>()))) << member;
    }
    for (const char* member : {"kid", "use", "alg"})
      EXPECT_FALSE(parse_jwk(with(text, member, 1))) << member;
    for (const Json& wrong : {Json("sign"), Json(1), Json({1}), Json({"sign", "sign"})}) {
      EXPECT_FALSE(parse_jwk(with(text, "key_ops", wrong))) << wrong;
    }
  }
  EXPECT_FALSE(parse_jwk(Json::array()));
  EXPECT_FALSE(parse_jwk("text"));
}

TEST(JwkParse, RefusesNumbersOfAnotherLength_Rfc7518Section6) {
  for (const auto& [text, members] :
       {std::pair{samples::kEs256Jwk, std::vector{"x", "y", "d"}},
        std::pair{samples::kEs512Jwk, std::vector{"x", "y", "d"}},
        std::pair{samples::kEd25519Jwk, std::vector{"x", "d"}},
        std::pair{samples::kRs256Jwk, std::vector{"n", "e", "d", "p", "q", "dp", "dq", "qi"}}}) {
    for (const char* member : members) {
      const std::string number = good(text)[member].get<std::string>();
      EXPECT_FALSE(parse_jwk(with(text, member, lengthened(number)))) << member;
      EXPECT_FALSE(parse_jwk(with(text, member, shortened(number)))) << member;
    }
  }
}

TEST(JwkParse, RefusesAPrivatePartThatIsAnothers) {
  const Json other = *parse_json(SigningKey::generate(Alg::ES256)->serialize().reveal_text());
  EXPECT_FALSE(parse_jwk(with(samples::kEs256Jwk, "d", other["d"])));
  const Json ed = *parse_json(SigningKey::generate(Alg::Ed25519)->serialize().reveal_text());
  EXPECT_FALSE(parse_jwk(with(samples::kEd25519Jwk, "d", ed["d"])));
  const Json rsa = *parse_json(key_for(Alg::RS256).serialize().reveal_text());
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "n"}) {
    EXPECT_FALSE(parse_jwk(with(samples::kRs256Jwk, member, rsa[member]))) << member;
  }
}

TEST(JwkParse, RefusesSecretsWhereTheyDoNotBelong) {
  EXPECT_FALSE(parse_jwk(with(samples::kRs256Jwk, "oth", Json::array())));  // RFC 7518 §6.3.2.7, multi-prime
  EXPECT_FALSE(parse_jwk(with(samples::kEs256Jwk, "k", "AAAA")));
  EXPECT_FALSE(parse_jwk(with(samples::kEd25519Jwk, "p", "AAAA")));
  EXPECT_FALSE(parse_jwk(with(samples::kEs256Jwk, "priv", "AAAA")));
  Json half_private = without(samples::kRs256Jwk, "d");
  EXPECT_FALSE(parse_jwk(half_private));
}

TEST(JwkParse, RefusesWeakRsaKeys) {
  EXPECT_FALSE(parse_jwk(with(without(samples::kThumbprintJwk, "alg").dump().c_str(), "e", "AQ")));
  EXPECT_FALSE(parse_jwk(with(samples::kThumbprintJwk, "e", "Ag")));
  EXPECT_FALSE(parse_jwk(with(samples::kThumbprintJwk, "n", encode_base64url(Bytes(128, 0xff)))));
}

TEST(JwkParse, SaysUnsupportedToTypesThatAreNotOurs) {
  for (const Json& jwk : {Json{{"kty", "XYZ"}}, Json{{"kty", "EC"}, {"crv", "P-192"}, {"x", "AA"}, {"y", "AA"}},
                          with(samples::kRs256Jwk, "alg", "RSA1_5")}) {
    EXPECT_EQ(kind_of(parse_jwk(jwk)), ErrorKind::unsupported) << jwk;
  }
}

TEST(JwkParse, RefusesAnAlgorithmOfAnotherType) {
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kEs256Jwk, "alg", "ES384"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kEs256Jwk, "alg", "HS256"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kHs256Jwk, "alg", "RS256"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kEd25519Jwk, "alg", "Ed448"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kEs256Jwk, "alg", "RSA-OAEP"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kRs256Jwk, "alg", "ECDH-ES"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kEd25519Jwk, "alg", "ECDH-ES"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kEs256Jwk, "alg", "A128GCM"))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk(with(samples::kHs256Jwk, "alg", "ECDH-ES"))), ErrorKind::invalid);
}

TEST(JwkParse, TakesAlgorithmsOfEncryption_Rfc7518Section4) {
  const Jwk wrapping = read_jwk(with(samples::kHs256Jwk, "alg", "A256KW").dump());
  EXPECT_EQ(wrapping.key_management, KeyManagement::A256KW);
  EXPECT_FALSE(signature_alg(wrapping));
  const Jwk direct = read_jwk(with(samples::kHs256Jwk, "alg", "A256GCM").dump());
  EXPECT_EQ(direct.content_encryption, ContentEncryption::A256GCM);
  const Jwk agreeing = read_jwk(with(samples::kEs256Jwk, "alg", "ECDH-ES+A128KW").dump());
  EXPECT_EQ(agreeing.key_management, KeyManagement::ECDH_ES_A128KW);
  EXPECT_FALSE(signature_alg(agreeing)) << "the curve is ES256's, the key is not";
  const Jwk x25519 = read_jwk(R"({"kty":"OKP","crv":"X25519","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"})");
  EXPECT_FALSE(signature_alg(x25519));
  EXPECT_TRUE(make_verification_keys(x25519).empty());
}

struct Use {
  const char* members;
  bool encrypts;
};

TEST(JwkEncryption, ObeysUseAndKeyOps_Rfc7517Section4_3) {
  const DecryptionKey key = *DecryptionKey::generate(KeyManagement::ECDH_ES, crypto::KeyType::p256);
  for (const Use& use : {Use{R"({"use":"enc"})", true}, Use{R"({"use":"sig"})", false}, Use{R"({"use":"x"})", false},
                         Use{R"({"key_ops":["deriveBits"]})", true}, Use{R"({"key_ops":["sign"]})", false},
                         Use{R"({"key_ops":["verify","deriveKey"]})", true}}) {
    Json jwk = *parse_json(key.serialize().reveal_text());
    jwk.erase("use");
    jwk.update(*parse_json(use.members));
    EXPECT_EQ(make_encryption_key(*parse_jwk(jwk)).has_value(), use.encrypts) << use.members;
    EXPECT_EQ(make_decryption_keys(*parse_jwk(jwk)).size(), use.encrypts ? 1u : 0u) << use.members;
  }
}

TEST(JwkEncryption, ASecretSaysItsAlgorithmOrIsTold) {
  Jwk jwk = read_jwk(samples::kThumbprintJwk);
  jwk.alg.reset();
  EXPECT_TRUE(make_decryption_keys(jwk).empty()) << "a public key opens nothing";
  jwk.key = Secret(Bytes(32, 7));
  EXPECT_TRUE(make_decryption_keys(jwk).empty());
  EXPECT_FALSE(make_encryption_key(jwk));
  EXPECT_EQ(make_decryption_keys(jwk, KeyManagement::A256KW).size(), 1u);
  EXPECT_TRUE(make_decryption_keys(jwk, KeyManagement::A128KW).empty()) << "of another length";
  EXPECT_EQ(make_decryption_keys(jwk, KeyManagement::dir).size(), 2u) << "A256GCM and A128CBC-HS256";
  EXPECT_FALSE(make_encryption_key(jwk, KeyManagement::dir)) << "without an enc";
  EXPECT_TRUE(make_encryption_key(jwk, KeyManagement::dir, ContentEncryption::A256GCM));
  jwk.key_management = KeyManagement::A256GCMKW;
  EXPECT_FALSE(make_encryption_key(jwk, KeyManagement::A256KW)) << "it is for another";
}

// RFC 9964: `alg` says which ML-DSA it is.
TEST(JwkParse, RefusesAkpWithoutItsAlgorithm) {
  EXPECT_EQ(kind_of(parse_jwk({{"kty", "AKP"}, {"pub", "AAAA"}})), ErrorKind::invalid);
  EXPECT_EQ(kind_of(parse_jwk({{"kty", "AKP"}, {"alg", "ES256"}, {"pub", "AAAA"}})), ErrorKind::invalid);
  const ErrorKind expected = is_available(Alg::ML_DSA_44) ? ErrorKind::invalid : ErrorKind::unsupported;
  EXPECT_EQ(kind_of(parse_jwk({{"kty", "AKP"}, {"alg", "ML-DSA-44"}, {"pub", "AAAA"}})), expected);
}

TEST(JwkSet, PassesOverWhatIsNotOurs_Rfc7517Section5) {
  const Json set = {{"keys",
                     {{{"kty", "XYZ"}},
                      good(samples::kEs256Jwk),
                      with(samples::kRs256Jwk, "alg", "RSA1_5"),
                      {{"kty", "EC"}, {"crv", "brainpoolP256r1"}},
                      good(samples::kThumbprintJwk)}}};
  const Result<std::vector<Jwk>> keys = parse_jwk_set(set.dump());
  ASSERT_TRUE(keys) << keys.error().detail;
  ASSERT_EQ(keys->size(), 2u);
  EXPECT_EQ(signature_alg((*keys)[0]), Alg::ES256);
  EXPECT_EQ((*keys)[1].kid, KeyId("2011-04-29"));
}

TEST(JwkSet, RefusesABrokenKeyBesideASecret) {
  const Json set = {{"keys", {good(samples::kEs256Jwk), without(samples::kEs256Jwk, "y")}}};
  EXPECT_FALSE(parse_jwk_set(set.dump()));
}

TEST(JwkSet, PassesOverPublicKeysOutOfRange_Rfc7517Section5) {
  const Json ec = without(samples::kEs256Jwk, "d");
  Json without_y = ec;
  without_y.erase("y");
  const Json rsa_1024 = {{"kty", "RSA"}, {"e", "AQAB"}, {"n", encode_base64url(Bytes(128, 0xc3))}};
  const Json set = {{"keys", {rsa_1024, without_y, ec, Json::object()}}};
  const Result<std::vector<Jwk>> keys = parse_jwk_set(set.dump());
  ASSERT_TRUE(keys) << keys.error().detail;
  ASSERT_EQ(keys->size(), 1u);
  EXPECT_EQ(signature_alg(keys->front()), Alg::ES256);
  EXPECT_FALSE(parse_jwk_set(rsa_1024.dump())) << "alone, it is what was asked for";
  Json with_secret = set;
  with_secret["keys"].push_back({{"kty", "oct"}, {"k", "AAAA"}});
  EXPECT_FALSE(parse_jwk_set(with_secret.dump()));
}

TEST(JwkSet, RefusesWhatIsNoSet) {
  for (const char* text :
       {"", "[]", "{}", "null", R"({"keys":{}})", R"({"keys":[1]})", R"({"keys":null})", R"({"keys":[],"keys":[]})"}) {
    EXPECT_FALSE(parse_jwk_set(text)) << text;
  }
  EXPECT_TRUE(parse_jwk_set(R"({"keys":[]})")->empty());
}

TEST(JwkSet, IsBounded) {
  Json keys = Json::array();
  for (int i = 0; i < 101; ++i)
    keys.push_back({{"kty", "oct"}, {"k", "AAAA"}});
  EXPECT_FALSE(parse_jwk_set(Json{{"keys", keys}}.dump()));
  keys.erase(keys.begin());
  EXPECT_TRUE(parse_jwk_set(Json{{"keys", keys}}.dump()));
}

TEST(KeyFile, TakesJwkJwksAndPem) {
  const SigningKey& key = key_for(Alg::ES256);
  const std::string set = Json{{"keys", {key.verification_key().public_jwk()}}}.dump();
  for (const Secret& text : {key.serialize(), Secret(std::string_view(set)), key.private_pem(),
                             Secret(std::string_view(key.verification_key().public_pem()))}) {
    const Result<std::vector<Jwk>> keys = parse_key_file(text);
    ASSERT_TRUE(keys) << keys.error().detail;
    ASSERT_EQ(keys->size(), 1u);
    EXPECT_EQ(signature_alg(keys->front()), Alg::ES256);
    EXPECT_EQ(thumbprint(keys->front()), key.kid().str());
  }
  EXPECT_FALSE(parse_key_file(Secret()));
  EXPECT_FALSE(parse_key_file(Secret(std::string_view("neither"))));
}

}  // namespace
}  // namespace mintmark::jose
