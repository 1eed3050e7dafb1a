#include "mintmark/crypto/aead.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"
#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

using testing::from_hex;

struct Case {
  Aead aead;
  std::size_t key_bytes;
  std::size_t nonce_bytes;
  std::size_t tag_bytes;
  const char* name;

  [[nodiscard]] bool pads() const { return nonce_bytes == 16; }
};

void PrintTo(const Case& of, std::ostream* out) {
  *out << of.name;
}

constexpr Case kCases[] = {
    {Aead::aes128_cbc_hmac_sha256, 32, 16, 16, "aes128_cbc_hmac_sha256"},
    {Aead::aes192_cbc_hmac_sha384, 48, 16, 24, "aes192_cbc_hmac_sha384"},
    {Aead::aes256_cbc_hmac_sha512, 64, 16, 32, "aes256_cbc_hmac_sha512"},
    {Aead::aes128_gcm, 16, 12, 16, "aes128_gcm"},
    {Aead::aes192_gcm, 24, 12, 16, "aes192_gcm"},
    {Aead::aes256_gcm, 32, 12, 16, "aes256_gcm"},
};

class EachAead : public ::testing::TestWithParam<Case> {
 protected:
  // What a call leaves in the queue, TLS on the same thread would take for its own failure.
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue is not empty"; }

  static Aead aead() { return GetParam().aead; }

  /// That it is refused as everything else is: with one kind and one text.
  static void expect_refused(const Result<Secret>& opened) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error(), crypto_error("AEAD: not sealed with this key and these associated data"));
  }

  const Secret key_ = random_secret(GetParam().key_bytes);
};

TEST_P(EachAead, HasTheLengthsOfRfc7518Section5) {
  EXPECT_EQ(key_bytes(aead()), GetParam().key_bytes);
  EXPECT_EQ(nonce_bytes(aead()), GetParam().nonce_bytes);
  EXPECT_EQ(tag_bytes(aead()), GetParam().tag_bytes);
}

TEST_P(EachAead, OpensWhatItSealed) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{1000}}) {
    const Bytes plaintext = random_bytes(size);
    const Sealed sealed = seal(aead(), key_, plaintext, as_bytes("header"));
    EXPECT_EQ(sealed.nonce.size(), GetParam().nonce_bytes);
    EXPECT_EQ(sealed.tag.size(), GetParam().tag_bytes);
    EXPECT_EQ(sealed.ciphertext.size(), GetParam().pads() ? (size / 16 + 1) * 16 : size);
    const Result<Secret> opened = open(aead(), key_, sealed, as_bytes("header"));
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(to_hex(opened->reveal()), to_hex(plaintext));
  }
}

TEST_P(EachAead, SealsWithoutAssociatedData) {
  const Sealed sealed = seal(aead(), key_, as_bytes("secret"), {});
  EXPECT_EQ(open(aead(), key_, sealed, {})->reveal_text(), "secret");
}

TEST_P(EachAead, TakesAFreshNonceEachTime) {
  const Sealed first = seal(aead(), key_, as_bytes("same"), {});
  const Sealed second = seal(aead(), key_, as_bytes("same"), {});
  EXPECT_NE(first.nonce, second.nonce);
  EXPECT_NE(first.ciphertext, second.ciphertext);
  EXPECT_NE(first.tag, second.tag);
}

TEST_P(EachAead, RefusesAnotherKeyOrOneOfAnotherLength) {
  const Sealed sealed = seal(aead(), key_, as_bytes("secret"), {});
  expect_refused(open(aead(), random_secret(GetParam().key_bytes), sealed, {}));
  for (const std::size_t size : {std::size_t{0}, GetParam().key_bytes - 1, GetParam().key_bytes + 1})
    expect_refused(open(aead(), random_secret(size), sealed, {}));
}

TEST_P(EachAead, RefusesOtherAssociatedData) {
  const Sealed sealed = seal(aead(), key_, as_bytes("secret"), as_bytes("header"));
  for (const std::string_view other : {"", "heade", "headers", "Header"})
    expect_refused(open(aead(), key_, sealed, as_bytes(other)));
}

TEST_P(EachAead, RefusesEveryFlippedBit) {
  Sealed sealed = seal(aead(), key_, as_bytes("a secret of more than one block"), as_bytes("header"));
  for (Bytes Sealed::*part : {&Sealed::nonce, &Sealed::ciphertext, &Sealed::tag}) {
    Bytes& bytes = sealed.*part;
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
      expect_refused(open(aead(), key_, sealed, as_bytes("header")));
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    }
  }
  EXPECT_TRUE(open(aead(), key_, sealed, as_bytes("header")));
}

// CVE-2023-37464: a tag may not be shortened.
TEST_P(EachAead, RefusesEveryTruncationAndExtension) {
  const Sealed sealed = seal(aead(), key_, as_bytes("a secret of more than one block"), as_bytes("header"));
  for (Bytes Sealed::*part : {&Sealed::nonce, &Sealed::ciphertext, &Sealed::tag}) {
    for (std::size_t size = 0; size < (sealed.*part).size(); ++size) {
      Sealed cut = sealed;
      (cut.*part).resize(size);
      expect_refused(open(aead(), key_, cut, as_bytes("header")));
    }
    Sealed longer = sealed;
    (longer.*part).push_back(0);
    expect_refused(open(aead(), key_, longer, as_bytes("header")));
  }
}

using EachAeadDeathTest = EachAead;

TEST_P(EachAeadDeathTest, DoesNotSealWithAKeyOfAnotherLength) {
  EXPECT_DEATH((void)seal(aead(), random_secret(GetParam().key_bytes - 1), as_bytes("x"), {}), "another length");
}

std::string case_name(const ::testing::TestParamInfo<Case>& of) {
  return of.param.name;
}
INSTANTIATE_TEST_SUITE_P(All, EachAead, ::testing::ValuesIn(kCases), case_name);
INSTANTIATE_TEST_SUITE_P(All, EachAeadDeathTest, ::testing::ValuesIn(kCases), case_name);

struct Example {
  const char* name;
  Aead aead;
  const char* key;
  const char* nonce;
  const char* associated_data;
  const char* plaintext;
  const char* ciphertext;
  const char* tag;
};

void PrintTo(const Example& example, std::ostream* out) {
  *out << example.name;
}

// "A cipher system must not be required to be secret, …" and "The second principle of Auguste Kerckhoffs".
constexpr const char* kKerckhoffs =
    "41206369706865722073797374656d206d757374206e6f7420626520726571756972656420746f206265207365637265742c20616e64206974"
    "20"
    "6d7573742062652061626c6520746f2066616c6c20696e746f207468652068616e6473206f662074686520656e656d7920776974686f757420"
    "696e636f6e76656e69656e6365";
constexpr const char* kPrinciple =
    "546865207365636f6e64207072696e6369706c65206f662041756775737465204b6572636b686f666673";
constexpr const char* kKerckhoffsNonce = "1af38c2dc2b96ffdd86694092341bc04";

// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B.
constexpr const char* kGcmPlaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657"
    "ba637b39";
constexpr const char* kGcmAssociatedData = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
constexpr const char* kGcmNonce = "cafebabefacedbaddecaf888";

constexpr Example kExamples[] = {
    {"Rfc7518AppendixB1", Aead::aes128_cbc_hmac_sha256,
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", kKerckhoffsNonce, kPrinciple, kKerckhoffs,
     "c80edfa32ddf39d5ef00c0b468834279a2e46a1b8049f792f76bfe54b903a9c9a94ac9b47ad2655c5f10f9aef71427e2fc6f9b3f399a2214"
     "89f16362c703233609d45ac69864e3321cf82935ac4096c86e133314c54019e8ca7980dfa4b9cf1b384c486f3a54c51078158ee5d79de59f"
     "bd34d848b3d69550a67646344427ade54b8851ffb598f7f80074b9473c82e2db",
     "652c3fa36b0a7c5b3219fab3a30bc1c4"},
    {"Rfc7518AppendixB2", Aead::aes192_cbc_hmac_sha384,
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f",
     kKerckhoffsNonce, kPrinciple, kKerckhoffs,
     "ea65da6b59e61edb419be62d19712ae5d303eeb50052d0dfd6697f77224c8edb000d279bdc14c1072654bd30944230c657bed4ca0c9f4a84"
     "66f22b226d1746214bf8cfc2400add9f5126e479663fc90b3bed787a2f0ffcbf3904be2a641d5c2105bfe591bae23b1d7449e532eef60a9a"
     "c8bb6c6b01d35d49787bcd57ef484927f280adc91ac0c4e79c7b11efc60054e3",
     "8490ac0e58949bfe51875d733f93ac2075168039ccc733d7"},
    {"Rfc7518AppendixB3", Aead::aes256_cbc_hmac_sha512,
     "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637"
     "38393a3b3c3d3e3f",
     kKerckhoffsNonce, kPrinciple, kKerckhoffs,
     "4affaaadb78c31c5da4b1b590d10ffbd3dd8d5d302423526912da037ecbcc7bd822c301dd67c373bccb584ad3e9279c2e6d12a1374b77f07"
     "7553df829410446b36ebd97066296ae6427ea75c2e0846a11a09ccf5370dc80bfecbad28c73f09b3a3b75e662a2594410ae496b2e2e6609e"
     "31e6e02cc837f053d21f37ff4f51950bbe2638d09dd7a4930930806d0703b1f6",
     "4dd3b4c088a7f45c216839645b2012bf2e6269a8c56a816dbc1b267761955bc5"},
    {"GcmTestCase4", Aead::aes128_gcm, "feffe9928665731c6d6a8f9467308308", kGcmNonce, kGcmAssociatedData, kGcmPlaintext,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac97"
     "3d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {"GcmTestCase10", Aead::aes192_gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c", kGcmNonce,
     kGcmAssociatedData, kGcmPlaintext,
     "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9"
     "ccda2710",
     "2519498e80f1478f37ba55bd6d27618c"},
    {"GcmTestCase16", Aead::aes256_gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", kGcmNonce,
     kGcmAssociatedData, kGcmPlaintext,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0a"
     "bcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

class AeadExample : public ::testing::TestWithParam<Example> {};

TEST_P(AeadExample, Opens) {
  const Example& of = GetParam();
  const Sealed sealed{from_hex(of.nonce), from_hex(of.ciphertext), from_hex(of.tag)};
  const Result<Secret> opened = open(of.aead, Secret(from_hex(of.key)), sealed, from_hex(of.associated_data));
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_hex(opened->reveal()), of.plaintext);
}

INSTANTIATE_TEST_SUITE_P(All, AeadExample, ::testing::ValuesIn(kExamples),
                         [](const auto& of) { return std::string(of.param.name); });

// Somebody who has the key can give a valid tag to what no encryption makes.
TEST(AeadCbcHmac, RefusesACiphertextThatIsNoPaddedTextThoughItsTagIsRight) {
  const Bytes key = random_bytes(32);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{17}, std::size_t{31}}) {
    const Bytes nonce = random_bytes(16);
    const Bytes ciphertext = random_bytes(size);
    Bytes message = nonce;
    message.insert(message.end(), ciphertext.begin(), ciphertext.end());
    message.resize(message.size() + 8);  // AL of no associated data
    Bytes tag = hmac(Hash::sha256, ByteView(key).first(16), message);
    tag.resize(16);
    const Result<Secret> opened = open(Aead::aes128_cbc_hmac_sha256, Secret(key), {nonce, ciphertext, tag}, {});
    ASSERT_FALSE(opened) << size;
    EXPECT_EQ(opened.error(), crypto_error("AEAD: not sealed with this key and these associated data"));
  }
  EXPECT_EQ(ERR_peek_error(), 0u);
}

// RFC 7518 §5.2.2.1 step 4: without AL, this would open, shifted by a block.
TEST(AeadCbcHmac, AuthenticatesWhereAssociatedDataEnd) {
  const Secret key = random_secret(32);
  const Sealed sealed = seal(Aead::aes128_cbc_hmac_sha256, key, as_bytes("a secret of two blocks"), {});
  ASSERT_EQ(sealed.ciphertext.size(), 32u);
  const auto middle = sealed.ciphertext.begin() + 16;
  const Sealed shifted{Bytes(sealed.ciphertext.begin(), middle), Bytes(middle, sealed.ciphertext.end()), sealed.tag};
  EXPECT_FALSE(open(Aead::aes128_cbc_hmac_sha256, key, shifted, sealed.nonce));
}

constexpr std::size_t kOverhead = 12 + 16;

TEST(AeadAtRest, OpensWhatItSealed) {
  const Secret key = random_secret(32);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{1000}}) {
    const Bytes plaintext = random_bytes(size);
    const Bytes sealed = seal_aes256_gcm(key, plaintext, as_bytes("row 1"));
    EXPECT_EQ(sealed.size(), size + kOverhead);
    const Result<Secret> opened = open_aes256_gcm(key, sealed, as_bytes("row 1"));
    ASSERT_TRUE(opened);
    EXPECT_TRUE(std::equal(plaintext.begin(), plaintext.end(), opened->reveal().begin(), opened->reveal().end()));
  }
}

TEST(AeadAtRest, IsNonceThenCiphertextThenTag) {
  const Example& of = kExamples[5];
  const Bytes sealed = from_hex(std::string(of.nonce) + of.ciphertext + of.tag);
  const Result<Secret> opened = open_aes256_gcm(Secret(from_hex(of.key)), sealed, from_hex(of.associated_data));
  ASSERT_TRUE(opened);
  EXPECT_EQ(to_hex(opened->reveal()), of.plaintext);
}

TEST(AeadAtRest, TakesAFreshNonceEachTime) {
  const Secret key = random_secret(32);
  EXPECT_NE(seal_aes256_gcm(key, as_bytes("same"), {}), seal_aes256_gcm(key, as_bytes("same"), {}));
}

TEST(AeadAtRest, RefusesAnotherKeyAndOtherAssociatedData) {
  const Secret key = random_secret(32);
  const Bytes sealed = seal_aes256_gcm(key, as_bytes("secret"), as_bytes("row 1"));
  for (const Result<Secret>& opened :
       {open_aes256_gcm(random_secret(32), sealed, as_bytes("row 1")), open_aes256_gcm(key, sealed, as_bytes("row 2")),
        open_aes256_gcm(key, sealed, {}), open_aes256_gcm(random_secret(16), sealed, as_bytes("row 1"))}) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::crypto);
  }
}

TEST(AeadAtRest, RefusesEveryFlippedBit) {
  const Secret key = random_secret(32);
  Bytes sealed = seal_aes256_gcm(key, as_bytes("secret"), as_bytes("row 1"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(open_aes256_gcm(key, sealed, as_bytes("row 1"))) << bit;
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
}

// CVE-2023-37464: a tag may not be shortened.
TEST(AeadAtRest, RefusesEveryTruncation) {
  const Secret key = random_secret(32);
  const Bytes sealed = seal_aes256_gcm(key, as_bytes("secret"), {});
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(open_aes256_gcm(key, ByteView(sealed).first(size), {})) << size;
  }
}

}  // namespace
}  // namespace mintmark::crypto
