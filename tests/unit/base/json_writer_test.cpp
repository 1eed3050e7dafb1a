#include "mintmark/base/json_writer.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

TEST(JsonWriter, PutsCommasBetweenAndNowhereElse) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", std::int64_t{1}).key("b").begin_array();
  json.value(true).value("x").begin_object().end_object().begin_array().end_array().value(false);
  json.end_array().key("c").begin_object().member("d", "e").end_object().member("f", std::string("g")).end_object();
  EXPECT_EQ(out, R"({"a":1,"b":[true,"x",{},[],false],"c":{"d":"e"},"f":"g"})");
}

TEST(JsonWriter, AppendsToWhatIsThere) {
  std::string out = "data: ";
  JsonWriter(out).begin_array().value("a").end_array();
  EXPECT_EQ(out, "data: [\"a\"]");
}

TEST(JsonWriter, WritesTheWholeRangeOfIntegers) {
  std::string out;
  JsonWriter(out).begin_array().value(INT64_MIN).value(std::int64_t{0}).value(INT64_MAX).end_array();
  EXPECT_EQ(out, "[-9223372036854775808,0,9223372036854775807]");
}

TEST(JsonWriter, EmbedsJsonValues) {
  std::string out;
  JsonWriter(out).begin_object().member("a", Json{{"b", {1, nullptr}}}).member("c", Json("d\"")).end_object();
  EXPECT_EQ(out, R"({"a":{"b":[1,null]},"c":"d\""})");
}

// RFC 8259 §7: quote, backslash and U+0000 to U+001F must be escaped.
TEST(AppendJsonString, EscapesWhatMustBeAndReadsBackTheSame) {
  for (int c = 0; c < 0x80; ++c) {
    const std::string text = "<" + std::string(3, static_cast<char>(c)) + ">";
    std::string out;
    append_json_string(out, text);
    const Result<Json> read = parse_json(out);
    ASSERT_TRUE(read) << c;
    EXPECT_EQ(*read, text) << c;
  }
}

TEST(AppendJsonString, UsesShortEscapesAndLeavesUtf8) {
  std::string out;
  append_json_string(out, "a\"b\\c\nd\re\tf\x01\x1f\x7f é🦊/");
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\nd\\re\\tf\\u0001\\u001f\x7f é🦊/\"");
}

TEST(AppendJsonString, EscapesNames) {
  std::string out;
  JsonWriter(out).begin_object().member("a\"", "").end_object();
  EXPECT_EQ(out, R"({"a\"":""})");
}

}  // namespace
}  // namespace mintmark
