// The RFCs' appendices and the cookbook (RFC 7520), as far as they show signatures in compact form and keys of ours.

#include <gtest/gtest.h>

#include "mintmark/jose/jwt.hpp"
#include "support.hpp"
#include "support/vectors.hpp"

namespace mintmark::jose {
namespace {

std::string text_of(const Json& object, const char* name) {
  return object.at(name).get<std::string>();
}

/// All keys that `jwk` can be, for it says no algorithm in most examples.
std::vector<VerificationKey> keys_of(const Json& jwk) {
  const Result<Jwk> parsed = parse_jwk(jwk);
  EXPECT_TRUE(parsed) << jwk << parsed.error().detail;
  return make_verification_keys(*parsed);
}

TEST(Vectors, Rfc7515Examples) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7515.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    if (example["serialization"] != "compact") continue;
    const std::vector<VerificationKey> keys = example.contains("jwk") && example["jwk"].is_object()
                                                  ? keys_of(example["jwk"])
                                                  : std::vector<VerificationKey>();
    const Result<VerifiedJws> verified = verify_jws(text_of(example, "jws"), keys);
    EXPECT_EQ(verified.has_value(), example["result"] == "valid") << example["id"];
    EXPECT_TRUE(!verified || encode_base64url(verified->payload) == text_of(example, "payload_b64u")) << example["id"];
    ++run;
  }
  EXPECT_EQ(run, 6);
}

// The other serializations of the same signatures are put into compact form here: the signed bytes are the same.
TEST(Vectors, Rfc7515AppendixA6Signatures) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7515.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    if (example["serialization"] != "json-general") continue;
    const Json& jws = example["jws"];
    for (std::size_t i = 0; i < jws["signatures"].size(); ++i) {
      const Json& signature = jws["signatures"][i];
      const std::string token =
          text_of(signature, "protected") + "." + text_of(jws, "payload") + "." + text_of(signature, "signature");
      EXPECT_TRUE(verify_jws(token, keys_of(example["jwks"]["keys"][i]))) << example["id"];
      ++run;
    }
  }
  EXPECT_EQ(run, 2);
}

TEST(Vectors, Rfc7519InnerToken) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7519.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    if (!example.contains("inner_jws")) continue;
    JwtExpectation expectation;
    expectation.now = from_unix_ms(1'300'819'379'000);
    expectation.issuer = "joe";
    const Result<VerifiedJwt> jwt =
        verify_jwt(text_of(example, "inner_jws"), keys_of(example["verify_jwk"]), expectation);
    ASSERT_TRUE(jwt) << jwt.error().detail;
    EXPECT_EQ(jwt->claims(), example["claims"]);
    expectation.now = from_unix_ms(1'300'819'380'000);
    EXPECT_FALSE(verify_jwt(text_of(example, "inner_jws"), keys_of(example["verify_jwk"]), expectation));
    ++run;
  }
  EXPECT_EQ(run, 1);
}

TEST(Vectors, Rfc8037Examples) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc8037.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    if (!example.contains("jws")) continue;
    const Result<VerifiedJws> verified = verify_jws(text_of(example, "jws"), keys_of(example["jwk"]));
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ(as_text(verified->payload), text_of(example, "payload"));
    EXPECT_EQ(
        *sign_jws(*SigningKey::make(Alg::EdDSA, KeyId(), std::get<crypto::PrivateKey>(parse_jwk(example["jwk"])->key)),
                  {}, verified->payload),
        text_of(example, "jws"));
    ++run;
  }
  EXPECT_EQ(run, 1);
}

TEST(Vectors, Rfc7638Thumbprints) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7638_rfc9278.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    const std::string print = thumbprint(*parse_jwk(example["jwk"]));
    if (example.contains("thumbprint_sha256_b64u")) {
      EXPECT_EQ(print, text_of(example, "thumbprint_sha256_b64u")) << example["id"];
    } else {
      EXPECT_TRUE(text_of(example, "uri").ends_with(":" + print)) << example["id"];  // RFC 9278 §4
    }
    ++run;
  }
  EXPECT_EQ(run, 3);
}

TEST(Vectors, Rfc9449ProofsAndThumbprints) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7636_rfc8705_rfc9449.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    if (!example.contains("dpop")) continue;
    const Json& jwk = example["header"]["jwk"];
    EXPECT_EQ(thumbprint(*parse_jwk(jwk)), text_of(example, "jkt"));
    const Result<VerifiedJws> verified = verify_jws(text_of(example, "dpop"), keys_of(jwk));
    ASSERT_TRUE(verified) << verified.error().detail;
    EXPECT_EQ(verified->typ, "dpop+jwt");
    EXPECT_EQ(*parse_json(as_text(verified->payload)), example["claims"]);
    ++run;
  }
  EXPECT_EQ(run, 3);
}

TEST(Vectors, Rfc8705Certificate) {
  MINTMARK_LOAD_VECTORS(vectors, "rfc-examples/rfc7636_rfc8705_rfc9449.json");
  int run = 0;
  for (const Json& example : vectors["examples"]) {
    if (!example.contains("cert_pem")) continue;
    const Result<std::vector<Jwk>> keys = parse_key_file(Secret(std::string_view(text_of(example, "cert_pem"))));
    ASSERT_TRUE(keys) << keys.error().detail;
    EXPECT_EQ(signature_alg(keys->front()), Alg::ES256);
    ++run;
  }
  EXPECT_EQ(run, 1);
}

class Cookbook : public ::testing::TestWithParam<const char*> {};

TEST_P(Cookbook, VerifiesAndComesOutTheSameWhereItCan) {
  MINTMARK_LOAD_VECTORS(figure, std::string("rfc7520-cookbook/") + GetParam());
  const std::string token = text_of(figure["output"], "compact");
  Json jwk = figure["input"]["key"];
  const Alg alg = *find_alg(text_of(figure["input"], "alg"));
  const Jwk parsed = *parse_jwk(jwk);
  const Result<VerifiedJws> verified = verify_jws(token, std::vector{*make_verification_key(parsed, alg)});
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(as_text(verified->payload), text_of(figure["input"], "payload"));
  EXPECT_EQ(verified->header, figure["signing"]["protected"]);
  if (!figure.value("reproducible", false)) return;
  const std::string_view input = std::string_view(token).substr(0, token.rfind('.'));
  EXPECT_EQ(encode_base64url(*make_signing_key(parsed, alg)->sign(as_bytes(input))), text_of(figure["signing"], "sig"));
}

INSTANTIATE_TEST_SUITE_P(Rfc7520, Cookbook,
                         ::testing::Values("jws/4_1.rsa_v15_signature.json", "jws/4_2.rsa-pss_signature.json",
                                           "jws/4_3.ecdsa_signature.json",
                                           "jws/4_4.hmac-sha2_integrity_protection.json", "curve25519/jws.json"),
                         [](const auto& of) {
                           std::string text = of.param;
                           for (char& c : text)
                             c = std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
                           return text;
                         });

TEST(Vectors, Rfc7520DetachedContentIsRefused) {
  MINTMARK_LOAD_VECTORS(figure, "rfc7520-cookbook/jws/4_5.signature_with_detached_content.json");
  EXPECT_FALSE(verify_jws(text_of(figure["output"], "compact"), keys_of(figure["input"]["key"])));
}

TEST(Vectors, Rfc7797UnencodedPayloadIsRefused) {
  for (const char* path :
       {"rfc7520-cookbook/rfc7797/4.2.hmac-sha2_b64_false.json", "rfc7520-cookbook/rfc7797/hmac-sha2_b64_false.json"}) {
    MINTMARK_LOAD_VECTORS(figure, path);
    ASSERT_TRUE(figure["output"].contains("compact") || figure["output"].contains("json_flat")) << path;
    if (!figure["output"].contains("compact")) continue;
    EXPECT_FALSE(verify_jws(text_of(figure["output"], "compact"), keys_of(figure["input"]["key"])));
  }
}

class CookbookKey : public ::testing::TestWithParam<const char*> {};

TEST_P(CookbookKey, IsReadAndWrittenUnchanged) {
  MINTMARK_LOAD_VECTORS(jwk, std::string("rfc7520-cookbook/jwk/") + GetParam());
  const Result<Jwk> parsed = parse_jwk(jwk);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->kid.str(), jwk.value("kid", ""));
  const Alg alg = signature_alg(*parsed).value_or(Alg::RS256);
  Json expected = jwk;
  expected["alg"] = name(alg);
  if (std::holds_alternative<crypto::PublicKey>(parsed->key)) {
    EXPECT_EQ(make_verification_key(*parsed, alg)->public_jwk(), expected);
  } else {
    expected.erase("use");
    EXPECT_EQ(*parse_json(make_signing_key(*parsed, alg)->serialize().reveal_text()), expected);
  }
}

INSTANTIATE_TEST_SUITE_P(Rfc7520, CookbookKey,
                         ::testing::Values("3_1.ec_public_key.json", "3_2.ec_private_key.json",
                                           "3_3.rsa_public_key.json", "3_4.rsa_private_key.json",
                                           "3_5.symmetric_key_mac_computation.json"),
                         [](const auto& of) { return "Figure" + std::string(of.param).substr(0, 3); });

TEST(Vectors, Rfc7520EncryptionKeyVerifiesNothing) {
  MINTMARK_LOAD_VECTORS(jwk, "rfc7520-cookbook/jwk/3_6.symmetric_key_encryption.json");
  EXPECT_TRUE(keys_of(jwk).empty());
}

}  // namespace
}  // namespace mintmark::jose
