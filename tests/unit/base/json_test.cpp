#include "mintmark/base/json.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace mintmark {
namespace {

using namespace std::string_view_literals;

TEST(ParseJson, ReadsEveryKindOfValue) {
  const Result<Json> json = parse_json(R"({"a":[null,true,-1,18446744073709551615,1.5,"\u00e9\n"],"b":{}})");
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["a"].size(), 6U);
  EXPECT_EQ((*json)["a"][3].get<std::uint64_t>(), UINT64_MAX);
  EXPECT_EQ((*json)["a"][5], "é\n");
  EXPECT_TRUE((*json)["b"].is_object());
  EXPECT_EQ(parse_json(" 1 ").value(), 1);
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  for (const std::string_view text :
       {"",      " ",         "{",     "}",   "[1,]",        "{\"a\":1,}", "{a:1}", "{'a':1}", "01",
        "+1",    "1.",        ".5",    "NaN", "Infinity",    "1e999",      "nul",   "\"\t\"",  "\"\\x\"",
        "[1 2]", "{\"a\" 1}", "{} {}", "[]x", "\"\\ud800\"", "// c\n1",    "/**/1"}) {
    const Result<Json> json = parse_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().kind, ErrorKind::invalid) << text;
  }
}

// RFC 7515 §4, RFC 8259 §4.
TEST(ParseJson, RefusesDuplicateNamesHoweverSpelt) {
  for (const std::string_view text : {R"({"a":1,"a":1})", R"({"a":1,"\u0061":2})", R"({"x":{"b":[],"c":0,"b":[]}})",
                                      R"([{"a":{}},{"a":1,"b":2,"a":3}])", R"({"":1,"":2})"}) {
    const Result<Json> json = parse_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().detail, "JSON: duplicate name");
  }
  EXPECT_TRUE(parse_json(R"({"a":{"a":{"a":1}},"A":2,"b":[{"a":1},{"a":1}]})"));
}

TEST(ParseJson, BoundsDepth) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(parse_json(nested(16)));
  EXPECT_FALSE(parse_json(nested(17)));
  EXPECT_TRUE(parse_json("[[1]]", {.max_depth = 2}));
  EXPECT_FALSE(parse_json("[{\"a\":[]}]", {.max_depth = 2}));
  // Siblings do not nest.
  EXPECT_TRUE(parse_json("[[],[],[[]],[]]", {.max_depth = 3}));
}

TEST(ParseJson, RefusesAbysmalDepthQuickly) {
  const std::string opening(1'000'000, '[');
  EXPECT_FALSE(parse_json(opening, {.max_bytes = opening.size()}));
}

TEST(ParseJson, BoundsSize) {
  EXPECT_TRUE(parse_json("[1,2]", {.max_bytes = 5}));
  EXPECT_FALSE(parse_json("[1,2]", {.max_bytes = 4}));
  EXPECT_FALSE(parse_json(std::string(64 * 1024, ' ') + "1"));
}

TEST(ParseJson, BoundsTheNumberOfValues) {
  EXPECT_TRUE(parse_json(R"([1,{"a":2},3])", {.max_values = 5}));
  EXPECT_FALSE(parse_json(R"([1,{"a":2},3])", {.max_values = 4}));
}

TEST(ParseJson, CommentsOnlyWhereAllowed) {
  constexpr std::string_view kCommented = "// head\n{ /* a */ \"a\": 1 // tail\n}";
  EXPECT_FALSE(parse_json(kCommented));
  const Result<Json> json = parse_json(kCommented, {.comments = JsonComments::allowed});
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["a"], 1);
  EXPECT_FALSE(parse_json("1 /* open", {.comments = JsonComments::allowed}));
}

TEST(ParseJson, RefusesInvalidUtf8AndByteOrderMarks) {
  for (const std::string_view text :
       {"\"\xff\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\xef\xbb\xbf{}"}) {
    EXPECT_FALSE(parse_json(text));
  }
  EXPECT_EQ(parse_json("\"\xf0\x9f\xa6\x8a\"").value(), "🦊");
}

TEST(ParseJson, NothingHidesBehindANul) {
  for (const std::string_view text : {"{}\0"sv, "{}\0{"sv, "\0{}"sv, "{\"a\":\0 1}"sv, "\"\0\""sv}) {
    EXPECT_FALSE(parse_json(text)) << testing::PrintToString(text);
  }
  EXPECT_EQ(parse_json(R"("\u0000")").value(), "\0"sv);
}

TEST(ParseJson, ErrorsSayWhereAndRepeatNothing) {
  const std::vector<std::string> broken = {
      "{\"canary\":canary}",      "[\"canary",           "{\"canary\":1,\"canary\":2}", "\"\\canary\"",
      "canary at line 7: canary", "{\"a\":\n 1 canary}",
  };
  for (const std::string& text : broken) {
    const Result<Json> json = parse_json(text);
    ASSERT_FALSE(json) << text;
    EXPECT_EQ(json.error().detail.find("canary"), std::string::npos) << json.error().detail;
  }
  EXPECT_EQ(parse_json("{\"a\":\n 1 x}").error().detail, "JSON: not JSON, at line 2, column 4");
  EXPECT_EQ(parse_json("[1e999]").error().detail.find("999"), std::string::npos);
}

TEST(ParseJsonObject, TakesObjectsAlone) {
  EXPECT_TRUE(parse_json_object("{}"));
  for (const std::string_view text : {"[]", "1", "null", "\"{}\"", "{", ""}) {
    EXPECT_FALSE(parse_json_object(text)) << text;
  }
}

TEST(FindString, FindsStringsAlone) {
  const Json object = {{"a", "text"}, {"b", 1}, {"c", nullptr}};
  EXPECT_EQ(find_string(object, "a"), "text");
  EXPECT_EQ(find_string(object, "b"), std::nullopt);
  EXPECT_EQ(find_string(object, "c"), std::nullopt);
  EXPECT_EQ(find_string(object, "d"), std::nullopt);
}

}  // namespace
}  // namespace mintmark
