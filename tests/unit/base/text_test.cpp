#include "mintmark/base/text.hpp"

#include <gtest/gtest.h>

#include "mintmark/base/bytes.hpp"

namespace mintmark {
namespace {

using namespace std::string_view_literals;

// RFC 3629 §4, at both ends of every range.
TEST(Utf8, AcceptsTheEndsOfEachRange) {
  for (const std::string_view text :
       {""sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv, "\xee\x80\x80"sv,
        "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv, "aé🦊z"sv}) {
    EXPECT_TRUE(is_valid_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(Utf8, RefusesOverlongSurrogateTruncatedAndTooLarge) {
  for (const std::string_view text :
       {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,
        "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xf8\x88\x80\x80\x80"sv, "\xfe"sv, "\xff"sv,
        "\xc2"sv, "\xe2\x82"sv, "\xf0\x9f\xa6"sv, "\xc2g"sv, "\xe2\x82g"sv, "a\xf0\x9f\xa6g"sv}) {
    EXPECT_FALSE(is_valid_utf8(text)) << testing::PrintToString(text);
  }
}

TEST(EqualsIgnoringCase, FoldsAsciiLettersAlone) {
  EXPECT_TRUE(equals_ignoring_case("BeArEr", "bearer"));
  EXPECT_TRUE(equals_ignoring_case("", ""));
  EXPECT_FALSE(equals_ignoring_case("bearer", "beare"));
  EXPECT_FALSE(equals_ignoring_case("[", "{"));
  EXPECT_FALSE(equals_ignoring_case("@", "`"));
  EXPECT_FALSE(equals_ignoring_case("É", "é"));
}

TEST(Split, KeepsEmptyPieces) {
  using Pieces = std::vector<std::string_view>;
  EXPECT_EQ(split("", ' '), Pieces{""});
  EXPECT_EQ(split("a", ' '), Pieces{"a"});
  EXPECT_EQ(split("a b", ' '), (Pieces{"a", "b"}));
  EXPECT_EQ(split(" a  b ", ' '), (Pieces{"", "a", "", "b", ""}));
}

TEST(Trim, TakesBlanksFromBothEndsOnly) {
  EXPECT_EQ(trim(" \t\r\n a b \n"), "a b");
  EXPECT_EQ(trim("a"), "a");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\xc2\xa0"), "\xc2\xa0");
}

// RFC 8707 §2: an absolute URI (RFC 3986 §4.3), without fragment.
TEST(AbsoluteUri, AcceptsUris) {
  for (const std::string_view text : {"https://api.example.com", "https://api.example.com/v1?x=%20", "urn:example:api",
                                      "a+b-1.c:x", "https://[2001:db8::1]:8443/"}) {
    EXPECT_TRUE(is_absolute_uri(text)) << text;
  }
}

TEST(AbsoluteUri, RefusesFragmentsRelativeAndForeignCharacters) {
  for (const std::string_view text :
       {"", "api", "/api", "//api", ":x", "https:", "1a:x", "+a:x", "https://a/#f", "https://a/ b", "https://a/\"",
        "https://a/\\", "https://a/<", "https://a/é", "ht tp://a", "https://a/\n", "a_b:x"}) {
    EXPECT_FALSE(is_absolute_uri(text)) << text;
  }
}

TEST(Hex, IsLowerCase) {
  EXPECT_EQ(to_hex(Bytes{0x00, 0x0f, 0xa5, 0xff}), "000fa5ff");
  EXPECT_EQ(to_hex({}), "");
}

TEST(Join, PutsTheSeparatorBetween) {
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
}

}  // namespace
}  // namespace mintmark
