#include "mintmark/crypto/key_wrap.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "mintmark/crypto/random.hpp"
#include "support/vectors.hpp"

namespace mintmark::crypto {
namespace {

using testing::from_hex;

struct Example {
  const char* name;
  std::size_t wrapping_key_bytes;  ///< of 00 01 02 …
  const char* key;
  const char* wrapped;
};

void PrintTo(const Example& example, std::ostream* out) {
  *out << example.name;
}

constexpr Example kExamples[] = {
    {"Section4_1", 16, "00112233445566778899aabbccddeeff", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
    {"Section4_2", 24, "00112233445566778899aabbccddeeff", "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"},
    {"Section4_3", 32, "00112233445566778899aabbccddeeff", "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"},
    {"Section4_4", 24, "00112233445566778899aabbccddeeff0001020304050607",
     "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"},
    {"Section4_5", 32, "00112233445566778899aabbccddeeff0001020304050607",
     "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"},
    {"Section4_6", 32, "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
     "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"},
};

Secret counting_key(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::uint8_t>(i);
  return Secret(std::move(bytes));
}

class Rfc3394 : public ::testing::TestWithParam<Example> {};

TEST_P(Rfc3394, IsWrappedAndUnwrapped) {
  const Secret wrapping_key = counting_key(GetParam().wrapping_key_bytes);
  EXPECT_EQ(to_hex(wrap_key(wrapping_key, Secret(from_hex(GetParam().key)))), GetParam().wrapped);
  const Result<Secret> key = unwrap_key(wrapping_key, from_hex(GetParam().wrapped));
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->reveal()), GetParam().key);
}

INSTANTIATE_TEST_SUITE_P(Vectors, Rfc3394, ::testing::ValuesIn(kExamples),
                         [](const auto& of) { return std::string(of.param.name); });

class KeyWrap : public ::testing::TestWithParam<std::size_t> {
 protected:
  void TearDown() override { EXPECT_EQ(ERR_peek_error(), 0u) << "the error queue is not empty"; }

  static void expect_refused(const Result<Secret>& key) {
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error(), crypto_error("AES Key Wrap: not wrapped with this key"));
  }

  const Secret wrapping_key_ = random_secret(GetParam());
};

TEST_P(KeyWrap, GivesBackKeysOfEveryLengthOfJwe) {
  for (const std::size_t size : {std::size_t{16}, std::size_t{24}, std::size_t{32}, std::size_t{48}, std::size_t{64}}) {
    const Secret key = random_secret(size);
    const Bytes wrapped = wrap_key(wrapping_key_, key);
    EXPECT_EQ(wrapped.size(), size + 8);
    const Result<Secret> unwrapped = unwrap_key(wrapping_key_, wrapped);
    ASSERT_TRUE(unwrapped);
    EXPECT_EQ(to_hex(unwrapped->reveal()), to_hex(key.reveal()));
  }
}

TEST_P(KeyWrap, RefusesEveryFlippedBit) {
  Bytes wrapped = wrap_key(wrapping_key_, random_secret(32));
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    wrapped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
    expect_refused(unwrap_key(wrapping_key_, wrapped));
    wrapped[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
  }
}

TEST_P(KeyWrap, RefusesEveryOtherLength) {
  Bytes wrapped = wrap_key(wrapping_key_, random_secret(32));
  for (std::size_t size = 0; size < wrapped.size(); ++size)
    expect_refused(unwrap_key(wrapping_key_, ByteView(wrapped).first(size)));
  for (int i = 0; i < 8; ++i) {
    wrapped.push_back(0);
    expect_refused(unwrap_key(wrapping_key_, wrapped));
  }
}

TEST_P(KeyWrap, RefusesAnotherWrappingKey) {
  expect_refused(unwrap_key(random_secret(GetParam()), wrap_key(wrapping_key_, random_secret(32))));
}

INSTANTIATE_TEST_SUITE_P(All, KeyWrap, ::testing::Values(16, 24, 32), ::testing::PrintToStringParamName());

TEST(KeyWrapDeathTest, TakesNoKeyOfAnotherLength) {
  EXPECT_DEATH((void)wrap_key(random_secret(17), random_secret(16)), "16, 24 or 32");
  EXPECT_DEATH((void)unwrap_key(random_secret(0), Bytes(24)), "16, 24 or 32");
  EXPECT_DEATH((void)wrap_key(random_secret(16), random_secret(8)), "two or more blocks");
  EXPECT_DEATH((void)wrap_key(random_secret(16), random_secret(20)), "two or more blocks");
}

}  // namespace
}  // namespace mintmark::crypto
