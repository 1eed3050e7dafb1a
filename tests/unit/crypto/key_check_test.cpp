// Keys that must be refused (RFC 8725 §3.5).

#include <gtest/gtest.h>

#include "mintmark/crypto/pkey.hpp"
#include "pem_samples.hpp"
#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

/// k*M + (65537^a mod M) with M the product of the first 39 primes: what a key of the ROCA library looks like.
constexpr const char* kRocaModulus =
    "a5189c0d12e809f4fb4049a375fbdc51d115c06d1f1d4c15c74fc6b86839ee7988032e0e9e8b2df52a8a908f4d669e7b"
    "d04e3a2705fa0715b5d167b046e514ac637203e05276ee69d09dbd4413a9d85d08c61c2585a7a9a5166f394fc080659d"
    "4c4eec5612ca8abeeb20eb83eacd81e98701eb2b38194904a9dadb77608b2cdd752faf2f7dd84dbf7cb17873dd253afa"
    "4ab9bf4b76dd4451bb24f00dec91bcc9f5085475ff41e1e964d2d94b78f078d45028f33d5d6296f858cb33f95233eb13"
    "1013a105f62155bdba4f04f9ef75aaace0c3e55bd76736e1cbc5bc8405fcb6ae820ed20c51d807a17a3d3711c60c5242"
    "c500c81147e737c641de8cc2a1c92a7d";

PrivateKey good_rsa_key() {
  return *PrivateKey::from_pem(Secret(std::string_view(samples::kRsaPkcs1)));
}
PrivateKey good_ec_key() {
  return *PrivateKey::from_pem(Secret(std::string_view(samples::kEcPkcs8)));
}

ErrorKind kind_of(const Result<PublicKey>& key) {
  EXPECT_FALSE(key);
  return key ? ErrorKind::not_found : key.error().kind;
}

Result<PublicKey> rsa(Bytes n, Bytes e) {
  PublicParts parts;
  parts.n = std::move(n);
  parts.e = std::move(e);
  return PublicKey::from_parts(KeyType::rsa, parts);
}

Result<PublicKey> ec(KeyType type, Bytes x, Bytes y) {
  PublicParts parts;
  parts.x = std::move(x);
  parts.y = std::move(y);
  return PublicKey::from_parts(type, parts);
}

Result<PublicKey> edwards(KeyType type, Bytes x) {
  return ec(type, std::move(x), {});
}

TEST(KeyCheck, AGoodRsaKeyPasses) {
  const PublicParts parts = good_rsa_key().public_key().parts();
  EXPECT_TRUE(rsa(parts.n, {3}));
  EXPECT_TRUE(rsa(parts.n, {1, 0, 1}));
  EXPECT_TRUE(rsa(parts.n, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
}

TEST(KeyCheck, RefusesRsaExponents) {
  const Bytes n = good_rsa_key().public_key().parts().n;
  for (const Bytes& e : {Bytes{}, Bytes{0}, Bytes{1}, Bytes{2}, Bytes{4}, Bytes{1, 0, 0}, Bytes{0, 1, 0, 1},
                         Bytes{0, 3}, Bytes{1, 0, 0, 0, 0, 0, 0, 0, 1}}) {
    EXPECT_EQ(kind_of(rsa(n, e)), ErrorKind::invalid) << to_hex(e);
  }
}

TEST(KeyCheck, RefusesRsaModuli) {
  const Bytes n = good_rsa_key().public_key().parts().n;
  Bytes leading_zero = n;
  leading_zero.insert(leading_zero.begin(), 0);
  Bytes even = n;
  even.back() &= 0xfe;
  Bytes bits_2047 = n;
  bits_2047.front() = 0x7f;
  Bytes bits_16392(2049, 0xff);
  for (const Bytes& modulus :
       {Bytes{}, Bytes{0}, leading_zero, even, bits_2047, bits_16392, Bytes(n.begin(), n.end() - 1)}) {
    EXPECT_EQ(kind_of(rsa(modulus, {1, 0, 1})), ErrorKind::invalid) << to_hex(modulus);
  }
}

TEST(KeyCheck, RefusesAModulusWithASmallFactor) {
  // 3 * (2^2047 + 1) has 2049 bits and is odd.
  Bytes modulus(257);
  modulus[0] = 1;
  modulus[1] = 0x80;
  modulus[256] = 3;
  const Result<PublicKey> key = rsa(modulus, {1, 0, 1});
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().detail.find("small factor"), std::string::npos);
}

TEST(Attacks, RocaKeyIsRefused_CVE_2017_15361) {
  const Result<PublicKey> key = rsa(testing::from_hex(kRocaModulus), {1, 0, 1});
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, ErrorKind::invalid);
  EXPECT_NE(key.error().detail.find("ROCA"), std::string::npos);
}

TEST(KeyCheck, RefusesRsaPrivateNumbersThatDoNotBelongTogether) {
  const PrivateKey key = good_rsa_key();
  const PublicParts public_parts = key.public_key().parts();
  for (Secret PrivateParts::*number : {&PrivateParts::d, &PrivateParts::p, &PrivateParts::q, &PrivateParts::dp,
                                       &PrivateParts::dq, &PrivateParts::qi}) {
    PrivateParts changed = key.parts();
    Bytes bytes((changed.*number).reveal().begin(), (changed.*number).reveal().end());
    bytes.back() ^= 2;
    changed.*number = Secret(bytes);
    EXPECT_FALSE(PrivateKey::from_parts(KeyType::rsa, public_parts, changed));
    bytes.back() ^= 2;
    bytes.insert(bytes.begin(), 0);
    changed.*number = Secret(bytes);
    EXPECT_FALSE(PrivateKey::from_parts(KeyType::rsa, public_parts, changed)) << "leading zero";
    changed.*number = Secret(Bytes(300, 1));
    EXPECT_FALSE(PrivateKey::from_parts(KeyType::rsa, public_parts, changed)) << "too long";
    changed.*number = Secret(Bytes{1});
    EXPECT_FALSE(PrivateKey::from_parts(KeyType::rsa, public_parts, changed)) << "one";
    changed.*number = Secret();
    EXPECT_FALSE(PrivateKey::from_parts(KeyType::rsa, public_parts, changed)) << "missing";
  }
}

TEST(KeyCheck, RefusesPointsOffTheCurve) {
  const PublicParts parts = good_ec_key().public_key().parts();
  Bytes wrong_y = parts.y;
  wrong_y.back() ^= 1;
  EXPECT_TRUE(ec(KeyType::p256, parts.x, parts.y));
  EXPECT_EQ(kind_of(ec(KeyType::p256, parts.x, wrong_y)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(ec(KeyType::p256, Bytes(32), Bytes(32))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(ec(KeyType::p256, Bytes(32, 0xff), Bytes(32, 0xff))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(ec(KeyType::secp256k1, parts.x, parts.y)), ErrorKind::invalid);
}

TEST(KeyCheck, RefusesCoordinatesOfAnotherLength) {
  const PublicParts parts = good_ec_key().public_key().parts();
  Bytes longer = parts.x;
  longer.insert(longer.begin(), 0);
  EXPECT_EQ(kind_of(ec(KeyType::p256, longer, parts.y)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(ec(KeyType::p256, Bytes(parts.x.begin() + 1, parts.x.end()), parts.y)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(ec(KeyType::p256, parts.x, {})), ErrorKind::invalid);
  EXPECT_EQ(kind_of(ec(KeyType::p256, {}, {})), ErrorKind::invalid);
}

TEST(KeyCheck, RefusesEcPrivateNumbersOutOfRange) {
  const PrivateKey key = good_ec_key();
  for (const Bytes& d : {Bytes(32), Bytes(32, 0xff), Bytes(31, 1), Bytes(33, 1)}) {
    PrivateParts parts;
    parts.d = Secret(d);
    EXPECT_FALSE(PrivateKey::from_parts(KeyType::p256, key.public_key().parts(), parts)) << to_hex(d);
  }
}

TEST(KeyCheck, RefusesEdwardsKeysOfAnotherLength) {
  const Bytes good = PrivateKey::generate(KeyType::ed25519)->public_key().parts().x;
  EXPECT_TRUE(edwards(KeyType::ed25519, good));
  EXPECT_EQ(kind_of(edwards(KeyType::ed25519, Bytes(good.begin(), good.end() - 1))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(edwards(KeyType::ed25519, {})), ErrorKind::invalid);
  EXPECT_EQ(kind_of(edwards(KeyType::ed448, good)), ErrorKind::invalid);
}

// Under a key of small order, signatures that hold for any message can be made without knowing anything.
TEST(Attacks, Ed25519KeyOfSmallOrderIsRefused) {
  for (const char* x : {"0000000000000000000000000000000000000000000000000000000000000000",
                        "0100000000000000000000000000000000000000000000000000000000000000",
                        "0100000000000000000000000000000000000000000000000000000000000080",
                        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
    const Result<PublicKey> key = edwards(KeyType::ed25519, testing::from_hex(x));
    ASSERT_FALSE(key) << x;
    EXPECT_NE(key.error().detail.find("small order"), std::string::npos) << x;
  }
}

TEST(Attacks, Ed448KeyOfSmallOrderIsRefused) {
  Bytes zero(57);
  Bytes one(57);
  one[0] = 1;
  Bytes minus_one = testing::from_hex(
      "fefffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffffff"
      "00");
  for (const Bytes& x : {zero, one, minus_one})
    EXPECT_EQ(kind_of(edwards(KeyType::ed448, x)), ErrorKind::invalid) << to_hex(x);
}

TEST(KeyCheck, RefusesEdwardsKeysThatAreNoPoint) {
  Bytes no_x_goes_with_it(32);
  no_x_goes_with_it[0] = 2;
  EXPECT_EQ(kind_of(edwards(KeyType::ed25519, no_x_goes_with_it)), ErrorKind::invalid);
  // y = 2^255 - 1, above the prime.
  Bytes not_reduced(32, 0xff);
  EXPECT_EQ(kind_of(edwards(KeyType::ed25519, not_reduced)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(edwards(KeyType::ed448, Bytes(57, 0xff))), ErrorKind::invalid);
}

Result<PublicKey> montgomery(KeyType type, Bytes x) {
  return ec(type, std::move(x), {});
}

TEST(KeyCheck, RefusesMontgomeryKeysOfAnotherLength) {
  const Bytes good = PrivateKey::generate(KeyType::x25519)->public_key().parts().x;
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_TRUE(montgomery(KeyType::x25519, good));
  EXPECT_EQ(kind_of(montgomery(KeyType::x25519, Bytes(good.begin(), good.end() - 1))), ErrorKind::invalid);
  EXPECT_EQ(kind_of(montgomery(KeyType::x25519, longer)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(montgomery(KeyType::x25519, {})), ErrorKind::invalid);
  EXPECT_EQ(kind_of(montgomery(KeyType::x448, good)), ErrorKind::invalid);
}

// RFC 7748 §6.1: with them every agreement gives zero, so anybody knows the secret. In all encodings: not reduced, and
// with the bit that is to be ignored.
TEST(Attacks, X25519KeyOfSmallOrderIsRefused) {
  for (const char* x : {"0000000000000000000000000000000000000000000000000000000000000000",
                        "0100000000000000000000000000000000000000000000000000000000000000",
                        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    Bytes bytes = testing::from_hex(x);
    for (int i = 0; i < 2; ++i) {
      const Result<PublicKey> key = montgomery(KeyType::x25519, bytes);
      ASSERT_FALSE(key) << to_hex(bytes);
      EXPECT_EQ(key.error().kind, ErrorKind::invalid);
      EXPECT_NE(key.error().detail.find("small order"), std::string::npos);
      bytes.back() |= 0x80;
    }
  }
}

TEST(Attacks, X448KeyOfSmallOrderIsRefused) {
  Bytes one(56);
  one[0] = 1;
  const Bytes prime = testing::from_hex(
      "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffffffffffffffffffffffffffffffffffffffffffffffff"
      "ff");
  Bytes minus_one = prime;
  minus_one[0] = 0xfe;
  Bytes prime_plus_one(56);
  std::fill(prime_plus_one.begin() + 28, prime_plus_one.end(), std::uint8_t{0xff});
  for (const Bytes& x : {Bytes(56), one, minus_one, prime, prime_plus_one}) {
    const Result<PublicKey> key = montgomery(KeyType::x448, x);
    ASSERT_FALSE(key) << to_hex(x);
    EXPECT_NE(key.error().detail.find("small order"), std::string::npos) << key.error().detail;
  }
}

}  // namespace
}  // namespace mintmark::crypto
