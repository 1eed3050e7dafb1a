// What a manager works by is replaced while it runs: periods, demand, and the sealing keys, without and with failures.

#include "key_world.hpp"

namespace mintmark::keys::testing {
namespace {

class KeySetupTest : public KeyWorld {
 protected:
  [[nodiscard]] KeySetup setup(KeyDemand demand, std::optional<Sealer> sealer = {}) const {
    return {.sealer = std::move(sealer), .periods = periods, .demand = std::move(demand)};
  }
  /// How many records of the table are under the key of `sealer_of(byte)`.
  [[nodiscard]] std::size_t sealed_under(std::uint8_t byte) const {
    const auto records = repository.table().records;
    return static_cast<std::size_t>(std::ranges::count_if(
        records, [&](const KeyRecord& record) { return sealer_of(byte).find_key(record).has_value(); }));
  }
  [[nodiscard]] std::size_t size() const { return repository.table().records.size(); }

  /// One shared secret each, so that there are many records.
  static KeyDemand many_secrets(std::size_t count) {
    KeyDemand demand;
    for (std::size_t i = 0; i < count; ++i)
      demand.secrets.push_back(
          {.resource = ResourceId("https://api.example/" + std::to_string(i)), .alg = Alg::HS256, .given = {}});
    return demand;
  }
};

TEST_F(KeySetupTest, NewPeriodsAndDemandAreInForceAtOnce) {
  const auto manager = open(demand_of({Alg::ES256}));
  periods.jwks_max_age = 1min;
  periods.longest_lifetime = 48h;
  ASSERT_TRUE(manager->check(setup(demand_of({Alg::ES256, Alg::EdDSA})), kStart + 1h));
  ASSERT_TRUE(manager->reconfigure(setup(demand_of({Alg::ES256, Alg::EdDSA})), kStart + 1h));
  const auto ring = manager->ring().load();
  EXPECT_EQ(kids_in(ring->jwks()).size(), 2U);
  EXPECT_EQ(ring->jwks_max_age(kStart + 12h), 1min);
  for (const KeyRecord& record : signing_records())
    EXPECT_EQ(record.retention, periods.retention()) << "before a token can have the longer lifetime";
}

TEST_F(KeySetupTest, ALongerRetentionIsNeverShortened) {
  const auto manager = open(demand_of({Alg::ES256}));
  const Duration former = periods.retention();
  periods.longest_lifetime = 1h;
  ASSERT_TRUE(manager->reconfigure(setup(demand_of({Alg::ES256})), kStart + 1h));
  EXPECT_EQ(signing_records().front().retention, former);
}

TEST_F(KeySetupTest, WhatTheStoreDoesNotTakeChangesNothing) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyPeriods former = periods;
  const KeyTable table = repository.table();
  periods.jwks_max_age = 1min;
  repository.store_error = unavailable("the disk is full");
  EXPECT_FALSE(manager->reconfigure(setup(demand_of({Alg::EdDSA}), sealer_of_several({2, 1})), kStart + 1h));
  repository.store_error.reset();
  ASSERT_TRUE(manager->tick(kStart + 1h));
  EXPECT_EQ(repository.table().records, table.records);
  EXPECT_EQ(manager->ring().load()->jwks_max_age(kStart + 12h), former.jwks_max_age);
  ASSERT_TRUE(manager->rotate(Alg::ES256, kStart + 1h)) << "still under the old sealing key";
  EXPECT_EQ(sealed_under(1), size());
}

TEST_F(KeySetupTest, ACheckRefusesSealingKeysThatDoNotOpenTheStore) {
  const auto manager = open(demand_of({Alg::ES256}));
  const Result<void> checked = manager->check(setup(demand_of({Alg::ES256}), sealer_of(2)), kStart);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::crypto);
  EXPECT_TRUE(manager->check(setup(demand_of({Alg::ES256}), sealer_of_several({2, 1})), kStart));
  EXPECT_FALSE(manager->check(setup(demand_of({Alg::HS256})), kStart));
  EXPECT_EQ(sealed_under(1), size()) << "it changes nothing";
}

TEST_F(KeySetupTest, EveryKeyIsPutUnderTheNewSealingKeyInSmallSteps) {
  const auto manager = open(many_secrets(70));
  const auto before = manager->ring().load();
  ASSERT_TRUE(manager->reconfigure(setup(many_secrets(70), sealer_of_several({2, 1})), kStart + 1s));
  EXPECT_EQ(sealed_under(1), size());
  ASSERT_TRUE(manager->tick(kStart + 2s));
  EXPECT_EQ(sealed_under(2), 32U);
  EXPECT_TRUE(events.completions.empty());
  ASSERT_TRUE(manager->tick(kStart + 3s));
  ASSERT_TRUE(manager->tick(kStart + 4s));
  EXPECT_EQ(sealed_under(2), size());
  EXPECT_EQ(events.completions, std::vector<std::size_t>{71}) << "70 secrets and the refresh key";
  EXPECT_EQ(manager->ring().load()->derive_refresh(Bytes{1}), before->derive_refresh(Bytes{1}));

  const int stores = repository.stores;
  ASSERT_TRUE(manager->tick(kStart + 5s));
  EXPECT_EQ(repository.stores, stores) << "it is done";
  ASSERT_TRUE(manager->check(setup(many_secrets(70), sealer_of(2)), kStart + 6s)) << "the old one can go";
  ASSERT_TRUE(manager->reconfigure(setup(many_secrets(70), sealer_of(2)), kStart + 6s));
  EXPECT_TRUE(try_open(many_secrets(70), kStart + 7s, 2));
}

TEST_F(KeySetupTest, AProcessKilledInBetweenStartsWithBothKeysAndGoesOn) {
  {
    const auto killed = open(many_secrets(70));
    ASSERT_TRUE(killed->reconfigure(setup(many_secrets(70), sealer_of_several({2, 1})), kStart));
    ASSERT_TRUE(killed->tick(kStart + 1s));
  }
  EXPECT_EQ(sealed_under(2), 32U);
  EXPECT_FALSE(try_open(many_secrets(70), kStart + 2s, 1));
  EXPECT_FALSE(try_open(many_secrets(70), kStart + 2s, 2));
  const auto next = KeyManager::open(repository, sealer_of_several({2, 1}), periods, many_secrets(70), events, kStart);
  ASSERT_TRUE(next);
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE((*next)->tick(kStart + 3s));
  EXPECT_EQ(sealed_under(2), size());
}

TEST_F(KeySetupTest, RevokedKeysAreResealedAndWhatCannotBeOpenedAnyMoreIsPassedOver) {
  const auto manager = open(demand_of({Alg::ES256, Alg::EdDSA}));
  const KeyId damaged = signer_of(*manager, Alg::EdDSA, kStart);
  ASSERT_TRUE(manager->revoke(signer_of(*manager, Alg::ES256, kStart), kStart));
  ASSERT_TRUE(manager->revoke(damaged, kStart));
  KeyTable table = repository.table();
  std::ranges::find(table.records, damaged, &KeyRecord::kid)->sealed.back() ^= 1;
  repository.set_table(table);
  ASSERT_TRUE(manager->reconfigure(setup(demand_of({Alg::ES256, Alg::EdDSA}), sealer_of_several({2, 1})), kStart + 1s));
  ASSERT_TRUE(manager->tick(kStart + 2s));
  EXPECT_EQ(sealed_under(2), size() - 1);
  EXPECT_EQ(events.completions.size(), 1U);
}

TEST_F(KeySetupTest, AProcessWithTheOldKeyAloneKeepsItsRingAndRecoversWithBoth) {
  const auto behind = open(demand_of({Alg::ES256}));
  const auto ahead = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(ahead->reconfigure(setup(demand_of({Alg::ES256}), sealer_of_several({2, 1})), kStart));
  ASSERT_TRUE(ahead->tick(kStart + 1s));
  const KeyTable table = repository.table();
  const Result<void> ticked = behind->tick(kStart + 2s);
  ASSERT_FALSE(ticked);
  EXPECT_EQ(ticked.error().kind, ErrorKind::crypto);
  EXPECT_EQ(repository.table().records, table.records) << "what it cannot open it does not write";
  EXPECT_FALSE(signer_of(*behind, Alg::ES256, kStart + 2s).empty()) << "it goes on signing";
  ASSERT_TRUE(behind->reconfigure(setup(demand_of({Alg::ES256}), sealer_of_several({2, 1})), kStart + 3s));
  EXPECT_TRUE(behind->ring().load()->check_complete());
}

TEST_F(KeySetupTest, ProcessesWithDifferentOrdersDoNotUndoEachOthersWorkAllTheTime) {
  const auto one = KeyManager::open(repository, sealer_of_several({1, 2}), periods, demand_of({}), events, kStart);
  const auto other = KeyManager::open(repository, sealer_of_several({2, 1}), periods, demand_of({}), events, kStart);
  ASSERT_TRUE(one && other);
  const int stores = repository.stores;
  for (Instant now = kStart; now < kStart + 60s; now += 1s) {
    ASSERT_TRUE((*one)->tick(now));
    ASSERT_TRUE((*other)->tick(now));
  }
  EXPECT_LE(repository.stores - stores, 2);
}

TEST_F(KeySetupTest, TheCommandReseals) {
  (void)open(demand_of({Alg::ES256}));
  const auto command =
      KeyManager::open(repository, sealer_of_several({2, 1}), periods, demand_of({Alg::ES256}), events, kStart);
  ASSERT_TRUE(command);
  EXPECT_EQ((*command)->reseal_older().value(), 2U);
  EXPECT_EQ((*command)->reseal_older().value(), 0U);
  EXPECT_EQ(sealed_under(2), size());
}

}  // namespace
}  // namespace mintmark::keys::testing
