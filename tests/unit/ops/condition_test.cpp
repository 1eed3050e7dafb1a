#include "mintmark/ops/condition.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace mintmark::ops {
namespace {

TEST(Condition, OnlyChangesAreNews) {
  std::ostringstream out;
  Log log({}, out);
  Condition condition(log, "key rotation");
  const auto lines = [&] { return std::ranges::count(out.str(), '\n'); };

  condition.report({});
  EXPECT_EQ(lines(), 0);
  condition.report(unavailable("disk full"));
  condition.report(unavailable("disk full"));
  EXPECT_EQ(lines(), 1);
  EXPECT_NE(out.str().find("subject=\"key rotation\" kind=unavailable detail=\"disk full\""), std::string::npos);
  condition.report({});
  condition.report({});
  EXPECT_EQ(lines(), 2);
  condition.report(corrupt("row 7"));
  EXPECT_EQ(lines(), 3);
}

}  // namespace
}  // namespace mintmark::ops
