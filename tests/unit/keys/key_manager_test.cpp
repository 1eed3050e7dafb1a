#include "mintmark/keys/key_manager.hpp"

#include <thread>

#include "key_world.hpp"

namespace mintmark::keys::testing {
namespace {

using KeyManagerTest = KeyWorld;

TEST_F(KeyManagerTest, AnEmptyStoreGetsAKeyOfEachAlgorithmAndOneForRefresh) {
  const auto manager = open(demand_of({Alg::ES256, Alg::EdDSA}));
  EXPECT_EQ(signing_records().size(), 2U);
  EXPECT_EQ(records(KeyPurpose::refresh).size(), 1U);
  EXPECT_EQ(repository.stores, 1) << "one change, all or nothing";
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()).size(), 2U);
  EXPECT_TRUE(manager->ring().load()->check_active_keys(kStart));
  EXPECT_FALSE(signer_of(*manager, Alg::ES256, kStart).empty());
  EXPECT_FALSE(signer_of(*manager, Alg::EdDSA, kStart).empty());
  EXPECT_EQ(events.created.size(), 3U);
  EXPECT_EQ(events.activated.size(), 2U) << "of the signing keys";
}

TEST_F(KeyManagerTest, TheRefreshKeyIsThereWithoutAnyAlgorithm) {
  const auto manager = open({});
  EXPECT_EQ(records(KeyPurpose::refresh).size(), 1U);
  EXPECT_EQ(manager->ring().load()->derive_refresh(Bytes{1}).size(), 32U);
}

TEST_F(KeyManagerTest, ASecondStartChangesNothing) {
  const std::string body = open(demand_of({Alg::ES256}))->ring().load()->jwks().body;
  const KeyTable table = repository.table();
  const auto again = open(demand_of({Alg::ES256}), kStart + 1h);
  EXPECT_EQ(again->ring().load()->jwks().body, body);
  EXPECT_EQ(repository.table().version, table.version);
  EXPECT_EQ(events.activated.size(), 1U);
}

TEST_F(KeyManagerTest, TicksWithoutNewsWriteNothingAndKeepTheRing) {
  const auto manager = open(demand_of({Alg::ES256}));
  const int stores = repository.stores;
  const auto ring = manager->ring().load();
  for (Instant now = kStart; now < kStart + 24h * 29; now += 6h)
    ASSERT_TRUE(manager->tick(now));
  EXPECT_EQ(repository.stores, stores);
  EXPECT_EQ(manager->ring().load(), ring);
}

TEST_F(KeyManagerTest, ARotationTakesItsCourse) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId first = signer_of(*manager, Alg::ES256, kStart);

  const Instant published = kStart + 24h * 29;
  ASSERT_TRUE(manager->tick(published));
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()).size(), 2U);
  EXPECT_EQ(signer_of(*manager, Alg::ES256, published), first);

  const Instant activated = kStart + 24h * 30;
  ASSERT_TRUE(manager->tick(activated - 1ms));
  EXPECT_EQ(events.activated.size(), 1U);
  ASSERT_TRUE(manager->tick(activated));
  const KeyId second = signer_of(*manager, Alg::ES256, activated);
  EXPECT_NE(second, first);
  EXPECT_EQ(events.activated, (std::vector{first, second}));

  const Instant gone = activated + periods.retention();
  ASSERT_TRUE(manager->tick(gone - 1ms));
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), (std::set{first.str(), second.str()}));
  ASSERT_TRUE(manager->tick(gone));
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), std::set{second.str()});
  EXPECT_TRUE(events.removed.empty());

  ASSERT_TRUE(manager->tick(gone + periods.longest_cached()));
  EXPECT_EQ(events.removed, std::vector{first});
  EXPECT_EQ(signing_records().size(), 1U);
}

TEST_F(KeyManagerTest, TheSignerChangesAtTheInstantWithoutATick) {
  const auto manager = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(manager->tick(kStart + 24h * 29));
  const auto ring = manager->ring().load();
  const Instant activation = kStart + 24h * 30;
  EXPECT_NE(ring->find_signer(Alg::ES256, activation - 1ms), ring->find_signer(Alg::ES256, activation));
  EXPECT_EQ(manager->ring().load(), ring);
}

TEST_F(KeyManagerTest, AnActivationIsReportedOnceAlsoAfterAPause) {
  const auto manager = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(manager->tick(kStart + 24h * 29));
  repository.load_error = unavailable("the disk is away");
  EXPECT_FALSE(manager->tick(kStart + 24h * 30));
  repository.load_error.reset();
  ASSERT_TRUE(manager->tick(kStart + 24h * 30 + 1h));
  ASSERT_TRUE(manager->tick(kStart + 24h * 30 + 2h));
  EXPECT_EQ(events.activated.size(), 2U);
}

TEST_F(KeyManagerTest, AFailingStoreKeepsTheRingAndIsReported) {
  const auto manager = open(demand_of({Alg::ES256}));
  const auto ring = manager->ring().load();
  repository.load_error = unavailable("the disk is away");
  const Result<void> ticked = manager->tick(kStart + 24h * 29);
  ASSERT_FALSE(ticked);
  EXPECT_EQ(ticked.error(), *repository.load_error);
  EXPECT_EQ(manager->ring().load(), ring);

  repository.load_error.reset();
  repository.store_error = unavailable("the disk is full");
  EXPECT_FALSE(manager->tick(kStart + 24h * 29));
  EXPECT_EQ(manager->ring().load(), ring);
  EXPECT_EQ(events.created.size(), 2U) << "nothing is reported that is not stored";

  repository.store_error.reset();
  EXPECT_TRUE(manager->tick(kStart + 24h * 29));
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()).size(), 2U);
}

TEST_F(KeyManagerTest, WhatAnotherProcessChangedIsTakenOver) {
  const auto one = open(demand_of({Alg::ES256}));
  const auto other = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(other->rotate(Alg::ES256, kStart + 1h));
  EXPECT_EQ(kids_in(one->ring().load()->jwks()).size(), 1U);
  ASSERT_TRUE(one->tick(kStart + 1h));
  EXPECT_EQ(one->ring().load()->jwks().body, other->ring().load()->jwks().body);
}

TEST_F(KeyManagerTest, WhatAnotherProcessRevokedIsTakenOverAlsoWhereTheStoreRefusesWrites) {
  const auto one = open(demand_of({Alg::ES256}));
  const auto other = open(demand_of({Alg::ES256}));
  const KeyId stolen = signer_of(*one, Alg::ES256, kStart);
  ASSERT_TRUE(other->revoke(stolen, kStart + 1h));
  repository.store_error = unavailable("the disk is full");
  EXPECT_FALSE(one->set_demand(demand_of({Alg::ES256, Alg::EdDSA}), kStart + 1h));
  EXPECT_EQ(kids_in(one->ring().load()->jwks()).count(stolen.str()), 0U);
}

TEST_F(KeyManagerTest, WhatAnotherProcessDidIsReportedHereToo) {
  const auto one = open(demand_of({Alg::ES256}));
  RecordingKeyEvents others;
  const auto other = *KeyManager::open(repository, sealer_of(), periods, demand_of({Alg::ES256}), others, kStart);
  EXPECT_TRUE(others.created.empty()) << "what was there before is no news";
  const KeyId stolen = signer_of(*one, Alg::ES256, kStart);
  ASSERT_TRUE(other->revoke(stolen, kStart + 1h));
  ASSERT_TRUE(one->tick(kStart + 1h));
  ASSERT_TRUE(one->tick(kStart + 2h));
  EXPECT_EQ(events.revoked, std::vector{stolen});
  EXPECT_EQ(events.revoked, others.revoked);
  ASSERT_FALSE(others.created.empty());
  EXPECT_EQ(events.created.back(), others.created.back());
  EXPECT_EQ(events.created.size(), 3U);
}

// A row that does not open must not keep a server from following the rest.

TEST_F(KeyManagerTest, ARowThatDoesNotOpenIsLeftOutAndReportedAndTheRestIsFollowed) {
  const auto server = open(demand_of({Alg::ES256, Alg::EdDSA}));
  const auto command = open(demand_of({Alg::ES256, Alg::EdDSA}));
  const KeyId stolen = signer_of(*server, Alg::ES256, kStart);
  const KeyId other = signer_of(*server, Alg::EdDSA, kStart);
  const Bytes derived = server->ring().load()->derive_refresh(Bytes{1});
  ASSERT_TRUE(command->revoke(stolen, kStart + 1h));
  const KeyId replacement = signer_of(*command, Alg::ES256, kStart + 1h);
  KeyTable damaged = repository.table();
  std::ranges::find(damaged.records, replacement, &KeyRecord::kid)->sealed.back() ^= 1;
  repository.set_table(damaged);

  for (const Instant now : {kStart + 1h, kStart + 2h}) {
    const Result<void> ticked = server->tick(now);
    ASSERT_FALSE(ticked);
    EXPECT_NE(ticked.error().detail.find(replacement.str()), std::string::npos) << ticked.error().detail;
    const auto ring = server->ring().load();
    EXPECT_EQ(kids_in(ring->jwks()), std::set{other.str()});
    EXPECT_EQ(signer_of(*server, Alg::EdDSA, now), other);
    EXPECT_EQ(ring->derive_refresh(Bytes{1}), derived);
    EXPECT_EQ(ring->check_active_keys(now).error(), ticked.error()) << "not ready";
  }
  EXPECT_EQ(repository.table().records, damaged.records);

  std::ranges::find(damaged.records, replacement, &KeyRecord::kid)->sealed.back() ^= 1;
  repository.set_table(damaged);
  ASSERT_TRUE(server->tick(kStart + 3h));
  EXPECT_TRUE(server->ring().load()->check_active_keys(kStart + 3h));
  EXPECT_EQ(signer_of(*server, Alg::ES256, kStart + 3h), replacement);
}

TEST_F(KeyManagerTest, NothingIsDerivedFromARevokedRefreshKeyThoughTheNextDoesNotOpen) {
  const auto server = open({});
  const Bytes derived = server->ring().load()->derive_refresh(Bytes{1});
  const auto command = open({});
  ASSERT_TRUE(command->reseal(sealer_of(2)));
  ASSERT_FALSE(server->tick(kStart + 1s));
  EXPECT_EQ(server->ring().load()->derive_refresh(Bytes{1}), derived);
  ASSERT_TRUE(command->revoke(records(KeyPurpose::refresh).front().kid, kStart + 2s));
  ASSERT_FALSE(server->tick(kStart + 3s));
  EXPECT_NE(server->ring().load()->derive_refresh(Bytes{1}), derived);
}

// Invariant 3, where `tokens.max_lifetime` is lowered: tokens from before still verify.

TEST_F(KeyManagerTest, AShorterLifetimeDoesNotShortenTheStayOfAKeyThatSignedUnderALongerOne) {
  periods.longest_lifetime = 240h;
  ASSERT_TRUE(open(demand_of({Alg::ES256})));
  periods.longest_lifetime = 1h;
  const Instant retired = kStart + 24h * 30;
  const auto manager = open(demand_of({Alg::ES256}), retired - 24h);
  const KeyId first = signer_of(*manager, Alg::ES256, retired - 1ms);
  ASSERT_TRUE(manager->tick(retired + 240h));
  EXPECT_TRUE(kids_in(manager->ring().load()->jwks()).contains(first.str()));
  ASSERT_TRUE(manager->tick(retired + 240h + 1min));
  EXPECT_FALSE(kids_in(manager->ring().load()->jwks()).contains(first.str()));
}

TEST_F(KeyManagerTest, ALongerLifetimeIsNotedForTheKeyThatSignsAlready) {
  ASSERT_TRUE(open(demand_of({Alg::ES256})));
  periods.longest_lifetime = 240h;
  ASSERT_TRUE(open(demand_of({Alg::ES256}), kStart + 1h));
  EXPECT_EQ(signing_records().front().retention, Duration(240h + 1min));
}

// Invariant 3: a replica may serve the JWKS of before for as long as it does not know of the change.

TEST_F(KeyManagerTest, AKeySignsOnlyWhenAlsoALateReplicasJwksCannotBeCachedAnyMore) {
  const auto one = open(demand_of({Alg::ES256}));
  const auto late = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(one->set_demand(demand_of({Alg::ES256, Alg::EdDSA}), kStart + 1h));
  const Instant fetched = kStart + 1h + kPropagation;
  const Instant stale = fetched + late->ring().load()->jwks_max_age(fetched);
  EXPECT_EQ(one->ring().load()->find_signer(Alg::EdDSA, stale), nullptr);
  EXPECT_GE(*one->ring().load()->next_activation(Alg::EdDSA, stale), stale + periods.clock_skew);
}

TEST_F(KeyManagerTest, AClockThatJumpsAheadAndBackDoesNotStopRotation) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId first = signer_of(*manager, Alg::ES256, kStart);
  ASSERT_TRUE(manager->tick(kStart + 24h * 365 * 5));
  ASSERT_EQ(signing_records().size(), 2U);
  for (Instant now = kStart + 1h; now < kStart + 24h * 95; now += 6h)
    ASSERT_TRUE(manager->tick(now));
  EXPECT_EQ(events.activated.size(), 4U) << "every 30 days";
  EXPECT_NE(signer_of(*manager, Alg::ES256, kStart + 24h * 31), first);
}

TEST_F(KeyManagerTest, AWrongSealingKeyIsAClearErrorAndStoresNothing) {
  ASSERT_TRUE(open(demand_of({Alg::ES256})));
  const KeyTable before = repository.table();
  const auto manager = try_open(demand_of({Alg::ES256, Alg::EdDSA}), kStart + 24h * 29, 2);
  ASSERT_FALSE(manager);
  EXPECT_EQ(manager.error().kind, ErrorKind::crypto);
  EXPECT_NE(manager.error().detail.find("the sealing key does not open key "), std::string::npos);
  EXPECT_EQ(repository.table().version, before.version);
  EXPECT_EQ(repository.table().records, before.records);
}

TEST_F(KeyManagerTest, ImpossibleDemandsAreRefusedBeforeAnythingIsStored) {
  KeyDemand short_secret;
  short_secret.secrets = {{ResourceId("https://api.example"), Alg::HS512, Secret(Bytes(63, 1))}};
  KeyDemand wrong_alg;
  wrong_alg.secrets = {{ResourceId("https://api.example"), Alg::ES256, std::nullopt}};
  KeyDemand weak_rsa = demand_of({Alg::RS256});
  weak_rsa.rsa_bits = 1024;
  for (const KeyDemand& demand : {short_secret, wrong_alg, weak_rsa, demand_of({Alg::HS256})}) {
    const auto manager = try_open(demand);
    ASSERT_FALSE(manager);
    EXPECT_EQ(manager.error().kind, ErrorKind::invalid) << manager.error().detail;
  }
  if (!jose::is_available(Alg::ML_DSA_44)) {
    const auto manager = try_open(demand_of({Alg::ML_DSA_44}));
    ASSERT_FALSE(manager);
    EXPECT_EQ(manager.error().kind, ErrorKind::unsupported);
  }
  EXPECT_EQ(repository.stores, 0);
}

TEST_F(KeyManagerTest, ARefusedDemandLeavesTheFormerOneInForce) {
  const auto manager = open(demand_of({Alg::ES256}));
  EXPECT_FALSE(manager->set_demand(demand_of({Alg::HS256}), kStart));
  ASSERT_TRUE(manager->tick(kStart + 24h * 29));
  EXPECT_EQ(signing_records().size(), 2U);
}

TEST_F(KeyManagerTest, ANewAlgorithmIsPublishedBeforeItSigns) {
  const auto manager = open(demand_of({Alg::ES256}));
  const Instant now = kStart + 1h;
  ASSERT_TRUE(manager->set_demand(demand_of({Alg::ES256, Alg::EdDSA}), now));
  const auto ring = manager->ring().load();
  const Instant activation = now + periods.jwks_max_age + periods.clock_skew + 2s;
  EXPECT_EQ(ring->find_signer(Alg::EdDSA, activation - 1ms), nullptr);
  EXPECT_EQ(ring->next_activation(Alg::EdDSA, now), activation);
  EXPECT_NE(ring->find_signer(Alg::EdDSA, activation), nullptr);
  EXPECT_EQ(kids_in(ring->jwks()).size(), 2U);
  EXPECT_TRUE(ring->check_active_keys(now)) << "the algorithms that have a key go on";
}

TEST_F(KeyManagerTest, ADemandThatTheStoreCouldNotTakeIsMetByALaterTick) {
  const auto manager = open(demand_of({Alg::ES256}));
  KeyDemand demand = demand_of({Alg::ES256, Alg::EdDSA});
  repository.store_error = unavailable("the disk is full");
  EXPECT_FALSE(manager->set_demand(demand, kStart));
  repository.store_error.reset();
  ASSERT_TRUE(manager->tick(kStart + 1s));
  EXPECT_EQ(signing_records().size(), 2U);
}

// Invariant 3: N replicas starting on one empty store end with one key.

TEST_F(KeyManagerTest, OfTwoProcessesOnOneEmptyStoreOneCreatesTheKeys) {
  std::unique_ptr<KeyManager> faster;
  repository.before_store = [&] { faster = open(demand_of({Alg::ES256, Alg::EdDSA})); };
  const auto slower = open(demand_of({Alg::ES256, Alg::EdDSA}));
  ASSERT_TRUE(faster);
  EXPECT_EQ(repository.table().records.size(), 3U);
  EXPECT_EQ(slower->ring().load()->jwks().body, faster->ring().load()->jwks().body);
  EXPECT_EQ(slower->ring().load()->derive_refresh(Bytes{1}), faster->ring().load()->derive_refresh(Bytes{1}));
  EXPECT_EQ(events.created.size(), 3U) << "reported by the one that created them";
}

TEST_F(KeyManagerTest, OfTwoProcessesOneRotates) {
  const auto one = open(demand_of({Alg::ES256}));
  const auto other = open(demand_of({Alg::ES256}));
  const Instant due = kStart + 24h * 29;
  repository.before_store = [&] { EXPECT_TRUE(other->tick(due)); };
  ASSERT_TRUE(one->tick(due));
  EXPECT_EQ(signing_records().size(), 2U);
  EXPECT_EQ(one->ring().load()->jwks().body, other->ring().load()->jwks().body);
}

TEST_F(KeyManagerTest, AConflictAtEveryAttemptEndsInAnError) {
  const auto manager = open(demand_of({Alg::ES256}));
  const int before = repository.stores;
  repository.store_error = conflict("the key table has changed");
  const Result<void> ticked = manager->tick(kStart + 24h * 29);
  ASSERT_FALSE(ticked);
  EXPECT_EQ(ticked.error().kind, ErrorKind::unavailable);
  EXPECT_EQ(repository.stores - before, 16);
}

TEST_F(KeyManagerTest, ManyThreadsOnOneEmptyStoreEndWithOneSetOfKeys) {
  constexpr std::size_t kProcesses = 12;
  std::vector<std::unique_ptr<KeyManager>> managers(kProcesses);
  {
    std::vector<std::jthread> threads;
    for (auto& manager : managers)
      threads.emplace_back([&] { manager = open(demand_of({Alg::ES256, Alg::EdDSA})); });
  }
  EXPECT_EQ(repository.table().records.size(), 3U);
  for (const auto& manager : managers) {
    ASSERT_TRUE(manager);
    EXPECT_EQ(manager->ring().load()->jwks().body, managers.front()->ring().load()->jwks().body);
  }
}

TEST_F(KeyManagerTest, ReadersGoOnWhileKeysRotate) {
  const auto manager = open(demand_of({Alg::ES256}));
  std::jthread reader([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      const auto ring = manager->ring().load();
      ASSERT_FALSE(kids_in(ring->jwks()).empty());
      ASSERT_EQ(ring->derive_refresh(Bytes{1}).size(), 32U);
    }
  });
  for (Instant now = kStart; now < kStart + 24h * 365; now += 12h)
    ASSERT_TRUE(manager->tick(now));
}

TEST_F(KeyManagerTest, AClockSetBackDoesNotLeaveTheServiceWithoutAKey) {
  auto manager = open(demand_of({Alg::ES256}));
  const Instant earlier = kStart - 24h * 365;
  ASSERT_TRUE(manager->tick(earlier));
  EXPECT_FALSE(signer_of(*manager, Alg::ES256, earlier).empty());
  EXPECT_EQ(signing_records().size(), 1U);
}

}  // namespace
}  // namespace mintmark::keys::testing
