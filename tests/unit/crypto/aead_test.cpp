#include "mintmark/crypto/aead.hpp"

#include <gtest/gtest.h>

#include "mintmark/crypto/random.hpp"
#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kOverhead = 12 + 16;

TEST(Aead, OpensWhatItSealed) {
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

TEST(Aead, TakesAFreshNonceEachTime) {
  const Secret key = random_secret(32);
  EXPECT_NE(seal_aes256_gcm(key, as_bytes("same"), {}), seal_aes256_gcm(key, as_bytes("same"), {}));
}

TEST(Aead, RefusesAnotherKeyAndOtherAssociatedData) {
  const Secret key = random_secret(32);
  const Bytes sealed = seal_aes256_gcm(key, as_bytes("secret"), as_bytes("row 1"));
  for (const Result<Secret>& opened :
       {open_aes256_gcm(random_secret(32), sealed, as_bytes("row 1")), open_aes256_gcm(key, sealed, as_bytes("row 2")),
        open_aes256_gcm(key, sealed, {}), open_aes256_gcm(random_secret(16), sealed, as_bytes("row 1"))}) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::crypto);
  }
}

TEST(Aead, RefusesEveryFlippedBit) {
  const Secret key = random_secret(32);
  Bytes sealed = seal_aes256_gcm(key, as_bytes("secret"), as_bytes("row 1"));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    EXPECT_FALSE(open_aes256_gcm(key, sealed, as_bytes("row 1"))) << bit;
    sealed[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
}

// CVE-2023-37464: a tag may not be shortened.
TEST(Aead, RefusesEveryTruncation) {
  const Secret key = random_secret(32);
  const Bytes sealed = seal_aes256_gcm(key, as_bytes("secret"), {});
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    EXPECT_FALSE(open_aes256_gcm(key, ByteView(sealed).first(size), {})) << size;
  }
}

TEST(Aead, WycheproofAesGcm) {
  MINTMARK_LOAD_VECTORS(vectors, "wycheproof-primitives/aes_gcm_test.json");
  int run = 0;
  for (const Json& group : vectors["testGroups"]) {
    if (group["keySize"] != 256 || group["ivSize"] != 96 || group["tagSize"] != 128) continue;
    for (const Json& test : group["tests"]) {
      const Secret key(testing::from_hex(test["key"].get<std::string>()));
      Bytes sealed = testing::from_hex(test["iv"].get<std::string>() + test["ct"].get<std::string>() +
                                       test["tag"].get<std::string>());
      const Result<Secret> opened = open_aes256_gcm(key, sealed, testing::from_hex(test["aad"].get<std::string>()));
      ++run;
      if (test["result"] == "valid") {
        ASSERT_TRUE(opened) << test["tcId"];
        EXPECT_EQ(to_hex(opened->reveal()), test["msg"].get<std::string>()) << test["tcId"];
      } else if (test["result"] == "invalid") {
        EXPECT_FALSE(opened) << test["tcId"];
      }
    }
  }
  EXPECT_GT(run, 30);
}

}  // namespace
}  // namespace mintmark::crypto
