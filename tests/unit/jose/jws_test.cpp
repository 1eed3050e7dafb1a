#include "mintmark/jose/jws.hpp"

#include <gtest/gtest.h>

#include "samples.hpp"
#include "support.hpp"

namespace mintmark::jose {
namespace {

std::vector<Alg> available_algs() {
  std::vector<Alg> algs;
  for (const Alg alg : all_algs()) {
    if (is_available(alg)) algs.push_back(alg);
  }
  return algs;
}

class Jws : public ::testing::TestWithParam<Alg> {
 protected:
  static const SigningKey& key() { return key_for(GetParam()); }
  static std::vector<VerificationKey> keys() { return {key().verification_key()}; }
};

TEST_P(Jws, VerifiesWhatItSigned) {
  const Result<std::string> token = sign_jws(key(), {.typ = "at+jwt", .cty = "text"}, as_bytes("payload"));
  ASSERT_TRUE(token) << token.error().detail;
  const Result<VerifiedJws> verified = verify_jws(*token, keys());
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(verified->alg, GetParam());
  EXPECT_EQ(verified->kid, key().kid());
  EXPECT_EQ(verified->typ, "at+jwt");
  EXPECT_EQ(as_text(verified->payload), "payload");
  const Json expected = {{"alg", name(GetParam())}, {"kid", key().kid().str()}, {"typ", "at+jwt"}, {"cty", "text"}};
  EXPECT_EQ(verified->header, expected);
}

TEST_P(Jws, TakesAnEmptyAndABinaryPayload) {
  for (const Bytes& payload : {Bytes{}, Bytes{0}, Bytes{0xff, 0x00, 0xfe}}) {
    const Result<VerifiedJws> verified = verify_jws(*sign_jws(key(), {}, payload), keys());
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->payload, payload);
    EXPECT_EQ(verified->typ, "");
  }
}

TEST_P(Jws, RefusesFlippedBits) {
  std::string token = *sign_jws(key(), {.typ = "JWT"}, as_bytes("{}"));
  const std::size_t step = token.size() > 1000 ? 13 : 1;  // coprime to 8, so that each bit of a byte has its turn
  for (std::size_t bit = 0; bit < token.size() * 8; bit += step) {
    token[bit / 8] = static_cast<char>(token[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(verify_jws(token, keys())) << bit;
    token[bit / 8] = static_cast<char>(token[bit / 8] ^ 1 << bit % 8);
  }
}

TEST_P(Jws, RefusesTruncationsAndExtensions) {
  const std::string token = *sign_jws(key(), {.typ = "JWT"}, as_bytes("{}"));
  const std::size_t step = token.size() > 500 ? 7 : 1;
  for (std::size_t size = 0; size < token.size(); size += step) {
    EXPECT_FALSE(verify_jws(std::string_view(token).substr(0, size), keys())) << size;
  }
  for (const char* tail : {"A", "AA", "AAAA", "=", "==", ".", ".AAAA", " ", "\n"})
    EXPECT_FALSE(verify_jws(token + tail, keys()));
  EXPECT_FALSE(verify_jws(" " + token, keys()));
}

TEST_P(Jws, RefusesAnotherKeyUnderTheSameName) {
  const SigningKey other = *SigningKey::generate(GetParam());
  const std::string header =
      R"({"alg":")" + std::string(name(GetParam())) + R"(","kid":")" + key().kid().str() + R"("})";
  EXPECT_EQ(kind_of(verify_jws(forge(other, header), keys())), ErrorKind::crypto);
}

TEST_P(Jws, RefusesEveryOtherAlgorithmInTheHeader) {
  for (const Alg alg : all_algs()) {
    if (alg == GetParam()) continue;
    const std::string header = R"({"alg":")" + std::string(name(alg)) + R"(","kid":")" + key().kid().str() + R"("})";
    EXPECT_EQ(kind_of(verify_jws(forge(key(), header), keys())), ErrorKind::invalid) << name(alg);
  }
}

INSTANTIATE_TEST_SUITE_P(All, Jws, ::testing::ValuesIn(available_algs()), [](const auto& of) {
  std::string text(name(of.param));
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
});

struct Example {
  Alg alg;
  const char* jwk;
  const char* token;
};

const Example kExamples[] = {
    {Alg::HS256, samples::kHs256Jwk, samples::kHs256Token},    // RFC 7515 appendix A.1
    {Alg::RS256, samples::kRs256Jwk, samples::kRs256Token},    // RFC 7515 appendix A.2
    {Alg::ES256, samples::kEs256Jwk, samples::kEs256Token},    // RFC 7515 appendix A.3
    {Alg::ES512, samples::kEs512Jwk, samples::kEs512Token},    // RFC 7515 appendix A.4
    {Alg::EdDSA, samples::kEd25519Jwk, samples::kEdDsaToken},  // RFC 8037 appendix A.5
};

TEST(JwsExamples, Rfc7515AppendixAAndRfc8037AppendixA) {
  for (const Example& example : kExamples) {
    const Result<VerifiedJws> verified = verify_jws(example.token, read_verification_keys(example.jwk, example.alg));
    ASSERT_TRUE(verified) << name(example.alg) << ": " << verified.error().detail;
    EXPECT_EQ(verified->alg, example.alg);
  }
}

TEST(JwsExamples, DeterministicSignaturesComeOutTheSame) {
  for (const Example& example : kExamples) {
    if (example.alg == Alg::ES256 || example.alg == Alg::ES512) continue;
    const std::string_view token = example.token;
    const std::string_view input = token.substr(0, token.rfind('.'));
    const Result<Bytes> signature = read_signing_key(example.jwk, example.alg).sign(as_bytes(input));
    ASSERT_TRUE(signature);
    EXPECT_EQ(encode_base64url(*signature), token.substr(token.rfind('.') + 1));
  }
}

const SigningKey& es256() {
  return key_for(Alg::ES256);
}
std::vector<VerificationKey> es256_keys() {
  return {es256().verification_key()};
}
std::string with_kid(std::string_view rest) {
  return R"({"alg":"ES256","kid":")" + es256().kid().str() + R"(")" + std::string(rest) + "}";
}

TEST(JwsHeader, TheForgingOfTheseTestsWorks) {
  // Without this, a refusal below could be for another reason.
  EXPECT_TRUE(verify_jws(forge(es256(), with_kid("")), es256_keys()));
  EXPECT_TRUE(verify_jws(forge(es256(), R"({"alg":"ES256"})"), es256_keys()));
}

TEST(JwsHeader, UnknownParametersAreIgnored_Rfc7515Section4) {
  EXPECT_TRUE(verify_jws(forge(es256(), with_kid(R"(,"unknown":{"a":[1,2]})")), es256_keys()));
}

TEST(JwsHeader, RefusesBrokenHeaders) {
  const std::string kid = es256().kid().str();
  for (const std::string& header :
       {std::string(), std::string("{}"), std::string("null"), std::string("[]"), std::string("\"ES256\""),
        std::string("{"), std::string(R"({"alg":"ES256"} )") + "x", std::string(R"({"alg":null})"),
        std::string(R"({"alg":["ES256"]})"), std::string(R"({"alg":256})"), std::string(R"({"alg":""})"),
        std::string(R"({"ALG":"ES256"})"), std::string(R"({"kid":"x"})"), std::string(R"({"alg":"ES256","kid":1})"),
        std::string(R"({"alg":"ES256","kid":null})"), std::string(R"({"alg":"ES256","typ":1})"),
        std::string(R"({"alg":"ES256","cty":[]})"), std::string("\xef\xbb\xbf{\"alg\":\"ES256\"}"),
        std::string("{\"alg\":\"ES256\",\"x\":\"\xff\"}")}) {
    EXPECT_EQ(kind_of(verify_jws(forge(es256(), header), es256_keys())), ErrorKind::invalid) << header;
  }
}

TEST(JwsHeader, RefusesDuplicateNames_Rfc7515Section4) {
  EXPECT_FALSE(verify_jws(forge(es256(), R"({"alg":"ES256","alg":"ES256"})"), es256_keys()));
  EXPECT_FALSE(verify_jws(forge(es256(), R"({"alg":"none","alg":"ES256"})"), es256_keys()));
  EXPECT_FALSE(verify_jws(forge(es256(), R"({"alg":"ES256","x":1,"\u0078":2})"), es256_keys()));
  EXPECT_FALSE(verify_jws(forge(es256(), R"({"alg":"ES256","x":{"y":1,"y":1}})"), es256_keys()));
}

TEST(JwsHeader, RefusesAnUnknownKid) {
  EXPECT_EQ(kind_of(verify_jws(forge(es256(), R"({"alg":"ES256","kid":"other"})"), es256_keys())), ErrorKind::invalid);
  EXPECT_EQ(kind_of(verify_jws(forge(es256(), R"({"alg":"ES256","kid":""})"), es256_keys())), ErrorKind::invalid);
}

TEST(JwsKeys, AreChosenByKid) {
  const SigningKey other = *SigningKey::generate(Alg::ES256);
  const std::vector<VerificationKey> keys = {other.verification_key(), es256().verification_key()};
  EXPECT_EQ(verify_jws(*sign_jws(es256(), {}, {}), keys)->kid, es256().kid());
  EXPECT_EQ(verify_jws(*sign_jws(other, {}, {}), keys)->kid, other.kid());
  // Named after the one, signed by the other.
  EXPECT_EQ(kind_of(verify_jws(forge(other, with_kid("")), keys)), ErrorKind::crypto);
}

TEST(JwsKeys, AreTriedByAlgorithmWithoutAKid) {
  const SigningKey other = *SigningKey::generate(Alg::ES256);
  const std::vector<VerificationKey> keys = {key_for(Alg::RS256).verification_key(), other.verification_key(),
                                             es256().verification_key()};
  EXPECT_EQ(verify_jws(forge(es256(), R"({"alg":"ES256"})"), keys)->kid, es256().kid());
  EXPECT_EQ(kind_of(verify_jws(forge(es256(), R"({"alg":"ES256K"})"), keys)), ErrorKind::invalid);
}

TEST(JwsKeys, OneWithoutANameAnswersToAny) {
  const crypto::PublicKey key = *crypto::PublicKey::from_pem(es256().verification_key().public_pem());
  const std::vector<VerificationKey> keys = {*VerificationKey::make(Alg::ES256, KeyId(), key)};
  EXPECT_TRUE(verify_jws(*sign_jws(es256(), {}, {}), keys));
  EXPECT_FALSE(verify_jws(*sign_jws(*SigningKey::generate(Alg::ES256), {}, {}), keys));
}

TEST(JwsKeys, NoneVerifiesNothing) {
  EXPECT_EQ(kind_of(verify_jws(*sign_jws(es256(), {}, {}), {})), ErrorKind::invalid);
}

TEST(JwsLimits, RefusesTokensThatAreTooLarge) {
  const std::string token = *sign_jws(es256(), {}, Bytes(1000));
  EXPECT_TRUE(verify_jws(token, es256_keys(), token.size()));
  EXPECT_FALSE(verify_jws(token, es256_keys(), token.size() - 1));
  EXPECT_FALSE(verify_jws(*sign_jws(es256(), {}, Bytes(64 * 1024)), es256_keys()));
  EXPECT_FALSE(decode_unverified(token, token.size() - 1));
}

TEST(JwsLimits, RefusesLargeAndDeepHeaders) {
  EXPECT_FALSE(verify_jws(forge(es256(), with_kid(R"(,"x":")" + std::string(20'000, 'x') + "\"")), es256_keys()));
  EXPECT_FALSE(
      verify_jws(forge(es256(), with_kid(R"(,"x":)" + std::string(20, '[') + std::string(20, ']'))), es256_keys()));
}

TEST(DecodeUnverified, ShowsWhatATokenSays) {
  const Result<UnverifiedJws> decoded = decode_unverified(samples::kUnsecuredToken);
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(decoded->header, Json({{"alg", "none"}}));
  EXPECT_TRUE(as_text(decoded->payload).starts_with("{\"iss\":\"joe\""));
  for (const char* text : {"", ".", "..", "a.b", "a.b.c", "e30.e30", "e30.e30.e30.e30", "W10.e30."}) {
    EXPECT_FALSE(decode_unverified(text)) << text;
  }
}

}  // namespace
}  // namespace mintmark::jose
