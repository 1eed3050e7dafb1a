#include "mintmark/base/form.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

using namespace std::string_view_literals;

Parameters parse(std::string_view body) {
  const Result<Parameters> parameters = parse_form(body);
  EXPECT_TRUE(parameters) << body;
  return parameters ? *parameters : Parameters();
}

TEST(ParseForm, KeepsOrderAndRepetition) {
  EXPECT_EQ(parse("b=2&a=1&b=3"), (Parameters{{"b", "2"}, {"a", "1"}, {"b", "3"}}));
}

// RFC 6749 appendix B, with its own example.
TEST(ParseForm, DecodesNamesAndValues) {
  EXPECT_EQ(parse("q=+%25%26%2B%C2%A3%E2%82%AC"), (Parameters{{"q", " %&+£€"}}));
  EXPECT_EQ(parse("a%3Db=%3d&c+d=+"), (Parameters{{"a=b", "="}, {"c d", " "}}));
}

TEST(ParseForm, EmptyPiecesAreNoParameters) {
  EXPECT_EQ(parse(""), Parameters());
  EXPECT_EQ(parse("&&"), Parameters());
  EXPECT_EQ(parse("&a=1&&b=2&"), (Parameters{{"a", "1"}, {"b", "2"}}));
}

TEST(ParseForm, ANameWithoutValueIsEmptyAndLaterEqualsSignsBelongToTheValue) {
  EXPECT_EQ(parse("a&b=&=c&d=e=f"), (Parameters{{"a", ""}, {"b", ""}, {"", "c"}, {"d", "e=f"}}));
}

TEST(ParseForm, RefusesBrokenEscapesNulAndInvalidUtf8) {
  for (const std::string_view body :
       {"a=%"sv, "a=%4"sv, "a=%4g"sv, "a=%g4"sv, "a=%%41"sv, "%=1"sv, "a=1&b=%zz"sv, "a=%00"sv, "%00=a"sv, "a=\0"sv,
        "a=%ff"sv, "a=\xff"sv, "a=%c0%af"sv, "a=%ed%a0%80"sv, "%ff=a"sv}) {
    const Result<Parameters> parameters = parse_form(body);
    ASSERT_FALSE(parameters) << body;
    EXPECT_EQ(parameters.error().kind, ErrorKind::invalid);
  }
}

TEST(ParseForm, BoundsTheNumberOfParameters) {
  EXPECT_EQ(parse_form("a&b&c", 3)->size(), 3U);
  EXPECT_FALSE(parse_form("a&b&c", 2));
  EXPECT_TRUE(parse_form("a&&&&b&", 2));
  std::string many;
  for (int i = 0; i < 65; ++i)
    many += "a=1&";
  EXPECT_FALSE(parse_form(many));
}

TEST(DecodeFormComponent, ErrorsDoNotRepeatTheInput) {
  const Result<std::string> decoded = decode_form_component("canary%");
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().detail.find("canary"), std::string::npos);
}

}  // namespace
}  // namespace mintmark
