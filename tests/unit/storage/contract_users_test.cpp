#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class UserContract : public Contract {
 protected:
  accounts::UserRepository& users() { return storage_->users(); }
  std::optional<accounts::User> find(const char* id) { return value_of(users().find_by_id(UserId(id))); }
};

INSTANTIATE_TEST_SUITE_P(Engines, UserContract, engines(), engine_name);

TEST_P(UserContract, GivesBackEveryField) {
  const accounts::User user = sample_user("u1", "alice");
  ASSERT_TRUE(users().insert_user(user));
  EXPECT_EQ(find("u1"), user);
  EXPECT_EQ(value_of(users().find_by_username("alice")), user);
}

TEST_P(UserContract, AnAbsentUserIsNoError) {
  EXPECT_EQ(find("u1"), std::nullopt);
  EXPECT_EQ(value_of(users().find_by_username("alice")), std::nullopt);
}

TEST_P(UserContract, NamesAreComparedByteByByte) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  EXPECT_EQ(value_of(users().find_by_username("Alice")), std::nullopt);
  EXPECT_EQ(value_of(users().find_by_username("alice ")), std::nullopt);
  EXPECT_EQ(value_of(users().find_by_username(std::string_view("alice\0", 6))), std::nullopt);
  EXPECT_EQ(value_of(users().find_by_username("%")), std::nullopt);
  EXPECT_EQ(value_of(users().find_by_username("")), std::nullopt);
}

TEST_P(UserContract, IdsAndNamesAreTakenOnce) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  EXPECT_KIND(users().insert_user(sample_user("u1", "bob")), ErrorKind::conflict);
  EXPECT_KIND(users().insert_user(sample_user("u2", "alice")), ErrorKind::conflict);
  EXPECT_EQ(find("u2"), std::nullopt);
}

TEST_P(UserContract, ListsByNameInPages) {
  for (const char* name : {"dora", "alice", "carol", "bob"})
    ASSERT_TRUE(users().insert_user(sample_user(std::string("id-") + name, name)));
  const std::vector<accounts::User> first = value_of(users().list_users("", 3));
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(first[0].username, "alice");
  EXPECT_EQ(first[2].username, "carol");
  const std::vector<accounts::User> second = value_of(users().list_users("carol", 3));
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(second[0].username, "dora");
  EXPECT_EQ(value_of(users().list_users("", ~std::size_t{0})).size(), 4U);
}

TEST_P(UserContract, UpdatesTheVersionThatWasRead) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  accounts::User user = *find("u1");
  user.username = "alicia";
  user.disabled = false;
  user.attributes = Json::object();
  user.password_hash.clear();
  ASSERT_TRUE(users().update_user(user));
  ++user.version;
  EXPECT_EQ(find("u1"), user);
  --user.version;
  EXPECT_KIND(users().update_user(user), ErrorKind::conflict);
}

TEST_P(UserContract, RefusesAnUpdateToATakenNameOrOfNobody) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  ASSERT_TRUE(users().insert_user(sample_user("u2", "bob")));
  EXPECT_KIND(users().update_user(sample_user("u2", "alice")), ErrorKind::conflict);
  EXPECT_EQ(find("u2"), sample_user("u2", "bob"));
  EXPECT_KIND(users().update_user(sample_user("u3", "carol")), ErrorKind::not_found);
}

TEST_P(UserContract, Erases) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  ASSERT_TRUE(users().erase_user(UserId("u1")));
  EXPECT_EQ(find("u1"), std::nullopt);
  EXPECT_KIND(users().erase_user(UserId("u1")), ErrorKind::not_found);
}

TEST_P(UserContract, ReplacesAPasswordHashOnlyIfItIsTheExpectedOne) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  const std::string old = find("u1")->password_hash;
  EXPECT_TRUE(value_of(users().replace_password_hash(UserId("u1"), old, "new")));
  EXPECT_EQ(find("u1")->password_hash, "new");
  EXPECT_GT(find("u1")->version, 1U);
  EXPECT_FALSE(value_of(users().replace_password_hash(UserId("u1"), old, "newer")));
  EXPECT_FALSE(value_of(users().replace_password_hash(UserId("u2"), old, "newer")));
  EXPECT_EQ(find("u1")->password_hash, "new");
}

TEST_P(UserContract, OfManyRehashesOneWins) {
  ASSERT_TRUE(users().insert_user(sample_user("u1", "alice")));
  const std::string old = find("u1")->password_hash;
  EXPECT_EQ(count_winners([&](int number) {
              return value_of(users().replace_password_hash(UserId("u1"), old, "new" + std::to_string(number)));
            }),
            1);
}

TEST_P(UserContract, HostileNamesArePlainData) {
  const std::vector<std::string> names = {"'; DROP TABLE users; --", "\" OR 1=1 --", "?1", ":id", "%_\\",
                                          "\xf0\x9f\x94\x91"};
  for (const std::string& name : names)
    ASSERT_TRUE(users().insert_user(sample_user("id of " + name, name)));
  for (const std::string& name : names) {
    EXPECT_EQ(value_of(users().find_by_username(name)), sample_user("id of " + name, name));
    EXPECT_EQ(value_of(users().find_by_id(UserId("id of " + name))), sample_user("id of " + name, name));
  }
  EXPECT_EQ(value_of(users().list_users("", 100)).size(), names.size());
}

}  // namespace
}  // namespace mintmark::storage
