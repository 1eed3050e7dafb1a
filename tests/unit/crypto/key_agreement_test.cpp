#include <gtest/gtest.h>
#include <openssl/err.h>

#include <thread>
#include <vector>

#include "mintmark/crypto/pkey.hpp"
#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

using testing::from_hex;

struct Case {
  KeyType type;
  std::size_t shared_bytes;
  const char* name;
};

void PrintTo(const Case& of, std::ostream* out) {
  *out << of.name;
}

constexpr Case kCases[] = {
    {KeyType::p256, 32, "p256"},     {KeyType::p384, 48, "p384"}, {KeyType::p521, 66, "p521"},
    {KeyType::x25519, 32, "x25519"}, {KeyType::x448, 56, "x448"},
};

Result<PrivateKey> from_hex_parts(KeyType type, const char* x, const char* y, const char* d) {
  PublicParts public_parts;
  public_parts.x = from_hex(x);
  public_parts.y = from_hex(y);
  PrivateParts private_parts;
  private_parts.d = Secret(from_hex(d));
  return PrivateKey::from_parts(type, public_parts, private_parts);
}

std::string agreed(const PrivateKey& own, const PublicKey& peer) {
  const Result<Secret> shared = own.agree(peer);
  return shared ? to_hex(shared->reveal()) : shared.error().detail;
}

/// Every type of key that agrees.
class KeyAgreement : public ::testing::TestWithParam<Case> {
 protected:
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue is not empty"; }

  static KeyType type() { return GetParam().type; }

  const PrivateKey alice_ = *PrivateKey::generate(type());
  const PrivateKey bob_ = *PrivateKey::generate(type());
};

TEST_P(KeyAgreement, GivesBothSidesTheSameSecret) {
  const Result<Secret> shared = alice_.agree(bob_.public_key());
  ASSERT_TRUE(shared) << shared.error().detail;
  EXPECT_EQ(shared->size(), GetParam().shared_bytes);
  EXPECT_EQ(to_hex(shared->reveal()), agreed(bob_, alice_.public_key()));
}

TEST_P(KeyAgreement, GivesOthersAnotherSecret) {
  const PrivateKey carol = *PrivateKey::generate(type());
  EXPECT_NE(agreed(alice_, bob_.public_key()), agreed(carol, bob_.public_key()));
  EXPECT_NE(agreed(alice_, bob_.public_key()), agreed(alice_, carol.public_key()));
}

TEST_P(KeyAgreement, SurvivesNumbersAndPem) {
  const Result<PublicKey> bob = PublicKey::from_parts(type(), bob_.public_key().parts());
  ASSERT_TRUE(bob) << bob.error().detail;
  const Result<PrivateKey> alice = PrivateKey::from_parts(type(), alice_.public_key().parts(), alice_.parts());
  ASSERT_TRUE(alice) << alice.error().detail;
  const Result<PublicKey> bob_of_pem = PublicKey::from_pem(bob_.public_key().to_pem());
  ASSERT_TRUE(bob_of_pem) << bob_of_pem.error().detail;
  const Result<PrivateKey> alice_of_pem = PrivateKey::from_pem(alice_.to_pem());
  ASSERT_TRUE(alice_of_pem) << alice_of_pem.error().detail;
  EXPECT_EQ(agreed(*alice, *bob), agreed(alice_, bob_.public_key()));
  EXPECT_EQ(agreed(*alice_of_pem, *bob_of_pem), agreed(alice_, bob_.public_key()));
}

TEST_P(KeyAgreement, RefusesAPeerOfAnotherType) {
  for (const KeyType other : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::secp256k1, KeyType::x25519,
                              KeyType::x448, KeyType::ed25519, KeyType::ed448, KeyType::rsa}) {
    if (other == type()) continue;
    const Result<Secret> shared = alice_.agree(PrivateKey::generate(other)->public_key());
    ASSERT_FALSE(shared);
    EXPECT_EQ(shared.error().kind, ErrorKind::invalid);
  }
}

TEST_P(KeyAgreement, RefusesAPrivatePartOfAnotherKeyOrLength) {
  EXPECT_FALSE(PrivateKey::from_parts(type(), alice_.public_key().parts(), bob_.parts()));
  EXPECT_FALSE(PrivateKey::from_parts(type(), alice_.public_key().parts(), {}));
  const PrivateParts right = alice_.parts();
  const ByteView d = right.d.reveal();
  PrivateParts cut;
  cut.d = Secret(d.first(d.size() - 1));
  EXPECT_FALSE(PrivateKey::from_parts(type(), alice_.public_key().parts(), cut));
}

TEST_P(KeyAgreement, GoesOnInManyThreadsAtOnce) {
  const std::string expected = agreed(alice_, bob_.public_key());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10; ++j)
        EXPECT_EQ(agreed(bob_, alice_.public_key()), expected);
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

INSTANTIATE_TEST_SUITE_P(All, KeyAgreement, ::testing::ValuesIn(kCases),
                         [](const auto& of) { return std::string(of.param.name); });

// NIST SP 800-56A §5.7.1.2 with appendix C.1: as long as the field, whatever the number begins with.
TEST(KeyAgreementLength, KeepsLeadingZeros) {
  const PublicKey peer = PrivateKey::generate(KeyType::p256)->public_key();
  for (int i = 0; i < 10'000; ++i) {
    const Result<Secret> shared = PrivateKey::generate(KeyType::p256)->agree(peer);
    ASSERT_TRUE(shared);
    ASSERT_EQ(shared->size(), 32u);
    if (shared->reveal().front() == 0) return;
  }
  ADD_FAILURE() << "none of ten thousand secrets begins with a zero";
}

TEST(KeyAgreementTypes, OnlyThoseOfJoseAgree) {
  for (const KeyType type : {KeyType::rsa, KeyType::secp256k1, KeyType::ed25519, KeyType::ed448}) {
    const PrivateKey key = *PrivateKey::generate(type);
    const Result<Secret> shared = key.agree(key.public_key());
    ASSERT_FALSE(shared);
    EXPECT_EQ(shared.error().kind, ErrorKind::invalid);
  }
}

TEST(KeyAgreementTypes, X25519AndX448NeverSign) {
  for (const KeyType type : {KeyType::x25519, KeyType::x448}) {
    const PrivateKey key = *PrivateKey::generate(type);
    for (const SignatureScheme& scheme :
         {SignatureScheme{SignatureKind::pure, {}}, SignatureScheme{SignatureKind::ecdsa, Hash::sha256},
          SignatureScheme{SignatureKind::rsa_pss, Hash::sha256}}) {
      const Result<Bytes> signature = key.sign(scheme, as_bytes("message"));
      ASSERT_FALSE(signature);
      EXPECT_EQ(signature.error().kind, ErrorKind::invalid);
      const Result<void> verified = key.public_key().verify(scheme, as_bytes("message"), Bytes(64));
      ASSERT_FALSE(verified);
      EXPECT_EQ(verified.error().kind, ErrorKind::invalid);
    }
  }
}

TEST(KeyAgreementVectors, Rfc7518AppendixC) {
  const Result<PrivateKey> alice =
      from_hex_parts(KeyType::p256, "808d060082c176eed3e776a4ac598cc8672c1779f974eecc9b03411ca5b9495d",
                     "48b5bfc527dfce53d6ac7115237d031ccff87a0570b77350a9e503ee7305a69b",
                     "d3f3716913d4310a0026de741b3f18893afc8114f0c84682ba677e313a13988a");
  const Result<PrivateKey> bob =
      from_hex_parts(KeyType::p256, "c1e349cb61ec70248ce801034c3834e1b88ebe1161cb25af38741f785fcfc4c4",
                     "7bc96708ef80952b53f8d2555fe72b841ed04588628b1d378a594939500ec9c9",
                     "5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc");
  ASSERT_TRUE(alice && bob);
  const char* const shared = "9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4";
  EXPECT_EQ(agreed(*alice, bob->public_key()), shared);
  EXPECT_EQ(agreed(*bob, alice->public_key()), shared);
}

TEST(KeyAgreementVectors, Rfc7748Section6_1) {
  const Result<PrivateKey> alice =
      from_hex_parts(KeyType::x25519, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a", "",
                     "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const Result<PrivateKey> bob =
      from_hex_parts(KeyType::x25519, "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f", "",
                     "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  ASSERT_TRUE(alice && bob);
  const char* const shared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  EXPECT_EQ(agreed(*alice, bob->public_key()), shared);
  EXPECT_EQ(agreed(*bob, alice->public_key()), shared);
}

TEST(KeyAgreementVectors, Rfc7748Section6_2) {
  const Result<PrivateKey> alice = from_hex_parts(KeyType::x448,
                                                  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836"
                                                  "647241d953d40c5b12da88120d53177f80e532c41fa0",
                                                  "",
                                                  "9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28dd9c9baf574a9"
                                                  "419744897391006382a6f127ab1d9ac2d8c0a598726b");
  const Result<PrivateKey> bob = from_hex_parts(KeyType::x448,
                                                "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34"
                                                "fb4232a13ca706dcb57aec3dae07bdc1c67bf33609",
                                                "",
                                                "1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8"
                                                "972b0d3e21374c9c921b09d1b0366f10b65173992d");
  ASSERT_TRUE(alice && bob);
  const char* const shared =
      "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936521c24403085d59a449a5037514a879"
      "d";
  EXPECT_EQ(agreed(*alice, bob->public_key()), shared);
  EXPECT_EQ(agreed(*bob, alice->public_key()), shared);
}

}  // namespace
}  // namespace mintmark::crypto
