#include "mintmark/crypto/pkey.hpp"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "pem_samples.hpp"

namespace mintmark::crypto {
namespace {

struct Case {
  KeyType type;
  SignatureScheme scheme;
  std::size_t signature_bytes;
  const char* name;
};

void PrintTo(const Case& of, std::ostream* out) {
  *out << of.name;
}

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = {
      {KeyType::rsa, {SignatureKind::rsa_pkcs1, Hash::sha256}, 256, "rsa_pkcs1_sha256"},
      {KeyType::rsa, {SignatureKind::rsa_pkcs1, Hash::sha384}, 256, "rsa_pkcs1_sha384"},
      {KeyType::rsa, {SignatureKind::rsa_pkcs1, Hash::sha512}, 256, "rsa_pkcs1_sha512"},
      {KeyType::rsa, {SignatureKind::rsa_pss, Hash::sha256}, 256, "rsa_pss_sha256"},
      {KeyType::rsa, {SignatureKind::rsa_pss, Hash::sha384}, 256, "rsa_pss_sha384"},
      {KeyType::rsa, {SignatureKind::rsa_pss, Hash::sha512}, 256, "rsa_pss_sha512"},
      {KeyType::p256, {SignatureKind::ecdsa, Hash::sha256}, 64, "p256"},
      {KeyType::p384, {SignatureKind::ecdsa, Hash::sha384}, 96, "p384"},
      {KeyType::p521, {SignatureKind::ecdsa, Hash::sha512}, 132, "p521"},
      {KeyType::secp256k1, {SignatureKind::ecdsa, Hash::sha256}, 64, "secp256k1"},
      {KeyType::ed25519, {SignatureKind::pure, {}}, 64, "ed25519"},
      {KeyType::ed448, {SignatureKind::pure, {}}, 114, "ed448"},
      {KeyType::ml_dsa_44, {SignatureKind::pure, {}}, 2420, "ml_dsa_44"},
      {KeyType::ml_dsa_65, {SignatureKind::pure, {}}, 3309, "ml_dsa_65"},
      {KeyType::ml_dsa_87, {SignatureKind::pure, {}}, 4627, "ml_dsa_87"},
  };
  return cases;
}

/// Every type of key and scheme that this OpenSSL has.
class Pkey : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (!is_available(GetParam().type)) GTEST_SKIP() << "this OpenSSL does not have it";
  }
  // What a call leaves in the queue, TLS on the same thread would take for its own failure.
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue is not empty"; }

  /// Two keys of the type, made once: making an RSA key takes longer than everything that is done with it here.
  static const PrivateKey& key() { return keys().first; }
  static const PrivateKey& other_key() { return keys().second; }
  static const SignatureScheme& scheme() { return GetParam().scheme; }

 private:
  using KeyPair = std::pair<PrivateKey, PrivateKey>;
  static const KeyPair& keys() {
    static std::map<KeyType, KeyPair> made;
    const auto found = made.find(GetParam().type);
    if (found != made.end()) return found->second;
    return made.emplace(GetParam().type, KeyPair{generate(), generate()}).first->second;
  }
  static PrivateKey generate() {
    Result<PrivateKey> key = PrivateKey::generate(GetParam().type);
    EXPECT_TRUE(key) << key.error().detail;
    return std::move(*key);
  }
};

TEST_P(Pkey, SignsWhatItsPublicKeyVerifies) {
  for (const std::string_view message : {std::string_view(""), std::string_view("a"), std::string_view("a message")}) {
    const Result<Bytes> signature = key().sign(scheme(), as_bytes(message));
    ASSERT_TRUE(signature) << signature.error().detail;
    EXPECT_EQ(signature->size(), GetParam().signature_bytes);
    EXPECT_TRUE(key().public_key().verify(scheme(), as_bytes(message), *signature));
    EXPECT_FALSE(key().public_key().verify(scheme(), as_bytes("another"), *signature));
  }
}

TEST_P(Pkey, AnotherKeyRefuses) {
  const Result<Bytes> signature = key().sign(scheme(), as_bytes("message"));
  ASSERT_TRUE(signature);
  const Result<void> verified = other_key().public_key().verify(scheme(), as_bytes("message"), *signature);
  ASSERT_FALSE(verified);
  EXPECT_EQ(verified.error().kind, ErrorKind::crypto);
}

TEST_P(Pkey, RefusesFlippedBitsTruncationAndExtension) {
  Bytes signature = *key().sign(scheme(), as_bytes("message"));
  const std::size_t step = signature.size() > 300 ? 97 : 5;  // coprime to 8, so that each bit of a byte has its turn
  for (std::size_t bit = 0; bit < signature.size() * 8; bit += step) {
    signature[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(key().public_key().verify(scheme(), as_bytes("message"), signature)) << bit;
    signature[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
  for (std::size_t size = 0; size < signature.size(); size += step) {
    EXPECT_FALSE(key().public_key().verify(scheme(), as_bytes("message"), ByteView(signature).first(size))) << size;
  }
  signature.push_back(0);
  EXPECT_FALSE(key().public_key().verify(scheme(), as_bytes("message"), signature));
  signature.insert(signature.begin(), 0);
  EXPECT_FALSE(key().public_key().verify(scheme(), as_bytes("message"), signature));
}

TEST_P(Pkey, RefusesSchemesOfOtherTypes) {
  for (const Case& other : all_cases()) {
    const bool both_rsa = GetParam().type == KeyType::rsa && other.type == KeyType::rsa;
    if (both_rsa || other.scheme.kind == scheme().kind) continue;
    const Result<Bytes> signature = key().sign(other.scheme, as_bytes("message"));
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().kind, ErrorKind::invalid);
    const Result<void> verified = key().public_key().verify(other.scheme, as_bytes("message"), Bytes(64));
    ASSERT_FALSE(verified);
    EXPECT_EQ(verified.error().kind, ErrorKind::invalid);
  }
}

TEST_P(Pkey, RefusesASchemeWithoutItsHashOrWithOneTooMany) {
  const bool pure = scheme().kind == SignatureKind::pure;
  const SignatureScheme wrong{scheme().kind, pure ? std::optional(Hash::sha256) : std::nullopt};
  EXPECT_FALSE(key().sign(wrong, as_bytes("message")));
  EXPECT_FALSE(key().public_key().verify(wrong, as_bytes("message"), Bytes(GetParam().signature_bytes)));
}

TEST_P(Pkey, SurvivesItsNumbers) {
  const Result<PrivateKey> copy = PrivateKey::from_parts(key().type(), key().public_key().parts(), key().parts());
  ASSERT_TRUE(copy) << copy.error().detail;
  const Result<PublicKey> public_copy = PublicKey::from_parts(key().type(), key().public_key().parts());
  ASSERT_TRUE(public_copy) << public_copy.error().detail;
  EXPECT_TRUE(public_copy->verify(scheme(), as_bytes("message"), *copy->sign(scheme(), as_bytes("message"))));
}

TEST_P(Pkey, SurvivesPem) {
  const Result<PrivateKey> copy = PrivateKey::from_pem(key().to_pem());
  ASSERT_TRUE(copy) << copy.error().detail;
  EXPECT_EQ(copy->type(), key().type());
  const Result<PublicKey> public_copy = PublicKey::from_pem(key().public_key().to_pem());
  ASSERT_TRUE(public_copy) << public_copy.error().detail;
  EXPECT_EQ(public_copy->type(), key().type());
  EXPECT_TRUE(public_copy->verify(scheme(), as_bytes("message"), *copy->sign(scheme(), as_bytes("message"))));
}

TEST_P(Pkey, RefusesAPrivatePartOfAnotherKey) {
  const Result<PrivateKey> mixed =
      PrivateKey::from_parts(GetParam().type, key().public_key().parts(), other_key().parts());
  ASSERT_FALSE(mixed);
  EXPECT_EQ(mixed.error().kind, ErrorKind::invalid);
}

TEST_P(Pkey, RefusesAMissingPrivatePart) {
  EXPECT_FALSE(PrivateKey::from_parts(GetParam().type, key().public_key().parts(), {}));
}

TEST_P(Pkey, SignsFromManyThreadsAtOnce) {
  const PrivateKey& shared = key();  // made here, once: the threads would each make one
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&shared] {
      for (int j = 0; j < 20; ++j) {
        const Result<Bytes> signature = shared.sign(scheme(), as_bytes("message"));
        ASSERT_TRUE(signature);
        EXPECT_TRUE(shared.public_key().verify(scheme(), as_bytes("message"), *signature));
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
}

INSTANTIATE_TEST_SUITE_P(All, Pkey, ::testing::ValuesIn(all_cases()),
                         [](const auto& of) { return std::string(of.param.name); });

TEST(PkeyGenerate, MakesRsaKeysOfTheUsualLengthsOnly) {
  EXPECT_EQ(PrivateKey::generate(KeyType::rsa, 3072)->public_key().bits(), 3072u);
  for (const std::size_t bits : {std::size_t{0}, std::size_t{1024}, std::size_t{2047}, std::size_t{8192}}) {
    const Result<PrivateKey> key = PrivateKey::generate(KeyType::rsa, bits);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().kind, ErrorKind::unsupported);
  }
}

TEST(PkeyGenerate, SaysPlainlyWhatThisOpensslLacks) {
  if (is_available(KeyType::ml_dsa_44)) GTEST_SKIP() << "this OpenSSL has ML-DSA";
  const Result<PrivateKey> key = PrivateKey::generate(KeyType::ml_dsa_44);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().kind, ErrorKind::unsupported);
  const Result<PublicKey> from_parts =
      PublicKey::from_parts(KeyType::ml_dsa_44, {.n = {}, .e = {}, .x = {}, .y = {}, .pub = Bytes(1312)});
  ASSERT_FALSE(from_parts);
  EXPECT_EQ(from_parts.error().kind, ErrorKind::unsupported);
}

// RFC 7518 §3.5: the salt is as long as the hash. Made with `openssl pkeyutl -pkeyopt rsa_pss_saltlen:20` and the like
// it would be another; here the hash of the verifier differs.
TEST(PkeyRsaPss, RefusesASignatureOfAnotherHashOrPadding) {
  const Result<PrivateKey> key = PrivateKey::from_pem(Secret(std::string_view(samples::kRsaPkcs1)));
  ASSERT_TRUE(key);
  const Bytes signature = *key->sign({SignatureKind::rsa_pss, Hash::sha256}, as_bytes("message"));
  EXPECT_FALSE(key->public_key().verify({SignatureKind::rsa_pss, Hash::sha384}, as_bytes("message"), signature));
  EXPECT_FALSE(key->public_key().verify({SignatureKind::rsa_pkcs1, Hash::sha256}, as_bytes("message"), signature));
}

// CVE-2022-21449, CVE-2020-28042: null signatures.
TEST(Attacks, NullEcdsaSignatureIsRefused_CVE_2022_21449) {
  for (const KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::secp256k1}) {
    const PublicKey key = PrivateKey::generate(type)->public_key();
    const std::size_t half = key.parts().x.size();
    Bytes zeros(2 * half);
    Bytes r_is_one = zeros;
    r_is_one[half - 1] = 1;
    Bytes s_is_one = zeros;
    s_is_one.back() = 1;
    for (const Bytes& signature : {zeros, r_is_one, s_is_one, Bytes{}}) {
      const Result<void> verified = key.verify({SignatureKind::ecdsa, Hash::sha256}, as_bytes("message"), signature);
      ASSERT_FALSE(verified);
      EXPECT_EQ(verified.error().kind, ErrorKind::crypto);
    }
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

using BignumPtr = std::unique_ptr<BIGNUM, decltype(&BN_free)>;

/// SEQUENCE { INTEGER r, INTEGER s } (RFC 3279 §2.2.3) of r‖s.
Bytes der_of(ByteView signature) {
  const int half = static_cast<int>(signature.size() / 2);
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> numbers(ECDSA_SIG_new(), ECDSA_SIG_free);
  ECDSA_SIG_set0(numbers.get(), BN_bin2bn(signature.data(), half, nullptr),
                 BN_bin2bn(signature.data() + half, half, nullptr));
  Bytes der(static_cast<std::size_t>(i2d_ECDSA_SIG(numbers.get(), nullptr)));
  std::uint8_t* at = der.data();
  i2d_ECDSA_SIG(numbers.get(), &at);
  return der;
}

/// What OpenSSL itself says, which takes DER.
bool openssl_accepts(const PublicKey& key, std::string_view message, const Bytes& der) {
  const std::string pem = key.to_pem();
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                     BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      PEM_read_bio_PUBKEY(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  const ByteView bytes = as_bytes(message);
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), der.data(), der.size(), bytes.data(), bytes.size()) == 1;
}

TEST(Attacks, DerEncodedEcdsaSignatureIsRefused_Rfc7518Section3_4) {
  const SignatureScheme scheme{SignatureKind::ecdsa, Hash::sha256};
  for (const KeyType type : {KeyType::p256, KeyType::p384, KeyType::p521, KeyType::secp256k1}) {
    const PrivateKey key = *PrivateKey::generate(type);
    const Bytes signature = *key.sign(scheme, as_bytes("message"));
    const Bytes der = der_of(signature);
    ASSERT_TRUE(openssl_accepts(key.public_key(), "message", der));
    EXPECT_TRUE(key.public_key().verify(scheme, as_bytes("message"), signature));
    EXPECT_FALSE(key.public_key().verify(scheme, as_bytes("message"), der));
  }
}

Bytes bytes_of(const BIGNUM* number) {
  Bytes bytes(static_cast<std::size_t>(BN_num_bytes(number)));
  BN_bn2bin(number, bytes.data());
  return bytes;
}

BignumPtr number() {
  return {BN_new(), BN_free};
}

// Invariant 7: a signature is verified before it is returned. The numbers of this key fulfil every equation that
// RFC 8017 §3.2 has between them, but p is no prime: what they sign does not verify.
TEST(Attacks, RsaKeyThatSignsWronglyIsRefused_Rfc8017Section3_2) {
  const std::unique_ptr<BN_CTX, decltype(&BN_CTX_free)> context(BN_CTX_new(), BN_CTX_free);
  const BignumPtr e = number(), a = number(), b = number(), p = number(), q = number(), n = number();
  const BignumPtr p1 = number(), q1 = number(), phi = number(), d = number(), dp = number(), dq = number();
  const BignumPtr qi = number();
  BN_set_word(e.get(), 65537);
  do {
    BN_generate_prime_ex2(a.get(), 512, 0, nullptr, nullptr, nullptr, context.get());
    BN_generate_prime_ex2(b.get(), 512, 0, nullptr, nullptr, nullptr, context.get());
    BN_generate_prime_ex2(q.get(), 1024, 0, nullptr, nullptr, nullptr, context.get());
    BN_mul(p.get(), a.get(), b.get(), context.get());
    BN_mul(n.get(), p.get(), q.get(), context.get());
  } while (BN_num_bits(n.get()) != 2048);
  BN_sub(p1.get(), p.get(), BN_value_one());
  BN_sub(q1.get(), q.get(), BN_value_one());
  BN_mul(phi.get(), p1.get(), q1.get(), context.get());
  ASSERT_NE(BN_mod_inverse(d.get(), e.get(), phi.get(), context.get()), nullptr);
  BN_mod(dp.get(), d.get(), p1.get(), context.get());
  BN_mod(dq.get(), d.get(), q1.get(), context.get());
  ASSERT_NE(BN_mod_inverse(qi.get(), q.get(), p.get(), context.get()), nullptr);

  const auto secret = [](const BignumPtr& of) { return Secret(bytes_of(of.get())); };
  const Result<PrivateKey> key = PrivateKey::from_parts(
      KeyType::rsa, {.n = bytes_of(n.get()), .e = bytes_of(e.get()), .x = {}, .y = {}, .pub = {}},
      {.d = secret(d),
       .p = secret(p),
       .q = secret(q),
       .dp = secret(dp),
       .dq = secret(dq),
       .qi = secret(qi),
       .seed = {}});
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().detail, "RSA key: does not sign");
}

TEST(Attacks, OversizedSignatureIsRefusedBeforeItIsCopied) {
  const Bytes huge(1024 * 1024, 0xff);
  for (const KeyType type : {KeyType::rsa, KeyType::p256, KeyType::ed25519, KeyType::ed448}) {
    const PublicKey key = PrivateKey::generate(type)->public_key();
    const SignatureKind kind = type == KeyType::rsa    ? SignatureKind::rsa_pkcs1
                               : type == KeyType::p256 ? SignatureKind::ecdsa
                                                       : SignatureKind::pure;
    const std::optional<Hash> hash = kind == SignatureKind::pure ? std::nullopt : std::optional(Hash::sha256);
    EXPECT_FALSE(key.verify({kind, hash}, as_bytes("message"), huge));
  }
}

TEST(Attacks, FailuresLeaveNoStaleErrorBehind) {
  const PublicKey key = *PublicKey::from_pem(samples::kRsaSpki);
  EXPECT_FALSE(key.verify({SignatureKind::rsa_pkcs1, Hash::sha256}, as_bytes("message"), Bytes(256, 1)));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(PublicKey::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(PrivateKey::from_pem(Secret(std::string_view("nothing"))));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(
      PublicKey::from_parts(KeyType::p256, {.n = {}, .e = {}, .x = Bytes(32, 1), .y = Bytes(32, 1), .pub = {}}));
  EXPECT_EQ(ERR_peek_error(), 0u);
  EXPECT_FALSE(holds_asymmetric_key(as_bytes("0123456789abcdef0123456789abcdef")));
  EXPECT_EQ(ERR_peek_error(), 0u);
}

}  // namespace
}  // namespace mintmark::crypto
