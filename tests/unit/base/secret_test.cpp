#include "mintmark/base/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <ostream>
#include <type_traits>

namespace mintmark {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
template <class T>
concept Comparable = requires(const T& a, const T& b) {
  a == b;
};

static_assert(!Printable<Secret> && !Comparable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string> && !std::is_convertible_v<Secret, ByteView>);
static_assert(!std::is_convertible_v<std::string_view, Secret>);

TEST(Secret, RevealsWhatItWasGiven) {
  const Secret secret(std::string_view("hush\0!", 6));
  EXPECT_EQ(secret.size(), 6U);
  EXPECT_EQ(secret.reveal_text(), std::string_view("hush\0!", 6));
  EXPECT_EQ(as_text(secret.reveal()), secret.reveal_text());
  EXPECT_FALSE(secret.empty());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, CopiesAreIndependent) {
  Secret first(std::string_view("one"));
  const Secret copy = first;
  first = Secret(std::string_view("two"));
  EXPECT_EQ(copy.reveal_text(), "one");
  EXPECT_EQ(first.reveal_text(), "two");
  first = copy;
  EXPECT_EQ(first.reveal_text(), "one");
  EXPECT_NE(first.reveal().data(), copy.reveal().data());
}

TEST(Secret, MovingTakesTheBytesAndLeavesNone) {
  Secret first(std::string_view("one"));
  const std::uint8_t* const bytes = first.reveal().data();
  Secret second = std::move(first);
  EXPECT_EQ(second.reveal().data(), bytes);
  EXPECT_TRUE(first.empty());  // NOLINT(bugprone-use-after-move): what is left is what is tested
  first = std::move(second);
  EXPECT_EQ(first.reveal().data(), bytes);
  EXPECT_TRUE(second.empty());  // NOLINT(bugprone-use-after-move)
}

TEST(Secret, SurvivesAssignmentToItself) {
  Secret secret(std::string_view("one"));
  Secret& alias = secret;
  secret = alias;
  EXPECT_EQ(secret.reveal_text(), "one");
  secret = std::move(alias);
  EXPECT_EQ(secret.reveal_text(), "one");
}

TEST(Wipe, OverwritesExactlyWhatItIsTold) {
  std::array<char, 8> bytes;
  bytes.fill('x');
  wipe(bytes.data() + 2, 4);
  EXPECT_TRUE(std::ranges::equal(bytes, std::string_view("xx\0\0\0\0xx", 8)));
  wipe(nullptr, 0);
}

}  // namespace
}  // namespace mintmark
