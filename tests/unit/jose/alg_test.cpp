#include "mintmark/jose/alg.hpp"

#include <gtest/gtest.h>

#include <set>

namespace mintmark::jose {
namespace {

using crypto::Hash;
using crypto::KeyType;
using crypto::SignatureKind;

TEST(Alg, NamesAreFoundAgain) {
  std::set<std::string_view> names;
  for (const Alg alg : all_algs()) {
    EXPECT_TRUE(names.insert(name(alg)).second) << name(alg);
    EXPECT_EQ(find_alg(name(alg)), alg);
  }
  EXPECT_EQ(names.size(), 19u);
}

TEST(Alg, NamesAreThoseOfTheRegistry) {
  EXPECT_EQ(name(Alg::HS256), "HS256");
  EXPECT_EQ(name(Alg::PS512), "PS512");
  EXPECT_EQ(name(Alg::ES256K), "ES256K");        // RFC 8812 §3.2
  EXPECT_EQ(name(Alg::EdDSA), "EdDSA");          // RFC 8037 §3.1
  EXPECT_EQ(name(Alg::Ed448), "Ed448");          // RFC 9864 §2
  EXPECT_EQ(name(Alg::ML_DSA_65), "ML-DSA-65");  // RFC 9964
}

// CVE-2015-2951, CVE-2020-15957, and their variants in case.
TEST(Attacks, NoneIsNoAlgorithm_CVE_2015_2951) {
  for (const char* text :
       {"none", "None", "NONE", "nOnE", "", " HS256", "HS256 ", "hs256", "es256", "RSA1_5", "A256KW", "dir"}) {
    EXPECT_FALSE(find_alg(text)) << text;
  }
}

TEST(Alg, IsBoundToItsKeyAndHash) {
  EXPECT_EQ(key_type(Alg::RS384), KeyType::rsa);
  EXPECT_EQ(key_type(Alg::ES256), KeyType::p256);
  EXPECT_EQ(key_type(Alg::ES384), KeyType::p384);
  EXPECT_EQ(key_type(Alg::ES512), KeyType::p521);
  EXPECT_EQ(key_type(Alg::ES256K), KeyType::secp256k1);
  EXPECT_EQ(key_type(Alg::EdDSA), KeyType::ed25519);
  EXPECT_EQ(key_type(Alg::Ed25519), KeyType::ed25519);
  EXPECT_EQ(key_type(Alg::Ed448), KeyType::ed448);
  EXPECT_EQ(key_type(Alg::ML_DSA_87), KeyType::ml_dsa_87);
  EXPECT_EQ(signature_scheme(Alg::RS384).kind, SignatureKind::rsa_pkcs1);
  EXPECT_EQ(signature_scheme(Alg::PS384).kind, SignatureKind::rsa_pss);
  EXPECT_EQ(signature_scheme(Alg::PS384).hash, Hash::sha384);
  EXPECT_EQ(signature_scheme(Alg::ES512).hash, Hash::sha512);
  EXPECT_EQ(signature_scheme(Alg::ES256K).hash, Hash::sha256);
  EXPECT_EQ(signature_scheme(Alg::Ed448).hash, std::nullopt);
  EXPECT_EQ(hmac_hash(Alg::HS256), Hash::sha256);
  EXPECT_EQ(hmac_hash(Alg::HS512), Hash::sha512);
}

TEST(Alg, HmacAloneIsSymmetric) {
  for (const Alg alg : all_algs())
    EXPECT_EQ(is_symmetric(alg), name(alg).starts_with("HS")) << name(alg);
}

TEST(Alg, EverythingButMlDsaIsEverywhere) {
  for (const Alg alg : all_algs()) {
    EXPECT_TRUE(is_available(alg) || name(alg).starts_with("ML-DSA")) << name(alg);
  }
  EXPECT_EQ(is_available(Alg::ML_DSA_44), crypto::is_available(KeyType::ml_dsa_44));
}

}  // namespace
}  // namespace mintmark::jose
