#include <algorithm>

#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class ChangeContract : public Contract {
 protected:
  /// Whether `act` succeeds and moves the counter.
  template <class Act>
  ::testing::AssertionResult counts(Act act) {
    const std::uint64_t before = changes();
    const Result<void> done = act();
    if (!done) return ::testing::AssertionFailure() << done.error().detail;
    if (changes() <= before) return ::testing::AssertionFailure() << "the counter stayed at " << before;
    return ::testing::AssertionSuccess();
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, ChangeContract, engines(), engine_name);

TEST_P(ChangeContract, AnswersTheCheck) {
  EXPECT_TRUE(storage_->check());
  EXPECT_TRUE(storage_->check());
}

TEST_P(ChangeContract, SaysHowLargeItsTablesAre) {
  const auto rows = [&](std::string_view table) {
    const Result<StorageSize> size = storage_->measure();
    if (!size) return -1;
    const auto found = std::ranges::find(size->tables, table, &StorageSize::Table::name);
    return found == size->tables.end() ? -1 : static_cast<int>(found->rows);
  };
  for (const char* table : {"signing_keys", "clients", "resources", "users", "one_time_values", "refresh_families",
                            "attempt_counters", "client_secret_uses"}) {
    EXPECT_EQ(rows(table), 0) << table;
  }
  ASSERT_TRUE(storage_->clients().insert_client(sample_client("web")));
  ASSERT_TRUE(storage_->clients().insert_client(sample_client("app")));
  ASSERT_TRUE(storage_->users().insert_user(sample_user("u1", "alice")));
  EXPECT_EQ(rows("clients"), 2);
  EXPECT_EQ(rows("users"), 1);
  EXPECT_EQ(rows("resources"), 0);
}

TEST_P(ChangeContract, KeysCount) {
  const std::vector<keys::KeyRecord> one = {sample_key("a")};
  const std::vector<KeyId> gone = {KeyId("a")};
  EXPECT_TRUE(counts([&] { return storage_->keys().store_keys(0, one, {}); }));
  EXPECT_TRUE(counts([&] { return storage_->keys().store_keys(1, one, {}); }));
  EXPECT_TRUE(counts([&] { return storage_->keys().store_keys(2, {}, gone); }));
}

TEST_P(ChangeContract, ClientsCount) {
  EXPECT_TRUE(counts([&] { return storage_->clients().insert_client(sample_client("web")); }));
  EXPECT_TRUE(counts([&] { return storage_->clients().update_client(sample_client("web")); }));
  EXPECT_TRUE(counts([&] { return storage_->clients().erase_client(ClientId("web")); }));
}

TEST_P(ChangeContract, ResourcesCount) {
  const oauth::Resource resource = sample_resource("https://api.example");
  EXPECT_TRUE(counts([&] { return storage_->resources().insert_resource(resource); }));
  EXPECT_TRUE(counts([&] { return storage_->resources().update_resource(resource); }));
  EXPECT_TRUE(counts([&] { return storage_->resources().erase_resource(resource.id); }));
}

TEST_P(ChangeContract, FailedWritesDoNotCount) {
  ASSERT_TRUE(storage_->clients().insert_client(sample_client("web")));
  const std::uint64_t before = changes();
  EXPECT_FALSE(storage_->clients().insert_client(sample_client("web")));
  EXPECT_FALSE(storage_->clients().erase_client(ClientId("other")));
  EXPECT_EQ(changes(), before);
}

// Whoever polls the counter would otherwise drop its caches with each refresh and each rehash at login; users are never
// cached.
TEST_P(ChangeContract, UsersRefreshFamiliesOneTimeValuesAndChecksDoNotCount) {
  const std::uint64_t before = changes();
  const accounts::User user = sample_user("u1", "alice");
  ASSERT_TRUE(storage_->users().insert_user(user));
  ASSERT_TRUE(value_of(storage_->users().replace_password_hash(user.id, user.password_hash, "new")));
  ASSERT_TRUE(storage_->users().erase_user(user.id));
  const oauth::RefreshFamily family = sample_family("f1");
  ASSERT_TRUE(storage_->refresh_families().insert_family(family));
  ASSERT_TRUE(value_of(storage_->refresh_families().rotate_family(sample_rotation(family, 8))));
  ASSERT_TRUE(storage_->refresh_families().revoke_family(family.id, at(10)));
  ASSERT_TRUE(consume_first(*storage_, {oauth::OneTimeKind::dpop_proof, "client", hash_of(1), at(100)}, at(0)));
  ASSERT_EQ(value_of(storage_->remove_expired(at(5000), 100)), 2U);
  ASSERT_TRUE(storage_->check());
  EXPECT_EQ(changes(), before);
}

}  // namespace
}  // namespace mintmark::storage
