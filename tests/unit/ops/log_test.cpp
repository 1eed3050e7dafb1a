#include "mintmark/ops/log.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "mintmark/base/json.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::ops {
namespace {

class LogTest : public ::testing::Test {
 protected:
  std::string text_line(std::string_view value) { return line(LogFormat::text, value); }
  Json json_line(std::string_view value) {
    const std::string written = line(LogFormat::json, value);
    EXPECT_TRUE(parse_json_object(written)) << written;
    return Json::parse(written, nullptr, false);
  }

  static std::string line(LogFormat format, std::string_view value) {
    std::ostringstream out;
    Log log({.format = format}, out);
    log.info("request", {{"id", value}, {"status", std::int64_t{200}}, {"cached", true}});
    EXPECT_EQ(std::ranges::count(out.str(), '\n'), 1) << out.str();
    return out.str();
  }
};

TEST_F(LogTest, TextLineHasTimeLevelEventAndFields) {
  const std::string written = text_line("abc-1");
  EXPECT_EQ(written.substr(written.find('Z')), "Z info request id=abc-1 status=200 cached=true\n");
}

TEST_F(LogTest, JsonLineIsOneObject) {
  Json written = json_line("abc");
  EXPECT_EQ(written["level"], "info");
  EXPECT_EQ(written["event"], "request");
  EXPECT_EQ(written["id"], "abc");
  EXPECT_EQ(written["status"], 200);
  EXPECT_EQ(written["cached"], true);
  EXPECT_TRUE(written["time"].is_string());
}

TEST_F(LogTest, NoValueCanForgeALineOrAField) {
  EXPECT_NE(text_line("x\n2026-01-01T00:00:00.000Z info forged").find(R"(id="x\n2026)"), std::string::npos);
  EXPECT_NE(text_line("x status=500").find(R"(id="x status=500" status=200)"), std::string::npos);
  EXPECT_NE(text_line("x\" status=500").find(R"(id="x\" status=500")"), std::string::npos);
  EXPECT_EQ(json_line("x\",\"level\":\"error")["level"], "info");
  EXPECT_EQ(json_line("a\r\nb")["id"], "a\r\nb");
}

TEST_F(LogTest, TerminalsAreGivenAsciiAlone) {
  for (const std::string_view hostile : {"\x1b[2J", "\x7f",
                                         "\xc2\x9b"
                                         "2J",
                                         "\xe2\x80\xa8", "\xff\xfe"}) {
    for (const LogFormat format : {LogFormat::text, LogFormat::json}) {
      const std::string written = line(format, hostile);
      EXPECT_TRUE(std::ranges::all_of(written, [](char c) { return c == '\n' || (c >= ' ' && c < 0x7f); })) << written;
    }
  }
}

TEST_F(LogTest, FormatDirectivesAreText) {
  EXPECT_NE(text_line("{}%v%n").find("id={}%v%n "), std::string::npos);
}

TEST_F(LogTest, OverlongValuesAreCut) {
  EXPECT_LT(text_line(std::string(100'000, 'a')).size(), 2000U);
}

TEST_F(LogTest, EmptyValueIsVisible) {
  EXPECT_NE(text_line("").find("id=\"\" "), std::string::npos);
}

TEST_F(LogTest, LevelsBelowTheConfiguredAreNotWritten) {
  std::ostringstream out;
  Log log({.level = LogLevel::warning}, out);
  EXPECT_FALSE(log.writes(LogLevel::info));
  log.debug("one");
  log.info("two");
  EXPECT_EQ(out.str(), "");
  log.warning("three");
  log.error("four");
  EXPECT_NE(out.str().find("warning three"), std::string::npos);
  EXPECT_NE(out.str().find("error four"), std::string::npos);
}

TEST_F(LogTest, AStreamThatFailsHarmsNobody) {
  class Broken : public std::streambuf {
  } broken;
  std::ostream stream(&broken);
  stream.exceptions(std::ios::badbit | std::ios::failbit);
  Log log({}, stream);
  log.info("lost");
}

TEST_F(LogTest, LevelAndFormChangeBetweenTwoLines) {
  std::ostringstream out;
  Log log({.format = LogFormat::text, .level = LogLevel::info}, out);
  log.debug("unseen");
  log.set_options({.format = LogFormat::json, .level = LogLevel::debug});
  EXPECT_TRUE(log.writes(LogLevel::debug));
  log.debug("seen");
  log.set_options({.format = LogFormat::text, .level = LogLevel::error});
  log.warning("unseen too");
  log.error("the last");
  std::istringstream lines(out.str());
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_EQ(Json::parse(line, nullptr, false)["event"], "seen");
  ASSERT_TRUE(std::getline(lines, line));
  EXPECT_TRUE(line.ends_with("Z error the last")) << line;
  EXPECT_FALSE(std::getline(lines, line));
}

TEST(LogFile, IsAppendedToAndOpenedAnewByItsName) {
  const mintmark::testing::TempDir folder;
  const std::filesystem::path file = folder.write("mint.log", "before\n");
  const Result<std::unique_ptr<Log>> log = Log::open({.file = file});
  ASSERT_TRUE(log) << log.error().detail;
  (*log)->info("first");
  std::filesystem::rename(file, folder / "mint.log.1");
  (*log)->info("second");
  ASSERT_TRUE((*log)->reopen());
  (*log)->info("third");
  const std::string moved = mintmark::testing::read_all(folder / "mint.log.1");
  EXPECT_TRUE(moved.starts_with("before\n")) << moved;
  EXPECT_TRUE(moved.ends_with("info second\n")) << moved;
  const std::string current = mintmark::testing::read_all(file);
  EXPECT_TRUE(current.ends_with("info third\n")) << current;
  EXPECT_EQ(std::ranges::count(current, '\n'), 1);
}

TEST(LogFile, GoesOnInTheOldOneWhereTheNewCannotBeOpened) {
  const mintmark::testing::TempDir folder;
  std::filesystem::create_directory(folder / "logs");
  const std::filesystem::path file = folder / "logs" / "mint.log";
  const Result<std::unique_ptr<Log>> log = Log::open({.file = file});
  ASSERT_TRUE(log);
  std::filesystem::rename(folder / "logs", folder / "moved");
  const Result<void> reopened = (*log)->reopen();
  ASSERT_FALSE(reopened);
  EXPECT_EQ(reopened.error().detail, file.string() + ": No such file or directory");
  (*log)->info("still here");
  EXPECT_NE(mintmark::testing::read_all(folder / "moved" / "mint.log").find("still here"), std::string::npos);
}

TEST(LogFile, ThatCannotBeOpenedIsNamed) {
  const Result<std::unique_ptr<Log>> log = Log::open({.file = "/nowhere/mint.log"});
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().detail, "/nowhere/mint.log: No such file or directory");
}

}  // namespace
}  // namespace mintmark::ops
