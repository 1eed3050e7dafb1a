#include "mintmark/accounts/user_directory.hpp"

#include <gtest/gtest.h>

#include "fake_user_repository.hpp"

namespace mintmark::accounts {
namespace {

User make_user(const char* id, const char* username) {
  User user;
  user.id = UserId(id);
  user.username = username;
  return user;
}

class UserDirectoryTest : public testing::Test {
 protected:
  FakeUserRepository repository_;
  UserDirectory directory_{{make_user("d1", "declared")}, repository_};
};

TEST_F(UserDirectoryTest, FindsDeclaredUsersWithoutTheStore) {
  repository_.down = true;
  const auto by_id = directory_.find_by_id(UserId("d1"));
  const auto by_name = directory_.find_by_username("declared");
  ASSERT_TRUE(by_id && *by_id);
  ASSERT_TRUE(by_name && *by_name);
  EXPECT_EQ(**by_id, **by_name);
  EXPECT_EQ((*by_id)->username, "declared");
}

TEST_F(UserDirectoryTest, FindsStoredUsers) {
  ASSERT_TRUE(repository_.insert_user(make_user("s1", "stored")));
  const auto by_id = directory_.find_by_id(UserId("s1"));
  const auto by_name = directory_.find_by_username("stored");
  ASSERT_TRUE(by_id && *by_id);
  ASSERT_TRUE(by_name && *by_name);
  EXPECT_EQ((*by_id)->username, "stored");
  EXPECT_EQ((*by_name)->id, UserId("s1"));
}

TEST_F(UserDirectoryTest, NamesAreComparedByteByByte) {
  for (const std::string_view name : {"Declared", "declared ", "declare", ""}) {
    const auto found = directory_.find_by_username(name);
    ASSERT_TRUE(found);
    EXPECT_FALSE(*found) << name;
  }
}

TEST_F(UserDirectoryTest, AnAbsentUserIsNoError) {
  const auto by_id = directory_.find_by_id(UserId("nobody"));
  ASSERT_TRUE(by_id);
  EXPECT_FALSE(*by_id);
}

TEST_F(UserDirectoryTest, AStoreThatFailsIsAnError) {
  repository_.down = true;
  const auto found = directory_.find_by_username("stored");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().kind, ErrorKind::unavailable);
}

TEST_F(UserDirectoryTest, AStoredUserWithADeclaredNameIsNotFound) {
  ASSERT_TRUE(repository_.insert_user(make_user("s1", "declared")));
  EXPECT_EQ((**directory_.find_by_username("declared")).id, UserId("d1"));
  EXPECT_FALSE(*directory_.find_by_id(UserId("s1")));
}

TEST_F(UserDirectoryTest, AStoredUserWithADeclaredIdIsNotFound) {
  ASSERT_TRUE(repository_.insert_user(make_user("d1", "impostor")));
  EXPECT_FALSE(*directory_.find_by_username("impostor"));
  EXPECT_EQ((**directory_.find_by_id(UserId("d1"))).username, "declared");
}

TEST_F(UserDirectoryTest, KnowsWhatIsDeclared) {
  EXPECT_TRUE(directory_.is_declared(UserId("d1")));
  EXPECT_FALSE(directory_.is_declared(UserId("declared")));
  EXPECT_TRUE(directory_.is_declared_name("declared"));
  EXPECT_FALSE(directory_.is_declared_name("d1"));
}

TEST_F(UserDirectoryTest, OtherDeclaredUsersTakeThePlaceOfTheOldOnes) {
  ASSERT_TRUE(repository_.insert_user(make_user("s1", "stored")));
  directory_.set_declared({make_user("d2", "declared"), make_user("d3", "stored")});
  EXPECT_EQ((**directory_.find_by_username("declared")).id, UserId("d2"));
  EXPECT_FALSE(*directory_.find_by_id(UserId("d1")));
  EXPECT_EQ((**directory_.find_by_username("stored")).id, UserId("d3"));
  EXPECT_FALSE(directory_.is_declared(UserId("d1")));
}

}  // namespace
}  // namespace mintmark::accounts
