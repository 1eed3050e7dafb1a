#include "mintmark/base/base64.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

TEST(Base64Url, RoundTripsEveryLength) {
  Bytes bytes;
  for (int size = 0; size < 70; ++size) {
    const std::string text = encode_base64url(bytes);
    const Result<Bytes> decoded = decode_base64url(text);
    ASSERT_TRUE(decoded) << size;
    EXPECT_EQ(*decoded, bytes);
    bytes.push_back(static_cast<std::uint8_t>(size * 37 + 5));
  }
}

TEST(Base64Url, Rfc7515SectionC) {
  EXPECT_EQ(encode_base64url(Bytes{3, 236, 255, 224, 193}), "A-z_4ME");
}

TEST(Base64Url, RefusesPaddingWhiteSpaceAndTheOtherAlphabet) {
  for (const char* text : {"AA==", "AA\n", " AA", "A+A_", "A/AA", "A", "AAAAA", "A.A"}) {
    EXPECT_FALSE(decode_base64url(text)) << text;
  }
}

TEST(Base64Url, RefusesStrayBits) {
  EXPECT_TRUE(decode_base64url("AA"));
  EXPECT_FALSE(decode_base64url("AB"));
  EXPECT_TRUE(decode_base64url("AAA"));
  EXPECT_FALSE(decode_base64url("AAB"));
}

TEST(Base64, NeedsItsPadding) {
  EXPECT_EQ(encode_base64(as_bytes("a")), "YQ==");
  EXPECT_TRUE(decode_base64("YQ=="));
  EXPECT_FALSE(decode_base64("YQ"));
  EXPECT_FALSE(decode_base64("YQ==="));
  EXPECT_FALSE(decode_base64("===="));
  EXPECT_FALSE(decode_base64("Y==="));
}

}  // namespace
}  // namespace mintmark
