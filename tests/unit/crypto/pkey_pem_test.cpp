#include <gtest/gtest.h>

#include "mintmark/crypto/pkey.hpp"
#include "pem_samples.hpp"

namespace mintmark::crypto {
namespace {

constexpr SignatureScheme kEs256{SignatureKind::ecdsa, Hash::sha256};
constexpr SignatureScheme kRs256{SignatureKind::rsa_pkcs1, Hash::sha256};

Result<PrivateKey> read_private(std::string_view pem) {
  return PrivateKey::from_pem(Secret(pem));
}

void expect_same_key(const Result<PublicKey>& a, const Result<PublicKey>& b) {
  ASSERT_TRUE(a) << a.error().detail;
  ASSERT_TRUE(b) << b.error().detail;
  EXPECT_EQ(a->to_pem(), b->to_pem());
}

TEST(Pem, ReadsPkcs8AndSec1Alike) {
  const Result<PrivateKey> sec1 = read_private(samples::kEcSec1WithParameters);
  const Result<PrivateKey> pkcs8 = read_private(samples::kEcPkcs8);
  ASSERT_TRUE(sec1) << sec1.error().detail;
  ASSERT_TRUE(pkcs8) << pkcs8.error().detail;
  expect_same_key(sec1->public_key(), pkcs8->public_key());
  expect_same_key(sec1->public_key(), PublicKey::from_pem(samples::kEcSpki));
  EXPECT_TRUE(PublicKey::from_pem(samples::kEcSpki)->verify(kEs256, as_bytes("m"), *sec1->sign(kEs256, as_bytes("m"))));
}

TEST(Pem, WritesPkcs8AndSpkiAsOpensslDoes) {
  EXPECT_EQ(read_private(samples::kEcSec1WithParameters)->to_pem().reveal_text(), samples::kEcPkcs8);
  EXPECT_EQ(read_private(samples::kEcPkcs8)->public_key().to_pem(), samples::kEcSpki);
}

TEST(Pem, WritesTraditionalFormsAsOpensslDoes) {
  EXPECT_EQ(read_private(samples::kRsaPkcs1)->to_traditional_pem()->reveal_text(), samples::kRsaPkcs1);
  const Secret sec1 = *read_private(samples::kEcPkcs8)->to_traditional_pem();
  EXPECT_TRUE(sec1.reveal_text().starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
  EXPECT_NE(std::string_view(samples::kEcSec1WithParameters).find(sec1.reveal_text()), std::string_view::npos);
  const Result<Secret> ed25519 = PrivateKey::generate(KeyType::ed25519)->to_traditional_pem();
  ASSERT_FALSE(ed25519);
  EXPECT_EQ(ed25519.error().kind, ErrorKind::unsupported);
}

TEST(Pem, ReadsPkcs1) {
  const Result<PrivateKey> key = read_private(samples::kRsaPkcs1);
  ASSERT_TRUE(key) << key.error().detail;
  expect_same_key(key->public_key(), PublicKey::from_pem(samples::kRsaSpki));
  expect_same_key(key->public_key(), PublicKey::from_pem(samples::kRsaPkcs1Public));
  EXPECT_TRUE(key->public_key().verify(kRs256, as_bytes("m"), *key->sign(kRs256, as_bytes("m"))));
}

// RFC 8410 §7, §4.
TEST(Pem, ReadsAndWritesX25519AndX448AsOpensslDoes) {
  const auto expect_same = [](KeyType type, const char* pkcs8, const char* spki) {
    const Result<PrivateKey> key = read_private(pkcs8);
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->type(), type);
    EXPECT_EQ(key->to_pem().reveal_text(), pkcs8);
    EXPECT_EQ(key->public_key().to_pem(), spki);
    expect_same_key(key->public_key(), PublicKey::from_pem(spki));
  };
  expect_same(KeyType::x25519, samples::kX25519Pkcs8, samples::kX25519Spki);
  expect_same(KeyType::x448, samples::kX448Pkcs8, samples::kX448Spki);
}

TEST(Pem, TakesTheKeyOfACertificate) {
  const Result<PublicKey> key = PublicKey::from_pem(samples::kEcCertificate);
  ASSERT_TRUE(key) << key.error().detail;
  EXPECT_EQ(key->type(), KeyType::p256);
  EXPECT_EQ(to_hex(key->parts().x).substr(0, 8), "d727cb1c");
}

TEST(Pem, FindsThePrivateKeyBesideACertificate) {
  const Result<PrivateKey> key = read_private(std::string(samples::kEcCertificate) + samples::kEcPkcs8);
  ASSERT_TRUE(key) << key.error().detail;
  expect_same_key(key->public_key(), PublicKey::from_pem(samples::kEcSpki));
}

TEST(Pem, BringsOtherEncodingsOfAPointToTheUsualOne) {
  expect_same_key(PublicKey::from_pem(samples::kEcCompressedSpki), PublicKey::from_pem(samples::kEcSpki));
  // CVE-2020-0601: a curve that is spelt out counts only where it is the named one, and is named from then on.
  expect_same_key(PublicKey::from_pem(samples::kEcExplicitSpki), PublicKey::from_pem(samples::kEcSpki));
}

TEST(Pem, RefusesEncryptedKeysWithThatReason) {
  for (const char* pem : {samples::kEcSec1Encrypted, samples::kEcPkcs8Encrypted}) {
    const Result<PrivateKey> key = read_private(pem);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::invalid);
    EXPECT_NE(key.error().detail.find("encrypted"), std::string::npos) << key.error().detail;
  }
}

TEST(Pem, RefusesKeysOfOtherKinds) {
  for (const char* pem : {samples::kP224Spki, samples::kRsaPssSpki}) {
    const Result<PublicKey> key = PublicKey::from_pem(pem);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::unsupported);
  }
  const Result<PrivateKey> key = read_private(samples::kP224Pkcs8);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, ErrorKind::unsupported);
}

TEST(Pem, RefusesWeakAndOddRsaKeys) {
  const Result<PublicKey> weak = PublicKey::from_pem(samples::kRsa1024Spki);
  ASSERT_FALSE(weak);
  EXPECT_EQ(weak.error().kind, ErrorKind::invalid);
  EXPECT_FALSE(read_private(samples::kRsaThreePrimes));
}

TEST(Pem, RefusesAPublicKeyAsPrivateAndTheReverse) {
  EXPECT_FALSE(read_private(samples::kEcSpki));
  EXPECT_FALSE(PublicKey::from_pem(samples::kEcPkcs8));
}

TEST(Pem, RefusesWhatIsNotPem) {
  for (const std::string_view text :
       {std::string_view(), std::string_view("{}"), std::string_view("-----BEGIN PUBLIC KEY-----"),
        std::string_view("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n"),
        std::string_view("-----BEGIN PUBLIC KEY-----\n!!!!\n-----END PUBLIC KEY-----\n")}) {
    EXPECT_FALSE(PublicKey::from_pem(text)) << text;
    EXPECT_FALSE(read_private(text)) << text;
  }
  EXPECT_FALSE(PublicKey::from_pem(std::string(1024 * 1024, '\n') + samples::kEcSpki));
}

TEST(Pem, RefusesEveryTruncation) {
  const std::string_view pem = samples::kEcSpki;
  for (std::size_t size = 0; size + 2 < pem.size(); ++size)
    EXPECT_FALSE(PublicKey::from_pem(pem.substr(0, size))) << size;
}

TEST(HoldsAsymmetricKey, KnowsThemAll) {
  for (const char* pem :
       {samples::kEcPkcs8, samples::kEcSec1WithParameters, samples::kEcSpki, samples::kRsaPkcs1,
        samples::kRsaPkcs1Public, samples::kRsaSpki, samples::kEcCertificate, samples::kEcPkcs8Encrypted}) {
    EXPECT_TRUE(holds_asymmetric_key(as_bytes(pem)));
    EXPECT_TRUE(holds_asymmetric_key(as_bytes("  \n\t" + std::string(pem))));
  }
  EXPECT_FALSE(holds_asymmetric_key({}));
  EXPECT_FALSE(holds_asymmetric_key(as_bytes("a secret of thirty-two bytes....")));
}

}  // namespace
}  // namespace mintmark::crypto
