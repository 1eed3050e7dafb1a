#include <gtest/gtest.h>
#include <openssl/err.h>

#include "mintmark/crypto/pkey.hpp"
#include "mintmark/crypto/random.hpp"
#include "pem_samples.hpp"
#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

using testing::from_hex;

struct Case {
  OaepHash hash;
  std::size_t hash_bytes;
  const char* name;
  const char* ciphertext;  ///< of "a content key" to samples::kRsaPkcs1, by `openssl pkeyutl`
};

void PrintTo(const Case& of, std::ostream* out) {
  *out << of.name;
}

constexpr Case kCases[] = {
    {OaepHash::sha1, 20, "sha1",
     "4929af7568f2e655aba9560abc9c50ab631a8219855ef942f47d84eeef95322791ba1384021a1c1eca20b63b01fe5eb79ead6ea1994608"
     "14eeefa6a1098e51700f18ab58cb2e8c4c6f1a0f5ae3e52aaa3f052862763c9f8f0b7df174d3ceb3cae451f0bb2d99b36bffef5835383b"
     "81b6a6e489e00fd7f54cd06dc2f64cb9b600c3137ce3e309399e4bd4ee7a4507cd095cbc0ee4d6ab1d8956764c05b5b6f36b46874136bc"
     "ebc7e9fa63d99df04d1b77d277add7be6ee7bee665d5c7da1ac28f387395a62331502a1226cce3c37a9fcf911440fe3313be62a2b4b08f"
     "d39b9704388dacbf29da927deecc05834c43d051e04bd57952120cb08e17a5e279d62b7e"},
    {OaepHash::sha256, 32, "sha256",
     "01f068ddd837d24aa8dad968b91da0b20e43ed906c9a2bd875600294e55e1f64ef404d45826cbe6a0d77fb33b685c64e82691b15a73040"
     "ace42e38276a0c855bf9dd5766fa393fcff6c1d9931470d3185e6e272a891e6f6812023ec4b0195071ece55423ba9674fa3e10df27709d"
     "bd27efefd49a39ae60305a48efecf95fcc5688b0bf69bcb9cd61ab1ec7bff30d72b29ef3109e702ff712cd735399291e968020a07def8c"
     "9c61033807eb7ffcda058325a7f1078e346a5b7cdf5a41c4671fc7d6ffcf46bf79e00a154e7a34d6c1ab7467049ff5c603f4f2486b5218"
     "65cf0424f14f154531817bff877ee514cdc68e225bbfdd84012b979108b6354340557bf4"},
    {OaepHash::sha384, 48, "sha384",
     "5dc9e96661106a4a0528a3aed9c159473a08f1e7f147e9bb218c3dc57f1df65c46f8c101a1e3c153d5a4723f55bd8ebd4db6b8f02a230c"
     "aa4d5c601edad9d35cbf674f39719c3515c79f004128cce8255491ef97cbaf4ae23095fc064c0fd9f0052e0befbef95e07c1809d7a00b0"
     "4c95097db83c1596c05044ea0bd532737f2a79ca04e21e482a0ce449b0359dc234b40e92e0d840a1c26c490afe012e84a96492d47993c0"
     "72c27e07da8b20ff7d03f2d9b7ef8730f0fa84527f76ea86970e5698d8240fe52fc070977260715300e2768fc533fd3770abcd6bd521c9"
     "b639759b2d3bffc8da16b27099f233747b4e398a9d795440c16d0439d91cebfe9368729a"},
    {OaepHash::sha512, 64, "sha512",
     "6bef202fb8f9031675f86dceae930f9dae09cdc970de22614f53cc78a002914be954d63944170162201eefc0617251daeb5c0b1dc81306"
     "68fef13231fd131354e0d30d99f601ff632322c543c8087ade7350de62c8c6c3650eb79032eb0faf123cc755239ef7188ac622b422a442"
     "afd8f0a223858f18146cbc9a167bf5f6bad156d3195fd37e39538a71a901c3e71f4d84f792128865a3a9ebae9ae2a816d95cddadb522f0"
     "e3d62c8f417541f39a55c4a6ae2ce2d745522d22963a3297003879bf58fa8086f00a48c769c4a34d36868bf4f5b8e6756a8e990b2c06c1"
     "66f5f8bee7b598dbe533b5a283b44f95f7f98d8e0ce916d1d67eb733206a5fd3ee461575"},
};

class RsaOaep : public ::testing::TestWithParam<Case> {
 protected:
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue is not empty"; }

  static OaepHash hash() { return GetParam().hash; }
  static std::size_t max_plaintext_bytes() { return 256 - 2 * GetParam().hash_bytes - 2; }

  static const PrivateKey& key() {
    static const PrivateKey key = *PrivateKey::from_pem(Secret(std::string_view(samples::kRsaPkcs1)));
    return key;
  }

  /// That it is refused as everything else is: with one kind and one text.
  static void expect_refused(const Result<Secret>& plaintext) {
    ASSERT_FALSE(plaintext);
    EXPECT_EQ(plaintext.error(), crypto_error("RSA-OAEP: not encrypted to this key"));
  }
};

TEST_P(RsaOaep, DecryptsWhatOpensslEncrypted) {
  const Result<Secret> plaintext = key().decrypt_oaep(hash(), from_hex(GetParam().ciphertext));
  ASSERT_TRUE(plaintext);
  EXPECT_EQ(plaintext->reveal_text(), "a content key");
}

TEST_P(RsaOaep, DecryptsWhatItEncryptedOfEveryLength) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{64}, max_plaintext_bytes()}) {
    const Bytes plaintext = random_bytes(size);
    const Result<Bytes> ciphertext = key().public_key().encrypt_oaep(hash(), plaintext);
    ASSERT_TRUE(ciphertext) << ciphertext.error().detail;
    EXPECT_EQ(ciphertext->size(), 256u);
    const Result<Secret> decrypted = key().decrypt_oaep(hash(), *ciphertext);
    ASSERT_TRUE(decrypted) << size;
    EXPECT_EQ(to_hex(decrypted->reveal()), to_hex(plaintext));
  }
}

TEST_P(RsaOaep, EncryptsTheSameDifferentlyEachTime) {
  const PublicKey to = key().public_key();
  EXPECT_NE(*to.encrypt_oaep(hash(), as_bytes("same")), *to.encrypt_oaep(hash(), as_bytes("same")));
}

TEST_P(RsaOaep, RefusesAPlaintextThatIsTooLong) {
  const Result<Bytes> ciphertext = key().public_key().encrypt_oaep(hash(), Bytes(max_plaintext_bytes() + 1));
  ASSERT_FALSE(ciphertext);
  EXPECT_EQ(ciphertext.error().kind, ErrorKind::invalid);
}

TEST_P(RsaOaep, RefusesFlippedBits) {
  Bytes ciphertext = *key().public_key().encrypt_oaep(hash(), as_bytes("secret"));
  for (std::size_t bit = 0; bit < ciphertext.size() * 8; bit += 97) {
    ciphertext[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    expect_refused(key().decrypt_oaep(hash(), ciphertext));
    ciphertext[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
}

TEST_P(RsaOaep, RefusesEveryOtherLength_Rfc8017Section7_1_2) {
  const Bytes ciphertext = *key().public_key().encrypt_oaep(hash(), as_bytes("secret"));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{128}, std::size_t{255}})
    expect_refused(key().decrypt_oaep(hash(), ByteView(ciphertext).first(size)));
  for (Bytes longer : {ciphertext, Bytes(64 * 1024, 0xff)}) {
    longer.insert(longer.begin(), 0);
    expect_refused(key().decrypt_oaep(hash(), longer));
  }
}

TEST_P(RsaOaep, RefusesNumbersOfNoMessage) {
  Bytes one(256);
  one.back() = 1;
  for (const Bytes& ciphertext : {Bytes(256), one, Bytes(256, 0xff), key().public_key().parts().n})
    expect_refused(key().decrypt_oaep(hash(), ciphertext));
}

TEST_P(RsaOaep, RefusesAnotherHash) {
  const Bytes ciphertext = from_hex(GetParam().ciphertext);
  for (const Case& other : kCases) {
    if (other.hash != hash()) expect_refused(key().decrypt_oaep(other.hash, ciphertext));
  }
}

TEST_P(RsaOaep, IsForRsaKeysAlone) {
  for (const KeyType type : {KeyType::p256, KeyType::ed25519, KeyType::x25519}) {
    const PrivateKey other = *PrivateKey::generate(type);
    const Result<Bytes> ciphertext = other.public_key().encrypt_oaep(hash(), as_bytes("secret"));
    ASSERT_FALSE(ciphertext);
    EXPECT_EQ(ciphertext.error().kind, ErrorKind::invalid);
    const Result<Secret> plaintext = other.decrypt_oaep(hash(), Bytes(256));
    ASSERT_FALSE(plaintext);
    EXPECT_EQ(plaintext.error().kind, ErrorKind::invalid);
  }
}

INSTANTIATE_TEST_SUITE_P(All, RsaOaep, ::testing::ValuesIn(kCases),
                         [](const auto& of) { return std::string(of.param.name); });

// RFC 8017 §7.1.2 step 1b. OpenSSL alone takes a ciphertext without its leading zeros for the whole one.
TEST(RsaOaepLength, ACiphertextMayNotLoseItsLeadingZero) {
  const PrivateKey key = *PrivateKey::from_pem(Secret(std::string_view(samples::kRsaPkcs1)));
  Bytes ciphertext;
  for (int i = 0; i < 20'000 && (ciphertext.empty() || ciphertext.front() != 0); ++i)
    ciphertext = *key.public_key().encrypt_oaep(OaepHash::sha256, as_bytes("secret"));
  ASSERT_EQ(ciphertext.front(), 0);
  EXPECT_TRUE(key.decrypt_oaep(OaepHash::sha256, ciphertext));
  EXPECT_FALSE(key.decrypt_oaep(OaepHash::sha256, ByteView(ciphertext).subspan(1)));
}

}  // namespace
}  // namespace mintmark::crypto
