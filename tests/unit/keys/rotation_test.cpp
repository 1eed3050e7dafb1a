#include "mintmark/keys/rotation.hpp"

#include "key_world.hpp"

namespace mintmark::keys::testing {
namespace {

constexpr Duration kCached = 6min + 2s;  // jwks_max_age, clock_skew and kPropagation
const std::vector<Alg> kEs256{Alg::ES256};

KeyRecord key(const char* kid, Instant activates_at, Alg alg = Alg::ES256) {
  KeyRecord record;
  record.kid = KeyId(kid);
  record.alg = alg;
  record.created_at = activates_at - 24h;
  record.activates_at = activates_at;
  record.retention = KeyPeriods{}.retention();
  return record;
}

KeyRecord retired(KeyRecord record, Instant at) {
  record.retires_at = at;
  record.removes_at = at + KeyPeriods{}.retention();
  return record;
}

RotationPlan plan(const std::vector<KeyRecord>& records, Instant now, const std::vector<Alg>& in_use = kEs256) {
  return plan_rotation(records, in_use, {}, first_activation(records, {}, now), now);
}

using NewKeys = std::vector<RotationPlan::NewKey>;

TEST(Rotation, FirstKeysOfAnEmptyStoreSignAtOnce) {
  const RotationPlan first = plan({}, kStart, {Alg::ES256, Alg::RS256, Alg::ES256});
  EXPECT_EQ(first.create, (NewKeys{{Alg::RS256, kStart}, {Alg::ES256, kStart}}));
  EXPECT_TRUE(first.update.empty());
}

TEST(Rotation, KeysOfOtherPurposesDoNotDelayTheFirst) {
  KeyRecord refresh = key("r", kStart, Alg::HS256);
  refresh.purpose = KeyPurpose::refresh;
  EXPECT_EQ(plan({refresh}, kStart).create, (NewKeys{{Alg::ES256, kStart}}));
}

TEST(Rotation, ANewAlgorithmWaitsUntilNoCacheLacksItsKey) {
  EXPECT_EQ(plan({key("a", kStart)}, kStart + 1h, {Alg::ES256, Alg::RS256}).create,
            (NewKeys{{Alg::RS256, kStart + 1h + kCached}}));
}

TEST(Rotation, ARevokedOrGoneKeyIsStillAKeyThatTheStoreHad) {
  KeyRecord revoked = key("a", kStart);
  revoked.revoked_at = kStart + 1h;
  EXPECT_EQ(plan({revoked}, kStart + 2h).create, (NewKeys{{Alg::ES256, kStart + 2h + kCached}}));
  const KeyRecord gone = retired(key("a", kStart - 48h), kStart - 25h);
  EXPECT_EQ(plan({gone}, kStart).create, (NewKeys{{Alg::ES256, kStart + kCached}}));
}

TEST(Rotation, NothingToDoWhileTheKeyIsYoung) {
  EXPECT_TRUE(plan({key("a", kStart)}, kStart).empty());
  EXPECT_TRUE(plan({key("a", kStart)}, kStart + 24h * 29 - 1ms).empty());
}

TEST(Rotation, TheSuccessorIsPublishedAheadAndThePredecessorRetiresWhenItTakesOver) {
  const RotationPlan due = plan({key("a", kStart)}, kStart + 24h * 29);
  EXPECT_EQ(due.create, (NewKeys{{Alg::ES256, kStart + 24h * 30}}));
  EXPECT_EQ(due.update, (std::vector{retired(key("a", kStart), kStart + 24h * 30)}));
  EXPECT_TRUE(due.remove.empty());
}

TEST(Rotation, ALateSuccessorIsStillPublishedAheadInFull) {
  const Instant now = kStart + 24h * 100;
  const RotationPlan late = plan({key("a", kStart)}, now);
  EXPECT_EQ(late.create, (NewKeys{{Alg::ES256, now + 24h}}));
  EXPECT_EQ(late.update, (std::vector{retired(key("a", kStart), now + 24h)}));
}

TEST(Rotation, OneSuccessorIsEnough) {
  const Instant takes_over = kStart + 24h * 30;
  const std::vector records{retired(key("a", kStart), takes_over), key("b", takes_over)};
  EXPECT_TRUE(plan(records, kStart + 24h * 29).empty());
  EXPECT_TRUE(plan(records, takes_over).empty());
  EXPECT_TRUE(plan(records, takes_over + 1h).empty());
}

TEST(Rotation, AServiceThatWasDownAcrossTheActivationGoesOnWithTheSuccessor) {
  const Instant takes_over = kStart + 24h * 30;
  const std::vector records{retired(key("a", kStart), takes_over), key("b", takes_over)};
  EXPECT_TRUE(plan(records, takes_over + 3h).empty());
  // Down beyond the turn of the successor too: the first is forgotten, the second gets its own successor.
  const Instant now = takes_over + 24h * 40;
  const RotationPlan back = plan(records, now);
  EXPECT_EQ(back.create, (NewKeys{{Alg::ES256, now + 24h}}));
  EXPECT_EQ(back.remove, std::vector{KeyId("a")});
}

TEST(Rotation, OfOverlappingActiveKeysAllButTheYoungestRetire) {
  const std::vector records{key("a", kStart), key("b", kStart + 1h)};
  EXPECT_EQ(plan(records, kStart + 2h).update, (std::vector{retired(key("a", kStart), kStart + 2h)}));
}

TEST(Rotation, EachOfSeveralPublishedKeysGetsItsTurn) {
  const std::vector records{key("a", kStart), key("b", kStart + 24h), key("c", kStart + 30h)};
  const RotationPlan chain = plan(records, kStart + 1h);
  EXPECT_EQ(chain.update,
            (std::vector{retired(key("a", kStart), kStart + 24h), retired(key("b", kStart + 24h), kStart + 30h)}));
  EXPECT_TRUE(chain.create.empty());
}

TEST(Rotation, AKeyWhoseSuccessorWasRevokedGoesOn) {
  const Instant takes_over = kStart + 24h * 30;
  KeyRecord revoked = key("b", takes_over);
  revoked.revoked_at = kStart + 24h * 29 + 1h;
  const Instant now = kStart + 24h * 29 + 2h;
  const RotationPlan again = plan({retired(key("a", kStart), takes_over), revoked}, now);
  EXPECT_EQ(again.create, (NewKeys{{Alg::ES256, now + 24h}}));
  EXPECT_EQ(again.update, (std::vector{retired(key("a", kStart), now + 24h)}));
  // Where it is not yet old enough for another successor, it simply has none.
  const Instant early = kStart + 1h;
  EXPECT_EQ(plan({retired(key("a", kStart), kStart + 25h), revoked}, early).update, (std::vector{key("a", kStart)}));
}

TEST(Rotation, ALongerRetentionReachesTheKeysThatStillSignAndAShorterOneNone) {
  const Instant takes_over = kStart + 24h * 30;
  const std::vector records{retired(key("a", kStart), takes_over), key("b", takes_over)};
  KeyPeriods periods;
  periods.longest_lifetime = 48h;
  const Instant now = kStart + 24h * 29;
  const RotationPlan longer = plan_rotation(records, kEs256, periods, now, now);
  ASSERT_EQ(longer.update.size(), 1U);
  EXPECT_EQ(longer.update[0].removes_at, takes_over + 48h + 1min);
  periods.longest_lifetime = 1h;
  EXPECT_TRUE(plan_rotation(records, kEs256, periods, now, now).empty());
}

// Invariant 3: a token lives for as long as the configuration said that was in force when it was signed.

TEST(Rotation, AKeyStaysForTheLongestRetentionThatItSignedUnder) {
  KeyRecord record = key("a", kStart);
  record.retention = 240h;
  EXPECT_EQ(plan({record}, kStart + 24h * 29).update.front().removes_at, kStart + 24h * 30 + 240h);
  EXPECT_EQ(plan({record}, kStart + 24h * 30, {}).update.front().removes_at, kStart + 24h * 30 + 2s + 240h);
}

TEST(Rotation, RetentionIsRaisedWhileSomethingMayBeSignedAndNeverLowered) {
  KeyRecord unknown = key("a", kStart);
  unknown.retention.reset();
  KeyRecord planned = retired(unknown, kStart + 24h);
  planned.removes_at = kStart + 24h + 240h;  // by an earlier version
  KeyRecord over = retired(unknown, kStart);
  KeyRecord longer = key("b", kStart + 24h);
  longer.retention = 240h;
  std::vector records{unknown, planned, over, longer};
  raise_retention(records, {}, kStart + 1h);
  EXPECT_EQ(records[0].retention, KeyPeriods{}.retention());
  EXPECT_EQ(records[1].retention, Duration(240h));
  EXPECT_EQ(records[2].retention, std::nullopt);
  EXPECT_EQ(records[3].retention, Duration(240h));
}

TEST(Rotation, AnAlgorithmOutOfUseKeepsItsKeyForItsTurnAndThenLetsItGo) {
  EXPECT_TRUE(plan({key("a", kStart)}, kStart + 24h * 30 - 1ms, {}).empty());
  const Instant now = kStart + 24h * 30;
  const RotationPlan over = plan({key("a", kStart)}, now, {});
  EXPECT_EQ(over.update, (std::vector{retired(key("a", kStart), now + 2s)})) << "when every replica knows";
  EXPECT_TRUE(over.create.empty());
  EXPECT_TRUE(plan({retired(key("a", kStart), now)}, now + 1h, {}).empty());
}

TEST(Rotation, AnAlgorithmBackInUseKeepsItsActiveKey) {
  EXPECT_TRUE(plan({key("a", kStart)}, kStart + 24h * 15).empty());
}

TEST(Rotation, AnAlgorithmBackInUseWhileItsKeyRetiresGetsANewOnePublishedAhead) {
  const Instant now = kStart + 24h * 30 + 1h;
  const RotationPlan back = plan({retired(key("a", kStart), now - 1h)}, now);
  EXPECT_EQ(back.create, (NewKeys{{Alg::ES256, now + kCached}}));
  EXPECT_TRUE(back.update.empty());
}

TEST(Rotation, ReplicasOnTwoConfigurationsDoNotUndoEachOther) {
  std::vector<KeyRecord> records{key("a", kStart), key("b", kStart, Alg::RS256)};
  for (Instant now = kStart; now < kStart + 24h * 29; now += 1h) {
    ASSERT_TRUE(plan(records, now, {Alg::ES256}).empty());
    ASSERT_TRUE(plan(records, now, {Alg::ES256, Alg::RS256}).empty());
  }
}

TEST(Rotation, AClockSetBackChangesNothingWhileAnyKeyIsActive) {
  const Instant takes_over = kStart + 24h * 30;
  EXPECT_TRUE(plan({retired(key("a", kStart), takes_over), key("b", takes_over)}, kStart + 1h).empty());
}

TEST(Rotation, AClockSetBackBeforeTheFirstKeyDoesNotStopIt) {
  KeyRecord first = key("a", kStart);
  first.created_at = kStart;  // active from its creation on
  const Instant now = kStart - 24h * 365;
  const RotationPlan back = plan({first}, now);
  ASSERT_EQ(back.update.size(), 1U);
  EXPECT_EQ(back.update[0].activates_at, now);
  EXPECT_TRUE(back.create.empty());
}

TEST(Rotation, AClockSetBackMakesAPublishedKeyWaitNoLongerThanANewOne) {
  const KeyRecord published = key("a", kStart + 24h);  // created at kStart
  const Instant now = kStart - 24h * 365;
  const RotationPlan back = plan({published}, now);
  ASSERT_EQ(back.update.size(), 1U);
  EXPECT_EQ(back.update[0].activates_at, now + kCached);
  EXPECT_TRUE(back.create.empty());
  // A clock that was not set back leaves it alone.
  EXPECT_TRUE(plan({published}, kStart + 1h).empty());
}

TEST(Rotation, AClockThatRanAheadDoesNotHoldUpTheSuccessorThatItPublished) {
  const Instant ahead = kStart + 24h * 365 * 5;
  const std::vector records{retired(key("a", kStart), ahead + 24h), key("b", ahead + 24h)};  // created at `ahead`
  // Back at once: the turn of the first key is not over.
  const RotationPlan early = plan(records, kStart + 1h);
  ASSERT_EQ(early.update.size(), 2U);
  EXPECT_EQ(early.update[0], retired(key("a", kStart), kStart + 24h * 30));
  EXPECT_EQ(early.update[1].activates_at, kStart + 24h * 30);
  EXPECT_TRUE(early.create.empty());
  // Back when it is: published ahead in full.
  const Instant now = kStart + 24h * 40;
  const RotationPlan late = plan(records, now);
  ASSERT_EQ(late.update.size(), 2U);
  EXPECT_EQ(late.update[0], retired(key("a", kStart), now + 24h));
  EXPECT_EQ(late.update[1].activates_at, now + 24h);
  EXPECT_TRUE(plan(late.update, now + 1h).empty()) << "once";
}

TEST(Rotation, AReplicaWhoseClockIsSlowerWithinTheSkewChangesNothing) {
  const Instant now = kStart + 24h * 100;
  const std::vector records{retired(key("a", kStart), now + 24h), key("b", now + 24h)};  // created at `now`
  EXPECT_TRUE(plan(records, now - 1min).empty());
}

TEST(Rotation, AKeyIsForgottenWhenNoCacheCanHoldItAnyMore) {
  const KeyRecord old = retired(key("a", kStart - 24h * 30), kStart);
  const std::vector records{old, key("b", kStart)};
  const Instant forgotten = *old.removes_at + kCached;
  EXPECT_TRUE(plan(records, forgotten - 1ms).empty());
  EXPECT_EQ(plan(records, forgotten).remove, std::vector{KeyId("a")});
}

TEST(Rotation, ARevokedKeyIsListedForARetention) {
  for (const KeyPurpose purpose : {KeyPurpose::signing, KeyPurpose::resource_secret, KeyPurpose::refresh}) {
    KeyRecord revoked = key("a", kStart);
    revoked.purpose = purpose;
    revoked.revoked_at = kStart + 1h;
    const std::vector records{revoked, key("b", kStart)};
    const Instant forgotten = kStart + 1h + KeyPeriods{}.retention() + kCached;
    EXPECT_TRUE(plan(records, forgotten - 1ms).remove.empty());
    EXPECT_EQ(plan(records, forgotten).remove, std::vector{KeyId("a")});
  }
}

TEST(Rotation, AlgorithmsRotateApart) {
  const Instant now = kStart + 24h * 29;
  const std::vector records{key("a", kStart), key("b", kStart + 24h * 10, Alg::RS256)};
  const RotationPlan due = plan(records, now, {Alg::ES256, Alg::RS256});
  EXPECT_EQ(due.create, (NewKeys{{Alg::ES256, kStart + 24h * 30}}));
}

}  // namespace
}  // namespace mintmark::keys::testing
