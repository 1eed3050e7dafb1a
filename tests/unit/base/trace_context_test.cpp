#include "mintmark/base/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mintmark {
namespace {

const std::string kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr TraceContext kExpected{"4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"};

std::string with_version(const std::string& version, const std::string& suffix = {}) {
  return version + kExample.substr(2) + suffix;
}

// https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
TEST(TraceContext, ReadsTheExamplesOfTheSpecification) {
  EXPECT_EQ(parse_traceparent(kExample), kExpected);
  EXPECT_EQ(parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"), kExpected);
}

TEST(TraceContext, AnyFlagsAreAccepted) {
  EXPECT_EQ(parse_traceparent(kExample.substr(0, 53) + "ff"), kExpected);
  EXPECT_EQ(parse_traceparent(kExample.substr(0, 53) + "03"), kExpected) << "level 2: random trace id";
}

// https://www.w3.org/TR/trace-context/#versioning-of-traceparent
TEST(TraceContext, LaterVersionsAreReadAsFarAsTheyAreKnown) {
  EXPECT_EQ(parse_traceparent(with_version("cc")), kExpected);
  EXPECT_EQ(parse_traceparent(with_version("cc", "-what-the-future-will-be-like")), kExpected);
  EXPECT_EQ(parse_traceparent(with_version("01", "-")), kExpected);
  EXPECT_EQ(parse_traceparent(with_version("cc", ".what-the-future-will-not-be-like")), std::nullopt);
  EXPECT_EQ(parse_traceparent(with_version("cc", "0")), std::nullopt);
}

TEST(TraceContext, VersionZeroHasItsLengthAndNoOther) {
  EXPECT_EQ(parse_traceparent(with_version("00", "-")), std::nullopt);
  EXPECT_EQ(parse_traceparent(with_version("00", "-00")), std::nullopt);
  for (std::size_t length = 0; length < kExample.size(); ++length) {
    EXPECT_EQ(parse_traceparent(std::string_view(kExample).substr(0, length)), std::nullopt) << length;
  }
}

TEST(TraceContext, VersionFfIsInvalid) {
  EXPECT_EQ(parse_traceparent(with_version("ff")), std::nullopt);
}

TEST(TraceContext, IdentifiersOfZerosAreInvalid) {
  EXPECT_EQ(parse_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), std::nullopt);
  EXPECT_EQ(parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"), std::nullopt);
}

TEST(TraceContext, EveryCharacterCounts) {
  for (std::size_t place = 0; place < kExample.size(); ++place) {
    for (const char wrong : {'A', 'g', '.', ' ', '\0', '\n', '"', '\xff', kExample[place] == '-' ? '0' : '-'}) {
      std::string value = kExample;
      value[place] = wrong;
      EXPECT_EQ(parse_traceparent(value), std::nullopt) << place << ' ' << int{wrong};
    }
  }
}

TEST(TraceContext, OverlongValuesAreNoTrouble) {
  EXPECT_EQ(parse_traceparent(std::string(100'000, '0')), std::nullopt);
  EXPECT_EQ(parse_traceparent(with_version("cc", "-" + std::string(100'000, '-'))), kExpected);
}

}  // namespace
}  // namespace mintmark
