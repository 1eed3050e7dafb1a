#include "mintmark/base/json_reader.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

Json parse(std::string_view text) {
  return *parse_json(text);
}

std::string problem_of(JsonReader& in) {
  const Result<void> read = in.finish();
  return read ? std::string() : read.error().detail;
}

TEST(JsonReader, ReadsWhatIsThereAndDefaultsWhatIsNot) {
  const Json json =
      parse(R"({"s":"x","b":true,"i":7,"d":"15m","l":["a","b"],"t":"2026-01-31T09:00:00Z","o":{"k":1},"n":null})");
  JsonReader in(json, "");
  EXPECT_EQ(in.required_string("s"), "x");
  EXPECT_EQ(in.string("s2", "y"), "y");
  EXPECT_TRUE(in.boolean("b", false));
  EXPECT_TRUE(in.boolean("b2", true));
  EXPECT_EQ(in.integer("i", 1, 0, 7), 7);
  EXPECT_EQ(in.integer("i2", 1, 0, 7), 1);
  EXPECT_EQ(in.duration("d", {}), std::chrono::minutes(15));
  EXPECT_EQ(in.duration("d2", std::chrono::hours(1)), std::chrono::hours(1));
  EXPECT_EQ(in.strings("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(in.strings("l2").empty());
  EXPECT_TRUE(in.instant("t"));
  EXPECT_FALSE(in.instant("t2"));
  EXPECT_EQ(in.object("o"), Json({{"k", 1}}));
  EXPECT_EQ(in.object("o2"), Json::object());
  EXPECT_TRUE(in.any("n").is_null());
  EXPECT_TRUE(in.has("n"));
  EXPECT_EQ(problem_of(in), "");
}

struct WrongCase {
  std::string json;
  void (*read)(JsonReader&);
  std::string problem;
};

TEST(JsonReader, NamesThePathAndWhatWasExpected) {
  const std::vector<WrongCase> cases = {
      {R"({})", [](JsonReader& in) { in.required_string("a"); }, "x.a: is required"},
      {R"({"a":""})", [](JsonReader& in) { in.required_string("a"); }, "x.a: expected a string that is not empty"},
      {R"({"a":1})", [](JsonReader& in) { in.required_string("a"); }, "x.a: expected a string"},
      {R"({"a":null})", [](JsonReader& in) { in.string("a"); }, "x.a: expected a string"},
      {R"({"a":"true"})", [](JsonReader& in) { in.boolean("a", false); }, "x.a: expected true or false"},
      {R"({"a":8})", [](JsonReader& in) { in.integer("a", 1, 0, 7); }, "x.a: expected a whole number from 0 to 7"},
      {R"({"a":-1})", [](JsonReader& in) { in.integer("a", 1, 0, 7); }, "x.a: expected a whole number from 0 to 7"},
      {R"({"a":1.0})", [](JsonReader& in) { in.integer("a", 1, 0, 7); }, "x.a: expected a whole number from 0 to 7"},
      {R"({"a":18446744073709551615})", [](JsonReader& in) { in.integer("a", 1, -1, 7); },
       "x.a: expected a whole number from -1 to 7"},
      {R"({"a":15})", [](JsonReader& in) { in.duration("a", {}); },
       "x.a: expected a duration such as \"15m\" (units ms, s, m, h, d)"},
      {R"({"a":"b"})", [](JsonReader& in) { in.strings("a"); }, "x.a: expected an array of strings"},
      {R"({"a":["b",1]})", [](JsonReader& in) { in.strings("a"); }, "x.a[1]: expected a string"},
      {R"({"a":"31.1."})", [](JsonReader& in) { in.instant("a"); },
       "x.a: expected a time such as \"2026-01-31T09:00:00Z\""},
      {R"({"a":[]})", [](JsonReader& in) { in.object("a"); }, "x.a: expected an object"},
      {R"({"a":[]})", [](JsonReader& in) { in.child("a"); }, "x.a: expected an object"},
      {R"({"a":{}})", [](JsonReader& in) { in.children("a"); }, "x.a: expected an array of objects"},
      {R"({"a":[{},2]})", [](JsonReader& in) { in.children("a"); }, "x.a[1]: expected an object"},
      {R"({"a":1})", [](JsonReader&) {}, "x.a: is not known here"},
      {R"([])", [](JsonReader&) {}, "x: expected an object"},
  };
  for (const WrongCase& c : cases) {
    const Json json = parse(c.json);
    JsonReader in(json, "x");
    c.read(in);
    EXPECT_EQ(problem_of(in), c.problem) << c.json;
  }
}

TEST(JsonReader, KeepsTheFirstProblem) {
  const Json json = parse(R"({"a":1,"b":2})");
  JsonReader in(json, "");
  in.string("b");
  in.string("a");
  EXPECT_EQ(problem_of(in), "b: expected a string");
}

TEST(JsonReader, ProblemsOfChildrenCountAsItsOwn) {
  const Json json = parse(R"({"list":[{"a":"x"},{"a":1}]})");
  JsonReader in(json, "");
  for (JsonReader& item : in.children("list"))
    item.string("a");
  EXPECT_EQ(problem_of(in), "list[1].a: expected a string");
}

TEST(JsonReader, AnAbsentChildReadsAsEmpty) {
  const Json json = Json::object();
  JsonReader in(json, "");
  JsonReader child = in.child("a");
  EXPECT_EQ(child.string("b", "default"), "default");
  EXPECT_EQ(problem_of(child), "");
  EXPECT_EQ(child.path_of("b"), "a.b");
}

TEST(JsonReader, UnknownMembersAreIgnoredWhereSaid) {
  const Json json = parse(R"({"a":"x","later":1,"c":{"later":2}})");
  JsonReader in(json, "", UnknownMembers::ignored);
  EXPECT_EQ(in.string("a"), "x");
  JsonReader child = in.child("c");
  EXPECT_EQ(problem_of(child), "");
  EXPECT_EQ(problem_of(in), "");
}

}  // namespace
}  // namespace mintmark
