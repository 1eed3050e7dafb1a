#include "mintmark/accounts/user.hpp"

#include <gtest/gtest.h>

#include <set>

#include "mintmark/base/base64.hpp"

namespace mintmark::accounts {
namespace {

TEST(User, IdsAreSixteenBytesThatDoNotRepeat) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const UserId id = make_user_id();
    const Result<Bytes> bytes = decode_base64url(id.str());
    ASSERT_TRUE(bytes);
    EXPECT_EQ(bytes->size(), 16U);
    EXPECT_TRUE(seen.insert(id.str()).second);
  }
}

TEST(Username, AcceptsWhatPeopleAreCalled) {
  for (const std::string_view name :
       {"a", "alice@example.com", "Jörg Müller", "李小龍", "o'neil", "\xc2\xa0", "ß", "🦊"}) {
    EXPECT_TRUE(is_username(name)) << name;
  }
  EXPECT_TRUE(is_username(std::string(255, 'a')));
}

TEST(Username, RefusesEmptyLongAndUnprintable) {
  using namespace std::string_view_literals;
  for (const std::string_view name : {""sv, "a\0b"sv, "a\nb"sv, "a\tb"sv, "\x1b[2J"sv, "a\x7f"sv, "\xc2\x80"sv,
                                      "a\xc2\x9f"sv, "\xff"sv, "\xc2"sv, "\xc0\xaf"sv, "\xed\xa0\x80"sv}) {
    EXPECT_FALSE(is_username(name)) << testing::PrintToString(name);
  }
  EXPECT_FALSE(is_username(std::string(256, 'a')));
}

}  // namespace
}  // namespace mintmark::accounts
