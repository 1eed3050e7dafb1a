#include "mintmark/jose/key.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "samples.hpp"
#include "support.hpp"

namespace mintmark::jose {
namespace {

class Keys : public ::testing::TestWithParam<Alg> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam())) GTEST_SKIP() << "this OpenSSL does not have it";
  }
  static const SigningKey& key() { return key_for(GetParam()); }
};

class AsymmetricKeys : public Keys {};

TEST_P(Keys, VerifyWhatTheySign) {
  EXPECT_EQ(key().alg(), GetParam());
  EXPECT_EQ(key().verification_key().alg(), GetParam());
  EXPECT_EQ(key().verification_key().kid(), key().kid());
  const Result<Bytes> signature = key().sign(as_bytes("message"));
  ASSERT_TRUE(signature);
  EXPECT_TRUE(key().verification_key().verify(as_bytes("message"), *signature));
  const Result<void> other = key().verification_key().verify(as_bytes("massage"), *signature);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().kind, ErrorKind::crypto);
}

TEST_P(Keys, SurviveSerialization) {
  const Secret serialized = key().serialize();
  const Result<SigningKey> parsed = SigningKey::parse(serialized);
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->alg(), key().alg());
  EXPECT_EQ(parsed->kid(), key().kid());
  EXPECT_EQ(parsed->serialize().reveal_text(), serialized.reveal_text());
  EXPECT_TRUE(key().verification_key().verify(as_bytes("message"), *parsed->sign(as_bytes("message"))));
}

TEST_P(Keys, KeepANameThatIsNotTheThumbprint) {
  Json jwk = *parse_json(key().serialize().reveal_text());
  jwk["kid"] = "ключ \"2024\"";
  const Result<SigningKey> parsed = SigningKey::parse(Secret(std::string_view(jwk.dump())));
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->kid(), KeyId("ключ \"2024\""));
  EXPECT_EQ(SigningKey::parse(parsed->serialize())->kid(), parsed->kid());
  EXPECT_TRUE(verify_jws(*sign_jws(*parsed, {}, {}), std::vector{parsed->verification_key()}));
}

TEST_P(Keys, AreNamedByThumbprintUnlessSecret) {
  const std::string print = thumbprint(read_jwk(key().serialize().reveal_text()));
  if (is_symmetric(GetParam())) {
    EXPECT_NE(key().kid().str(), print);
    EXPECT_NE(SigningKey::generate(GetParam())->kid(), key().kid());
  } else {
    EXPECT_EQ(key().kid().str(), print);
  }
}

TEST_P(AsymmetricKeys, PublishTheirPublicHalf) {
  const Json jwk = key().verification_key().public_jwk();
  EXPECT_EQ(jwk["alg"], name(GetParam()));
  EXPECT_EQ(jwk["kid"], key().kid().str());
  EXPECT_EQ(jwk["use"], "sig");
  const Result<VerificationKey> from_jwk = make_verification_key(*parse_jwk(jwk));
  ASSERT_TRUE(from_jwk) << from_jwk.error().detail;
  EXPECT_EQ(from_jwk->kid(), key().kid());
  EXPECT_TRUE(from_jwk->verify(as_bytes("message"), *key().sign(as_bytes("message"))));
  const std::vector<Jwk> from_pem = *parse_key_file(Secret(std::string_view(key().verification_key().public_pem())));
  ASSERT_EQ(from_pem.size(), 1u);
  EXPECT_EQ(thumbprint(from_pem[0]), key().kid().str());
}

TEST_P(AsymmetricKeys, SurvivePrivatePem) {
  const std::vector<Jwk> read = *parse_key_file(key().private_pem());
  ASSERT_EQ(read.size(), 1u);
  const Result<SigningKey> again = make_signing_key(read[0], GetParam());
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->kid(), key().kid());
}

TEST_P(Keys, AreRefusedUnderEveryOtherKindOfAlgorithm) {
  const Jwk jwk = [] {
    Jwk without_alg = read_jwk(key().serialize().reveal_text());
    without_alg.alg.reset();
    return without_alg;
  }();
  for (const Alg alg : all_algs()) {
    const bool same_kind =
        is_symmetric(alg) == is_symmetric(GetParam()) && (is_symmetric(alg) || key_type(alg) == key_type(GetParam()));
    if (same_kind) continue;
    EXPECT_FALSE(make_signing_key(jwk, alg)) << name(alg);
    EXPECT_FALSE(make_verification_key(jwk, alg)) << name(alg);
  }
}

std::string test_name(const ::testing::TestParamInfo<Alg>& of) {
  std::string text(name(of.param));
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

std::vector<Alg> asymmetric_algs() {
  std::vector<Alg> algs(all_algs().begin(), all_algs().end());
  std::erase_if(algs, is_symmetric);
  return algs;
}

INSTANTIATE_TEST_SUITE_P(All, Keys, ::testing::ValuesIn(all_algs().begin(), all_algs().end()), test_name);
INSTANTIATE_TEST_SUITE_P(All, AsymmetricKeys, ::testing::ValuesIn(asymmetric_algs()), test_name);

TEST(SigningKey, RsaTakesTheLengthAskedFor) {
  const SigningKey key = *SigningKey::generate(Alg::PS384, 3072);
  EXPECT_EQ(key.sign(as_bytes("m"))->size(), 384u);
  EXPECT_FALSE(SigningKey::generate(Alg::RS256, 1024));
}

TEST(SigningKey, HmacSecretsAreAsLongAsTheHash) {
  EXPECT_EQ(SigningKey::generate(Alg::HS256)->shared_secret().size(), 32u);
  EXPECT_EQ(SigningKey::generate(Alg::HS384)->shared_secret().size(), 48u);
  EXPECT_EQ(SigningKey::generate(Alg::HS512)->shared_secret().size(), 64u);
}

TEST(SigningKey, RefusesToBeMadeForAnotherAlgorithm) {
  EXPECT_FALSE(SigningKey::make(Alg::ES256, Secret(Bytes(64, 1))));
  EXPECT_FALSE(SigningKey::make(Alg::HS256, *crypto::PrivateKey::generate(crypto::KeyType::p256)));
  EXPECT_FALSE(SigningKey::make(Alg::ES384, *crypto::PrivateKey::generate(crypto::KeyType::p256)));
}

TEST(SigningKey, RefusesAKidThatCannotBeWritten) {
  const crypto::PrivateKey key = *crypto::PrivateKey::generate(crypto::KeyType::p256);
  EXPECT_FALSE(SigningKey::make(Alg::ES256, KeyId("\xff"), key));
  EXPECT_FALSE(SigningKey::make(Alg::ES256, KeyId(std::string(257, 'k')), key));
  EXPECT_TRUE(SigningKey::make(Alg::ES256, KeyId(std::string(256, 'k')), key));
}

TEST(SigningKey, ParseRefusesWhatSerializeDoesNotWrite) {
  const SigningKey& key = key_for(Alg::ES256);
  const Json good = *parse_json(key.serialize().reveal_text());
  const auto parse = [](const Json& json) { return SigningKey::parse(Secret(std::string_view(json.dump()))); };
  ASSERT_TRUE(parse(good));
  for (const char* member : {"alg", "kid", "kty", "crv", "x", "y", "d"}) {
    Json without = good;
    without.erase(member);
    EXPECT_FALSE(parse(without)) << member;
  }
  EXPECT_FALSE(parse(key.verification_key().public_jwk()));
  EXPECT_FALSE(parse({{"keys", Json::array({good, good})}}));
  EXPECT_FALSE(parse({{"keys", Json::array()}}));
  EXPECT_FALSE(SigningKey::parse(Secret()));
  EXPECT_FALSE(SigningKey::parse(key.private_pem()));
}

}  // namespace
}  // namespace mintmark::jose
