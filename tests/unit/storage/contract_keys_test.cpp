#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

class KeyContract : public Contract {
 protected:
  keys::KeyTable load() { return value_of(storage_->keys().load_keys()); }
  Result<void> store(std::uint64_t version, const std::vector<keys::KeyRecord>& upserts,
                     const std::vector<KeyId>& removals = {}) {
    return storage_->keys().store_keys(version, upserts, removals);
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, KeyContract, engines(), engine_name);

void expect_same(const keys::KeyRecord& a, const keys::KeyRecord& b) {
  EXPECT_EQ(a.kid, b.kid);
  EXPECT_EQ(a.purpose, b.purpose);
  EXPECT_EQ(a.alg, b.alg);
  EXPECT_EQ(a.resource, b.resource);
  EXPECT_EQ(a.created_at, b.created_at);
  EXPECT_EQ(a.activates_at, b.activates_at);
  EXPECT_EQ(a.retires_at, b.retires_at);
  EXPECT_EQ(a.removes_at, b.removes_at);
  EXPECT_EQ(a.revoked_at, b.revoked_at);
  EXPECT_EQ(a.exported_at, b.exported_at);
  EXPECT_EQ(a.imported, b.imported);
  EXPECT_EQ(a.sealed, b.sealed);
  EXPECT_EQ(a.retention, b.retention);
}

TEST_P(KeyContract, StartsEmptyAtVersionZero) {
  const keys::KeyTable table = load();
  EXPECT_EQ(table.version, 0U);
  EXPECT_TRUE(table.records.empty());
}

TEST_P(KeyContract, GivesBackEveryField) {
  keys::KeyRecord bare;
  bare.kid = KeyId("bare");
  bare.created_at = at(5);
  bare.sealed = {1};
  ASSERT_TRUE(store(0, {sample_key("full"), bare}));
  const keys::KeyTable table = load();
  EXPECT_GT(table.version, 0U);
  ASSERT_EQ(table.records.size(), 2U);
  expect_same(table.records[0], sample_key("full"));
  expect_same(table.records[1], bare);
}

TEST_P(KeyContract, OrdersByCreationThenKid) {
  ASSERT_TRUE(store(0, {sample_key("b", at(1)), sample_key("c", at(0)), sample_key("a", at(1))}));
  const keys::KeyTable table = load();
  ASSERT_EQ(table.records.size(), 3U);
  EXPECT_EQ(table.records[0].kid.str(), "c");
  EXPECT_EQ(table.records[1].kid.str(), "a");
  EXPECT_EQ(table.records[2].kid.str(), "b");
}

TEST_P(KeyContract, ReplacesAndRemovesTogether) {
  ASSERT_TRUE(store(0, {sample_key("keep"), sample_key("drop")}));
  keys::KeyRecord changed = sample_key("keep");
  changed.retires_at = std::nullopt;
  changed.exported_at = std::nullopt;
  changed.sealed = {9, 9};
  ASSERT_TRUE(store(load().version, {changed}, {KeyId("drop"), KeyId("never was")}));
  const keys::KeyTable table = load();
  ASSERT_EQ(table.records.size(), 1U);
  expect_same(table.records[0], changed);
}

TEST_P(KeyContract, AStaleVersionChangesNothing) {
  ASSERT_TRUE(store(0, {sample_key("first")}));
  const keys::KeyTable before = load();
  EXPECT_KIND(store(0, {sample_key("late")}, {KeyId("first")}), ErrorKind::conflict);
  EXPECT_KIND(store(before.version + 1, {sample_key("early")}), ErrorKind::conflict);
  EXPECT_KIND(store(~std::uint64_t{0}, {sample_key("wild")}), ErrorKind::conflict);
  const keys::KeyTable after = load();
  EXPECT_EQ(after.version, before.version);
  ASSERT_EQ(after.records.size(), 1U);
  EXPECT_EQ(after.records[0].kid.str(), "first");
}

TEST_P(KeyContract, EveryWriteGivesAHigherVersion) {
  ASSERT_TRUE(store(0, {sample_key("a")}));
  const std::uint64_t first = load().version;
  ASSERT_TRUE(store(first, {}, {KeyId("a")}));
  EXPECT_GT(load().version, first);
}

// Invariant 3: replicas that start on one empty store end with one set of keys.
TEST_P(KeyContract, OfManyWritersOnOneVersionOneWins) {
  const int winners = count_winners([&](int number) {
    const Result<void> stored = store(0, {sample_key("key" + std::to_string(number))});
    EXPECT_TRUE(stored || stored.error().kind == ErrorKind::conflict);
    return stored.has_value();
  });
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(load().records.size(), 1U);
}

}  // namespace
}  // namespace mintmark::storage
