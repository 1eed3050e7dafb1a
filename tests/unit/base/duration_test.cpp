#include "mintmark/base/duration.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

TEST(Duration, ReadsEachUnit) {
  EXPECT_EQ(*parse_duration("500ms"), 500ms);
  EXPECT_EQ(*parse_duration("30s"), 30s);
  EXPECT_EQ(*parse_duration("15m"), 15min);
  EXPECT_EQ(*parse_duration("1h"), 1h);
  EXPECT_EQ(*parse_duration("30d"), 720h);
  EXPECT_EQ(*parse_duration("0s"), 0s);
}

TEST(Duration, RefusesEverythingElse) {
  for (const std::string_view text :
       {""sv, "15"sv, "m"sv, "-1s"sv, "+1s"sv, " 1s"sv, "1s "sv, "1 s"sv, "1.5h"sv, "1h30m"sv, "1M"sv, "1w"sv, "1e3s"sv,
        "0x1s"sv, "1s\0"sv, "99999999999999999999s"sv, "106752d"sv, "９s"sv}) {
    const Result<Duration> duration = parse_duration(text);
    ASSERT_FALSE(duration) << text;
    EXPECT_EQ(duration.error().kind, ErrorKind::invalid) << text;
  }
}

TEST(Duration, TheLongestLeavesRoomForAddingToTheTime) {
  const Result<Duration> longest = parse_duration("106751d");
  ASSERT_TRUE(longest);
  EXPECT_GT(*longest, 0s);
  EXPECT_GT((from_unix_ms(4'102'444'800'000) + *longest).time_since_epoch(), *longest);
}

TEST(Duration, WritesTheShortestThatReadsBack) {
  for (const std::string_view text : {"0s", "1ms", "1001ms", "1s", "90s", "15m", "90m", "1h", "25h", "1d", "30d"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
  EXPECT_EQ(format_duration(60s), "1m");
  EXPECT_EQ(format_duration(24h), "1d");
}

TEST(Instant, WritesRfc3339InUtc) {
  EXPECT_EQ(format_instant(from_unix_ms(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_instant(from_unix_ms(1'769'850'000'999)), "2026-01-31T09:00:00Z");
  EXPECT_EQ(format_instant(from_unix_ms(-1)), "1969-12-31T23:59:59Z");
}

TEST(Instant, ReadsWhatItWrites) {
  for (const std::string_view text : {"2026-01-31T09:00:00Z", "2024-02-29T23:59:59Z", "1970-01-01T00:00:00Z"}) {
    const Result<Instant> instant = parse_instant(text);
    ASSERT_TRUE(instant) << text;
    EXPECT_EQ(format_instant(*instant), text);
  }
  EXPECT_EQ(*parse_instant("2026-01-31T09:00:00Z"), from_unix_ms(1'769'850'000'000));
}

TEST(Instant, RefusesEveryOtherSpelling) {
  for (const std::string_view text : {""sv,
                                      "2026-01-31"sv,
                                      "2026-01-31T09:00:00"sv,
                                      "2026-01-31T09:00:00z"sv,
                                      "2026-01-31 09:00:00Z"sv,
                                      "2026-01-31T09:00Z"sv,
                                      "2026-01-31T09:00:00.0Z"sv,
                                      "2026-01-31T09:00:00+00:00"sv,
                                      "2026-02-29T00:00:00Z"sv,
                                      "2026-13-01T00:00:00Z"sv,
                                      "2026-00-01T00:00:00Z"sv,
                                      "2026-01-31T24:00:00Z"sv,
                                      "2026-01-31T09:60:00Z"sv,
                                      "2026-01-31T23:59:60Z"sv,
                                      "2026-01-31T-1:00:00Z"sv,
                                      "2026-1-31T09:00:00Z"sv,
                                      " 2026-01-31T09:00:00Z"sv,
                                      "2026-01-31T09:00:00Zx"sv,
                                      "2026-01-31T09:00:00Z\0"sv,
                                      "-001-01-31T09:00:00Z"sv,
                                      "2026-01-31T 9:00:00Z"sv}) {
    EXPECT_FALSE(parse_instant(text)) << text;
  }
}

// RFC 7519 §2: a NumericDate is rounded down, also before the epoch.
TEST(Clock, NumericDatesRoundDown) {
  EXPECT_EQ(to_numeric_date(from_unix_ms(1'999)), 1);
  EXPECT_EQ(to_numeric_date(from_unix_ms(-1)), -1);
  EXPECT_EQ(to_unix_ms(from_unix_ms(1'999)), 1'999);
}

TEST(Clock, TheSystemClockIsOfThisCentury) {
  EXPECT_GT(SystemClock().now(), from_unix_ms(1'600'000'000'000));
}

}  // namespace
}  // namespace mintmark
