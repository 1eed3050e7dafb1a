// What burnt other implementations, each under the name of who was burnt.

#include <gtest/gtest.h>

#include "mintmark/jose/jwt.hpp"
#include "samples.hpp"
#include "support.hpp"

namespace mintmark::jose {
namespace {

const SigningKey& rs256() {
  static const SigningKey key = read_signing_key(samples::kRs256Jwk, Alg::RS256);
  return key;
}

std::string trimmed_pem(const SigningKey& key) {
  std::string pem = key.verification_key().public_pem();
  pem.pop_back();
  return pem;
}

/// The text between a PEM file's first and last line, decoded.
Bytes spki(const SigningKey& key) {
  std::string pem = key.verification_key().public_pem();
  pem.erase(0, pem.find('\n') + 1);
  pem.erase(pem.find("-----"));
  std::erase(pem, '\n');
  return *decode_base64(pem);
}

/// As a secret, `bytes` must be refused on every way to an HMAC key.
void expect_no_secret(ByteView bytes) {
  for (const Alg alg : {Alg::HS256, Alg::HS384, Alg::HS512}) {
    EXPECT_FALSE(VerificationKey::make(alg, KeyId("k"), Secret(bytes)));
    EXPECT_FALSE(SigningKey::make(alg, Secret(bytes)));
    const Result<Jwk> jwk = parse_jwk({{"kty", "oct"}, {"k", encode_base64url(bytes)}});
    ASSERT_TRUE(jwk);
    EXPECT_FALSE(make_verification_key(*jwk, alg));
    EXPECT_FALSE(make_signing_key(*jwk, alg));
  }
}

// RS256 to HS256: the public key, which everybody has, as the secret.
TEST(Attacks, PublicKeyAsHmacSecretIsRefused_CVE_2022_29217_CVE_2023_48223_CVE_2024_33663_CVE_2026_11800) {
  for (const SigningKey& key : {rs256(), key_for(Alg::ES256), key_for(Alg::Ed25519)}) {
    const std::string pem = key.verification_key().public_pem();
    expect_no_secret(as_bytes(pem));
    expect_no_secret(as_bytes(trimmed_pem(key)));
    expect_no_secret(as_bytes(" \r\n\t" + pem));  // CVE-2023-48223, fixed incompletely at first
    expect_no_secret(as_bytes("\xef\xbb\xbf" + pem));
    expect_no_secret(spki(key));  // CVE-2024-33663: DER
    expect_no_secret(as_bytes(encode_base64(spki(key))));
    expect_no_secret(as_bytes(encode_base64(spki(key)) + "\n"));
    expect_no_secret(as_bytes(key.verification_key().public_jwk().dump()));
    expect_no_secret(key.private_pem().reveal());
  }
  expect_no_secret(
      as_bytes("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDIdZjqkBGUgwCpZ7aLWhCVnGZ9RXGpmfXaXJWkIfAQP somebody@example"));
  expect_no_secret(
      as_bytes("ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBMmWsxg0 somebody@example"));
}

TEST(Attacks, Rs256ToHs256ConfusionIsRefused_CVE_2015_9235) {
  const std::string header = R"({"alg":"HS256","kid":")" + rs256().kid().str() + R"("})";
  const std::string input = encode(header) + "." + encode("{}");
  for (const std::string& secret : {rs256().verification_key().public_pem(), trimmed_pem(rs256())}) {
    const std::string token =
        input + "." + encode_base64url(crypto::hmac(crypto::Hash::sha256, as_bytes(secret), as_bytes(input)));
    EXPECT_FALSE(verify_jws(token, std::vector{rs256().verification_key()}));
    EXPECT_FALSE(verify_jws(token, make_verification_keys(read_jwk(samples::kRs256Jwk))));
  }
}

TEST(Attacks, AsymmetricKeyNeverGetsASymmetricAlgorithm) {
  const crypto::PublicKey key = *crypto::PublicKey::from_pem(rs256().verification_key().public_pem());
  for (const Alg alg : {Alg::HS256, Alg::HS384, Alg::HS512}) {
    EXPECT_FALSE(VerificationKey::make(alg, KeyId("k"), key));
    EXPECT_FALSE(make_verification_key(read_jwk(samples::kRs256Jwk), alg));
    EXPECT_FALSE(make_signing_key(read_jwk(samples::kRs256Jwk), alg));
  }
  for (const VerificationKey& made : make_verification_keys(read_jwk(samples::kRs256Jwk)))
    EXPECT_FALSE(is_symmetric(made.alg()));
}

TEST(Attacks, UnsecuredTokenIsRefused_CVE_2015_2951_CVE_2020_15957_CVE_2026_16093) {
  std::vector<VerificationKey> keys;
  for (const Alg alg : {Alg::HS256, Alg::RS256, Alg::ES256})
    keys.push_back(key_for(alg).verification_key());
  EXPECT_FALSE(verify_jws(samples::kUnsecuredToken, keys));  // RFC 7515 appendix A.5
  EXPECT_FALSE(verify_jws(samples::kUnsecuredToken, {}));
  for (const char* alg : {"none", "None", "NONE", "nonE", "", "null"}) {
    const std::string header = std::string(R"({"alg":")") + alg + "\"}";
    EXPECT_FALSE(verify_jws(encode(header) + "." + encode("{}") + ".", keys)) << alg;
    EXPECT_FALSE(verify_jws(encode(header) + "." + encode("{}") + ".AAAA", keys)) << alg;
    EXPECT_FALSE(verify_jws(encode(header) + "." + encode("{}"), keys)) << alg;
  }
}

TEST(Attacks, SignatureStrippedFromATokenIsRefused) {
  for (const Alg alg : {Alg::HS256, Alg::RS256, Alg::PS256, Alg::ES256, Alg::EdDSA}) {
    const std::string token = *sign_jws(key_for(alg), {}, as_bytes("{}"));
    const std::string stripped = token.substr(0, token.rfind('.') + 1);
    EXPECT_EQ(kind_of(verify_jws(stripped, std::vector{key_for(alg).verification_key()})), ErrorKind::invalid);
  }
}

TEST(Attacks, UnsecuredTokenInsideASignedOneIsNotOpened_CVE_2026_29000) {
  const std::string nested = forge(key_for(Alg::ES256), R"({"alg":"ES256","cty":"JWT"})", samples::kUnsecuredToken);
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  EXPECT_TRUE(verify_jws(nested, keys));
  EXPECT_FALSE(verify_jwt(nested, keys, {}));
}

TEST(Attacks, NullSignatureIsRefused_CVE_2022_21449_CVE_2020_28042) {
  for (const Alg alg : {Alg::HS256, Alg::RS256, Alg::PS256, Alg::ES256, Alg::ES384, Alg::ES512, Alg::ES256K,
                        Alg::Ed25519, Alg::Ed448}) {
    const std::string token = *sign_jws(key_for(alg), {}, as_bytes("{}"));
    const std::size_t size = decode_base64url(token.substr(token.rfind('.') + 1))->size();
    const std::string null_signed = token.substr(0, token.rfind('.') + 1) + encode_base64url(Bytes(size));
    EXPECT_EQ(kind_of(verify_jws(null_signed, std::vector{key_for(alg).verification_key()})), ErrorKind::crypto)
        << name(alg);
  }
}

TEST(Attacks, EmptyAndShortHmacKeysAreRefused_CVE_2026_45363_CVE_2026_49852_Rfc7518Section3_2) {
  EXPECT_FALSE(SigningKey::make(Alg::HS256, Secret()));
  EXPECT_FALSE(VerificationKey::make(Alg::HS256, KeyId("k"), Secret()));
  EXPECT_FALSE(parse_jwk({{"kty", "oct"}, {"k", ""}}));
  for (const auto& [alg, least] : {std::pair{Alg::HS256, 32}, std::pair{Alg::HS384, 48}, std::pair{Alg::HS512, 64}}) {
    const auto size = static_cast<std::size_t>(least);
    EXPECT_FALSE(SigningKey::make(alg, Secret(Bytes(size - 1, 7)))) << name(alg);
    EXPECT_FALSE(VerificationKey::make(alg, KeyId("k"), Secret(Bytes(size - 1, 7)))) << name(alg);
    EXPECT_TRUE(SigningKey::make(alg, Secret(Bytes(size, 7)))) << name(alg);
  }
}

TEST(Attacks, CurveOtherThanTheAlgorithmsIsRefused) {
  EXPECT_FALSE(make_verification_key(read_jwk(samples::kEs512Jwk), Alg::ES256));
  EXPECT_FALSE(make_verification_key(read_jwk(samples::kEs256Jwk), Alg::ES256K));
  EXPECT_FALSE(make_verification_key(read_jwk(samples::kEs256Jwk), Alg::ES384));
  EXPECT_FALSE(make_signing_key(read_jwk(samples::kEs256Jwk), Alg::ES512));
  EXPECT_FALSE(make_signing_key(read_jwk(samples::kEd25519Jwk), Alg::Ed448));
}

TEST(Attacks, UnpaddedEcdsaNumbersAreRefused_Rfc7518Section3_4) {
  // R of 31 bytes, as libraries that forget the leading zero write it.
  const SigningKey& key = key_for(Alg::ES256);
  const std::string input = encode(R"({"alg":"ES256"})") + "." + encode("{}");
  for (int i = 0; i < 5000; ++i) {
    Bytes signature = *key.sign(as_bytes(input));
    ASSERT_EQ(signature.size(), 64u);
    if (signature.front() != 0) continue;
    EXPECT_TRUE(key.verification_key().verify(as_bytes(input), signature));
    signature.erase(signature.begin());
    EXPECT_FALSE(key.verification_key().verify(as_bytes(input), signature));
    return;
  }
  FAIL() << "no signature began with a zero";
}

TEST(Attacks, OversizedSignatureIsRefused) {
  const std::string input = encode(R"({"alg":"ES256"})") + "." + encode("{}") + ".";
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  EXPECT_EQ(kind_of(verify_jws(input + encode_base64url(Bytes(40'000, 0xff)), keys)), ErrorKind::crypto);
  EXPECT_EQ(kind_of(verify_jws(input + encode_base64url(Bytes(200'000, 0xff)), keys)), ErrorKind::invalid);
}

TEST(Attacks, KeysInTheHeaderAreIgnored_CVE_2018_0114) {
  const SigningKey attacker = *SigningKey::generate(Alg::ES256);
  const std::string jwk = attacker.verification_key().public_jwk().dump();
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  for (const std::string& member :
       {R"("jwk":)" + jwk, std::string(R"("jku":"https://attacker.example/jwks.json")"),
        std::string(R"("x5u":"https://attacker.example/cert.pem")"), std::string(R"("x5c":["MIIB"])"),
        std::string(R"("x5t":"AAAA")"), R"("kid":")" + attacker.kid().str() + "\"",
        std::string(R"("kid":"../../../../dev/null")"), std::string(R"("kid":"' UNION SELECT 'secret")")}) {
    EXPECT_FALSE(verify_jws(forge(attacker, R"({"alg":"ES256",)" + member + "}"), keys)) << member;
  }
  // And a token of ours is none the worse for a foreign key beside it.
  EXPECT_TRUE(verify_jws(forge(key_for(Alg::ES256), R"({"alg":"ES256","jwk":)" + jwk + "}"), keys));
}

TEST(Attacks, EveryCritIsRefused_CVE_2025_59420_Rfc7515Section4_1_11) {
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  for (const char* member :
       {R"("crit":["exp"],"exp":1)", R"("crit":["x"])", R"("crit":[])", R"("crit":null)", R"("crit":"alg")",
        R"("crit":["alg"])", R"("crit":["b64"],"b64":true)", R"("crit":["b64"],"b64":false)"}) {
    EXPECT_EQ(kind_of(verify_jws(forge(key_for(Alg::ES256), std::string(R"({"alg":"ES256",)") + member + "}"), keys)),
              ErrorKind::invalid)
        << member;
  }
}

TEST(Attacks, UnencodedPayloadIsRefused_Rfc7797) {
  const SigningKey& key = key_for(Alg::ES256);
  const std::vector<VerificationKey> keys = {key.verification_key()};
  for (const char* b64 : {"true", "false", "null", "\"false\""}) {
    EXPECT_FALSE(verify_jws(forge(key, std::string(R"({"alg":"ES256","b64":)") + b64 + "}"), keys)) << b64;
  }
  const std::string input = encode(R"({"alg":"ES256","crit":["b64"],"b64":false})") + ".$02";
  EXPECT_FALSE(verify_jws(input + "." + encode_base64url(*key.sign(as_bytes(input))), keys));
}

TEST(Attacks, ManyDotsCostNothing_CVE_2025_27144_CVE_2025_30204) {
  const std::string dots(60'000, '.');
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  EXPECT_EQ(kind_of(verify_jws(dots, keys)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(verify_jws("e30" + dots, keys)), ErrorKind::invalid);
  EXPECT_FALSE(decode_unverified(dots));
}

TEST(Attacks, DeeplyNestedJsonIsRefused) {
  const std::string deep = std::string(20'000, '[') + std::string(20'000, ']');
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  EXPECT_FALSE(verify_jwt(forge(key_for(Alg::ES256), R"({"alg":"ES256"})", R"({"exp":1,"x":)" + deep + "}"), keys, {}));
  EXPECT_FALSE(parse_jwk_set(deep));
  EXPECT_FALSE(parse_jwk_set(R"({"keys":)" + deep + "}"));
}

TEST(Attacks, JweIsRefused) {
  // RFC 7516 appendix A.3 has five parts; this is its shape.
  const std::vector<VerificationKey> keys = {key_for(Alg::ES256).verification_key()};
  EXPECT_FALSE(verify_jws("eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.AAAA.AAAA.AAAA.AAAA", keys));
}

TEST(Attacks, AlternativeSpellingsOfBase64urlAreRefused_Rfc7515Section2) {
  const SigningKey& key = key_for(Alg::HS256);
  const std::vector<VerificationKey> keys = {key.verification_key()};
  const std::string token = *sign_jws(key, {}, as_bytes("{}"));
  ASSERT_TRUE(verify_jws(token, keys));
  // 32 bytes make 43 characters: the last carries two bits that must be zero.
  std::string stray = token;
  const char last = stray.back();
  int accepted = 0;
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \n")) {
    stray.back() = c;
    if (verify_jws(stray, keys)) {
      ++accepted;
      EXPECT_EQ(c, last);
    }
  }
  EXPECT_EQ(accepted, 1);
  EXPECT_FALSE(verify_jws(token + "=", keys));
}

TEST(Attacks, PublicJwkHoldsNothingPrivate) {
  for (const Alg alg : all_algs()) {
    if (is_symmetric(alg) || !is_available(alg)) continue;
    const Json jwk = key_for(alg).verification_key().public_jwk();
    for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
      EXPECT_FALSE(jwk.contains(member)) << name(alg);
    EXPECT_EQ(key_for(alg).verification_key().public_pem().find("PRIVATE"), std::string::npos);
  }
}

}  // namespace
}  // namespace mintmark::jose
