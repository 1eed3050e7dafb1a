#include "mintmark/base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace mintmark {
namespace {

TEST(Result, HoldsAValue) {
  const Result<std::string> result = "text";
  ASSERT_TRUE(result);
  EXPECT_EQ(*result, "text");
  EXPECT_EQ(result->size(), 4U);
  EXPECT_EQ(result.value(), "text");
}

TEST(Result, HoldsAnError) {
  const Result<std::string> result = invalid("why");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), (Error{ErrorKind::invalid, "why"}));
}

TEST(Result, MovesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, AFalsyValueIsStillAValue) {
  EXPECT_TRUE(Result<bool>(false));
  EXPECT_TRUE(Result<int>(0));
  const Result<std::optional<int>> none = std::optional<int>();
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
}

TEST(Result, OfNothingIsSuccessOrAnError) {
  const Result<void> done;
  EXPECT_TRUE(done);
  const Result<void> failed = conflict("taken");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().kind, ErrorKind::conflict);
}

TEST(Result, TakesAnotherErrorType) {
  enum class Why { a, b };
  const Result<int, Why> failed = Why::b;
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error(), Why::b);
}

TEST(ResultDeathTest, ReadingTheWrongSideEndsTheProgram) {
  const Result<int> failed = invalid("why");
  const Result<int> fine = 1;
  const Result<void> done;
  EXPECT_DEATH((void)*failed, "");
  EXPECT_DEATH((void)fine.error(), "");
  EXPECT_DEATH((void)done.error(), "");
}

TEST(ErrorKind, HasANameForEachKind) {
  EXPECT_EQ(name(ErrorKind::invalid), "invalid");
  EXPECT_EQ(name(ErrorKind::not_found), "not_found");
  EXPECT_EQ(name(ErrorKind::conflict), "conflict");
  EXPECT_EQ(name(ErrorKind::unavailable), "unavailable");
  EXPECT_EQ(name(ErrorKind::corrupt), "corrupt");
  EXPECT_EQ(name(ErrorKind::crypto), "crypto");
  EXPECT_EQ(name(ErrorKind::unsupported), "unsupported");
}

}  // namespace
}  // namespace mintmark
