// Project Wycheproof's vectors through our own ciphers, key wrapping and key derivation.

#include <gtest/gtest.h>

#include "mintmark/crypto/aead.hpp"
#include "mintmark/crypto/kdf.hpp"
#include "mintmark/crypto/key_wrap.hpp"
#include "mintmark/crypto/pkey.hpp"
#include "wycheproof.hpp"

namespace mintmark::crypto {
namespace {

using wycheproof::bytes_of;
using wycheproof::path_of;
using wycheproof::text_of;

/// Says how the test ought to go, and counts.
class Judge {
 public:
  void expect(const Json& test, const Result<Secret>& opened) {
    if (test["result"] == "valid") {
      ++valid_;
      ASSERT_TRUE(opened) << test["tcId"] << " " << test["comment"];
      EXPECT_EQ(to_hex(opened->reveal()), text_of(test, "msg")) << test["tcId"];
    } else {
      ++refused_;
      EXPECT_FALSE(opened) << test["tcId"] << " " << test["comment"];
    }
  }

  [[nodiscard]] int valid() const { return valid_; }
  [[nodiscard]] int refused() const { return refused_; }

 private:
  int valid_ = 0;
  int refused_ = 0;
};

Sealed sealed_of(const Json& test) {
  return {bytes_of(test, "iv"), bytes_of(test, "ct"), bytes_of(test, "tag")};
}

TEST(WycheproofAead, AesGcm) {
  MINTMARK_LOAD_VECTORS(vectors, path_of("aes_gcm_test.json"));
  Judge judge;
  int of_other_nonces = 0;
  for (const Json& group : vectors["testGroups"]) {
    const int bits = group["keySize"].get<int>();
    const Aead aead = bits == 128 ? Aead::aes128_gcm : bits == 192 ? Aead::aes192_gcm : Aead::aes256_gcm;
    ASSERT_EQ(group["tagSize"], 128);
    for (const Json& test : group["tests"]) {
      const Result<Secret> opened = open(aead, Secret(bytes_of(test, "key")), sealed_of(test), bytes_of(test, "aad"));
      if (group["ivSize"] == 96) {
        judge.expect(test, opened);
      } else {
        // RFC 7518 §5.3: 96 bits, no other.
        ++of_other_nonces;
        EXPECT_FALSE(opened) << test["tcId"] << " " << test["comment"];
      }
    }
  }
  EXPECT_GT(judge.valid(), 100);
  EXPECT_GT(judge.refused(), 50);
  EXPECT_GT(of_other_nonces, 50);
}

struct CbcHmacFile {
  const char* path;
  Aead aead;
};

void PrintTo(const CbcHmacFile& file, std::ostream* out) {
  *out << file.path;
}

class WycheproofCbcHmac : public ::testing::TestWithParam<CbcHmacFile> {};

TEST_P(WycheproofCbcHmac, IsJudgedAsItShould) {
  MINTMARK_LOAD_VECTORS(vectors, path_of(GetParam().path));
  Judge judge;
  for (const Json& group : vectors["testGroups"]) {
    for (const Json& test : group["tests"]) {
      const Secret key(bytes_of(test, "key"));
      judge.expect(test, open(GetParam().aead, key, sealed_of(test), bytes_of(test, "aad")));
    }
  }
  EXPECT_GT(judge.valid(), 50);
  EXPECT_GT(judge.refused(), 20);
}

INSTANTIATE_TEST_SUITE_P(All, WycheproofCbcHmac,
                         ::testing::Values(CbcHmacFile{"a128cbc_hs256_test.json", Aead::aes128_cbc_hmac_sha256},
                                           CbcHmacFile{"a192cbc_hs384_test.json", Aead::aes192_cbc_hmac_sha384},
                                           CbcHmacFile{"a256cbc_hs512_test.json", Aead::aes256_cbc_hmac_sha512}),
                         wycheproof::NameOfFile());

TEST(WycheproofKeyWrap, AesWrap) {
  MINTMARK_LOAD_VECTORS(vectors, path_of("aes_wrap_test.json"));
  Judge judge;
  for (const Json& group : vectors["testGroups"]) {
    for (const Json& test : group["tests"]) {
      const Secret wrapping_key(bytes_of(test, "key"));
      // `acceptable` are keys of one block, for which RFC 3394 §2 has no wrapping: refused.
      EXPECT_TRUE(test["result"] != "acceptable" || bytes_of(test, "msg").size() == 8);
      judge.expect(test, unwrap_key(wrapping_key, bytes_of(test, "ct")));
      if (test["result"] != "valid") continue;
      EXPECT_EQ(to_hex(wrap_key(wrapping_key, Secret(bytes_of(test, "msg")))), text_of(test, "ct")) << test["tcId"];
    }
  }
  EXPECT_GT(judge.valid(), 30);
  EXPECT_GT(judge.refused(), 100);
}

struct OaepFile {
  const char* path;
  OaepHash hash;
};

void PrintTo(const OaepFile& file, std::ostream* out) {
  *out << file.path;
}

class WycheproofOaep : public ::testing::TestWithParam<OaepFile> {};

TEST_P(WycheproofOaep, IsJudgedAsItShould) {
  MINTMARK_LOAD_VECTORS(vectors, path_of(GetParam().path));
  Judge judge;
  int with_label = 0;
  for (const Json& group : vectors["testGroups"]) {
    const Result<PrivateKey> key = PrivateKey::from_pem(Secret(text_of(group, "privateKeyPem")));
    ASSERT_TRUE(key) << key.error().detail;
    for (const Json& test : group["tests"]) {
      const Result<Secret> opened = key->decrypt_oaep(GetParam().hash, bytes_of(test, "ct"));
      if (text_of(test, "label").empty()) {
        judge.expect(test, opened);
      } else {
        // RFC 7518 §4.3: the label is empty.
        ++with_label;
        EXPECT_FALSE(opened) << test["tcId"] << " " << test["comment"];
      }
    }
  }
  EXPECT_GT(judge.valid(), 8);
  EXPECT_GT(judge.refused(), 15);
  EXPECT_GT(with_label, 5);
}

INSTANTIATE_TEST_SUITE_P(All, WycheproofOaep,
                         ::testing::Values(OaepFile{"rsa_oaep_2048_sha1_mgf1sha1_test.json", OaepHash::sha1},
                                           OaepFile{"rsa_oaep_2048_sha256_mgf1sha256_test.json", OaepHash::sha256}),
                         wycheproof::NameOfFile());

struct Pbkdf2File {
  const char* path;
  Hash hash;
};

void PrintTo(const Pbkdf2File& file, std::ostream* out) {
  *out << file.path;
}

class WycheproofPbkdf2 : public ::testing::TestWithParam<Pbkdf2File> {};

TEST_P(WycheproofPbkdf2, DerivesWhatItShould) {
  MINTMARK_LOAD_VECTORS(vectors, path_of(GetParam().path));
  int run = 0;
  for (const Json& group : vectors["testGroups"]) {
    for (const Json& test : group["tests"]) {
      ASSERT_EQ(test["result"], "valid");
      const Secret key = pbkdf2(GetParam().hash, Secret(bytes_of(test, "password")), bytes_of(test, "salt"),
                                test["iterationCount"].get<std::uint32_t>(), test["dkLen"].get<std::size_t>());
      EXPECT_EQ(to_hex(key.reveal()), text_of(test, "dk")) << test["tcId"] << " " << test["comment"];
      ++run;
    }
  }
  EXPECT_GT(run, 50);
}

INSTANTIATE_TEST_SUITE_P(All, WycheproofPbkdf2,
                         ::testing::Values(Pbkdf2File{"pbkdf2_hmacsha256_test.json", Hash::sha256},
                                           Pbkdf2File{"pbkdf2_hmacsha512_test.json", Hash::sha512}),
                         wycheproof::NameOfFile());

}  // namespace
}  // namespace mintmark::crypto
