// Project Wycheproof's vectors through our own signatures and MACs: every `valid` is accepted, every `invalid` refused.

#include <gtest/gtest.h>

#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/pkey.hpp"
#include "wycheproof.hpp"

namespace mintmark::crypto {
namespace {

using wycheproof::bytes_of;
using wycheproof::path_of;
using wycheproof::text_of;

struct SignatureFile {
  const char* path;
  SignatureScheme scheme;
};

void PrintTo(const SignatureFile& file, std::ostream* out) {
  *out << file.path;
}

class WycheproofSignatures : public ::testing::TestWithParam<SignatureFile> {};

TEST_P(WycheproofSignatures, AreJudgedAsTheyShould) {
  MINTMARK_LOAD_VECTORS(vectors, path_of(GetParam().path));
  int valid = 0;
  int invalid = 0;
  for (const Json& group : vectors["testGroups"]) {
    const Result<PublicKey> key = PublicKey::from_pem(text_of(group, "publicKeyPem"));
    for (const Json& test : group["tests"]) {
      const bool accepted = key && key->verify(GetParam().scheme, bytes_of(test, "msg"), bytes_of(test, "sig"));
      if (test["result"] == "valid") {
        EXPECT_TRUE(accepted) << test["tcId"] << " " << test["comment"] << " " << (key ? "" : key.error().detail);
        ++valid;
      } else if (test["result"] == "invalid") {
        EXPECT_FALSE(accepted) << test["tcId"] << " " << test["comment"];
        ++invalid;
      }
    }
  }
  EXPECT_GT(valid, 5);
  EXPECT_GT(invalid, 5);
}

constexpr SignatureScheme pkcs1(Hash hash) {
  return {SignatureKind::rsa_pkcs1, hash};
}
constexpr SignatureScheme pss(Hash hash) {
  return {SignatureKind::rsa_pss, hash};
}
constexpr SignatureScheme ecdsa(Hash hash) {
  return {SignatureKind::ecdsa, hash};
}
constexpr SignatureScheme kPure{SignatureKind::pure, {}};

INSTANTIATE_TEST_SUITE_P(All, WycheproofSignatures,
                         ::testing::Values(SignatureFile{"rsa_signature_2048_sha256_test.json", pkcs1(Hash::sha256)},
                                           SignatureFile{"rsa_signature_2048_sha384_test.json", pkcs1(Hash::sha384)},
                                           SignatureFile{"rsa_signature_2048_sha512_test.json", pkcs1(Hash::sha512)},
                                           SignatureFile{"rsa_pss_2048_sha256_mgf1_32_test.json", pss(Hash::sha256)},
                                           SignatureFile{"rsa_pss_2048_sha384_mgf1_48_test.json", pss(Hash::sha384)},
                                           SignatureFile{"rsa_pss_4096_sha512_mgf1_64_test.json", pss(Hash::sha512)},
                                           SignatureFile{"ecdsa_secp256r1_sha256_p1363_test.json", ecdsa(Hash::sha256)},
                                           SignatureFile{"ecdsa_secp384r1_sha384_p1363_test.json", ecdsa(Hash::sha384)},
                                           SignatureFile{"ecdsa_secp521r1_sha512_p1363_test.json", ecdsa(Hash::sha512)},
                                           SignatureFile{"ecdsa_secp256k1_sha256_p1363_test.json", ecdsa(Hash::sha256)},
                                           SignatureFile{"ed25519_test.json", kPure},
                                           SignatureFile{"ed448_test.json", kPure}),
                         wycheproof::NameOfFile());

struct MacFile {
  const char* path;
  Hash hash;
};

void PrintTo(const MacFile& file, std::ostream* out) {
  *out << file.path;
}

class WycheproofHmac : public ::testing::TestWithParam<MacFile> {};

TEST_P(WycheproofHmac, AreJudgedAsTheyShould) {
  MINTMARK_LOAD_VECTORS(vectors, path_of(GetParam().path));
  int run = 0;
  for (const Json& group : vectors["testGroups"]) {
    for (const Json& test : group["tests"]) {
      const Bytes key = bytes_of(test, "key");
      if (key.empty()) continue;
      Bytes computed = hmac(GetParam().hash, key, bytes_of(test, "msg"));
      computed.resize(group["tagSize"].get<std::size_t>() / 8);
      const bool accepted = constant_time_equal(computed, bytes_of(test, "tag"));
      EXPECT_EQ(accepted, test["result"] == "valid") << test["tcId"] << " " << test["comment"];
      ++run;
    }
  }
  EXPECT_GT(run, 100);
}

INSTANTIATE_TEST_SUITE_P(All, WycheproofHmac,
                         ::testing::Values(MacFile{"hmac_sha256_test.json", Hash::sha256},
                                           MacFile{"hmac_sha384_test.json", Hash::sha384},
                                           MacFile{"hmac_sha512_test.json", Hash::sha512}),
                         wycheproof::NameOfFile());

}  // namespace
}  // namespace mintmark::crypto
