#include "mintmark/keys/key_record.hpp"

#include "key_world.hpp"

namespace mintmark::keys::testing {
namespace {

KeyRecord whole_life() {
  KeyRecord record;
  record.created_at = kStart;
  record.activates_at = kStart + 1h;
  record.retires_at = kStart + 2h;
  record.removes_at = kStart + 3h;
  return record;
}

TEST(KeyState, FollowsFromTheTimesAndChangesAtTheInstant) {
  const KeyRecord record = whole_life();
  EXPECT_EQ(state_at(record, kStart), KeyState::published);
  EXPECT_EQ(state_at(record, kStart + 1h - 1ms), KeyState::published);
  EXPECT_EQ(state_at(record, kStart + 1h), KeyState::active);
  EXPECT_EQ(state_at(record, kStart + 2h - 1ms), KeyState::active);
  EXPECT_EQ(state_at(record, kStart + 2h), KeyState::retiring);
  EXPECT_EQ(state_at(record, kStart + 3h - 1ms), KeyState::retiring);
  EXPECT_EQ(state_at(record, kStart + 3h), KeyState::gone);
}

TEST(KeyState, WithoutSuccessorStaysActive) {
  KeyRecord record = whole_life();
  record.retires_at.reset();
  record.removes_at.reset();
  EXPECT_EQ(state_at(record, kStart + 24h * 365 * 10), KeyState::active);
}

TEST(KeyState, RevokedWhateverTheTime) {
  KeyRecord record = whole_life();
  record.revoked_at = kStart + 1h;
  for (const Duration age : {Duration(0), Duration(90min), Duration(150min), Duration(10h)}) {
    EXPECT_EQ(state_at(record, kStart + age), KeyState::revoked);
  }
}

TEST(KeyState, UsableUntilGoneOrRevoked) {
  KeyRecord record = whole_life();
  EXPECT_TRUE(is_usable(record, kStart));
  EXPECT_TRUE(is_usable(record, kStart + 3h - 1ms));
  EXPECT_FALSE(is_usable(record, kStart + 3h));
  record.revoked_at = kStart;
  EXPECT_FALSE(is_usable(record, kStart));
}

TEST(KeyPurpose, NamesReadBack) {
  for (const KeyPurpose purpose : {KeyPurpose::signing, KeyPurpose::resource_secret, KeyPurpose::refresh}) {
    EXPECT_EQ(find_key_purpose(name(purpose)), purpose);
  }
  EXPECT_EQ(find_key_purpose("Signing"), std::nullopt);
  EXPECT_EQ(find_key_purpose(""), std::nullopt);
}

TEST(KeyState, NamesAreThoseOfTheDesign) {
  EXPECT_EQ(name(KeyState::published), "published");
  EXPECT_EQ(name(KeyState::active), "active");
  EXPECT_EQ(name(KeyState::retiring), "retiring");
  EXPECT_EQ(name(KeyState::gone), "gone");
  EXPECT_EQ(name(KeyState::revoked), "revoked");
}

}  // namespace
}  // namespace mintmark::keys::testing
