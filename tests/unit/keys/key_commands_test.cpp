#include "key_world.hpp"
#include "mintmark/crypto/aead.hpp"
#include "mintmark/keys/key_manager.hpp"

namespace mintmark::keys::testing {
namespace {

using KeyCommandsTest = KeyWorld;

constexpr Duration kCached = 6min + 2s;  // jwks_max_age, clock_skew and kPropagation
const Instant kLater = kStart + 24h;

template <class T>
ErrorKind kind_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::unsupported : result.error().kind;
}

// rotate

TEST_F(KeyCommandsTest, RotatePublishesASuccessorAhead) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId first = signer_of(*manager, Alg::ES256, kStart);
  const Result<KeyRecord> successor = manager->rotate(Alg::ES256, kLater);
  ASSERT_TRUE(successor);
  EXPECT_EQ(state_at(*successor, kLater), KeyState::published);
  EXPECT_EQ(successor->activates_at, kLater + periods.publish_ahead);
  EXPECT_EQ(record_of(first).retires_at, successor->activates_at);
  EXPECT_EQ(record_of(first).removes_at, successor->activates_at + periods.retention());
  EXPECT_EQ(signer_of(*manager, Alg::ES256, kLater), first);
  EXPECT_EQ(signer_of(*manager, Alg::ES256, successor->activates_at), successor->kid);
}

TEST_F(KeyCommandsTest, RotateTwiceIsAConflictUntilTheSuccessorIsActive) {
  const auto manager = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(manager->rotate(Alg::ES256, kLater));
  EXPECT_EQ(kind_of(manager->rotate(Alg::ES256, kLater + 1h)), ErrorKind::conflict);
  EXPECT_TRUE(manager->rotate(Alg::ES256, kLater + 24h));
}

TEST_F(KeyCommandsTest, RotateOfASharedSecretIsInvalid) {
  EXPECT_EQ(kind_of(open(demand_of({Alg::ES256}))->rotate(Alg::HS256, kStart)), ErrorKind::invalid);
}

TEST_F(KeyCommandsTest, RotateAgainstAnotherProcessDoesNotMakeTwoSuccessors) {
  const auto one = open(demand_of({Alg::ES256}));
  const auto other = open(demand_of({Alg::ES256}));
  repository.before_store = [&] { EXPECT_TRUE(other->rotate(Alg::ES256, kLater)); };
  EXPECT_EQ(kind_of(one->rotate(Alg::ES256, kLater)), ErrorKind::conflict);
  EXPECT_EQ(signing_records().size(), 2U);
}

// import

TEST_F(KeyCommandsTest, AnImportedKeyIsTheFirstOfANewStoreAndSignsAtOnce) {
  const auto manager = open({});
  const jose::SigningKey key = *jose::SigningKey::generate(Alg::ES256);
  const Result<KeyRecord> imported = manager->import(key, kStart);
  ASSERT_TRUE(imported);
  EXPECT_TRUE(imported->imported);
  EXPECT_EQ(imported->kid, key.kid());
  EXPECT_EQ(signer_of(*manager, Alg::ES256, kStart), key.kid());

  const auto server = open(demand_of({Alg::ES256}), kStart + 1min);
  EXPECT_EQ(signer_of(*server, Alg::ES256, kStart + 1min), key.kid());
  EXPECT_EQ(signing_records().size(), 1U);
}

TEST_F(KeyCommandsTest, AnImportedKeyIsTheSuccessorWhereThereIsAKey) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId first = signer_of(*manager, Alg::ES256, kStart);
  const jose::SigningKey key = *jose::SigningKey::generate(Alg::ES256);
  const Result<KeyRecord> imported = manager->import(key, kLater);
  ASSERT_TRUE(imported);
  EXPECT_EQ(signer_of(*manager, Alg::ES256, kLater), first);
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), (std::set{first.str(), key.kid().str()}));
  EXPECT_EQ(signer_of(*manager, Alg::ES256, kLater + periods.publish_ahead), key.kid());
  EXPECT_EQ(record_of(first).retires_at, kLater + periods.publish_ahead);
}

TEST_F(KeyCommandsTest, AnImportedKeyOfANewAlgorithmWaitsForTheCaches) {
  const auto manager = open(demand_of({Alg::ES256}));
  const jose::SigningKey key = *jose::SigningKey::generate(Alg::EdDSA);
  const Result<KeyRecord> imported = manager->import(key, kLater);
  ASSERT_TRUE(imported);
  EXPECT_EQ(imported->activates_at, kLater + kCached);
}

TEST_F(KeyCommandsTest, AKeyIsImportedOnce) {
  const auto manager = open(demand_of({Alg::ES256}));
  const jose::SigningKey key = *jose::SigningKey::generate(Alg::ES256);
  ASSERT_TRUE(manager->import(key, kLater));
  EXPECT_EQ(kind_of(manager->import(key, kLater)), ErrorKind::conflict);
  ASSERT_TRUE(manager->revoke(key.kid(), kLater));
  EXPECT_EQ(kind_of(manager->import(key, kLater)), ErrorKind::conflict) << "a revoked key does not come back";
}

TEST_F(KeyCommandsTest, ARevokedKeyDoesNotComeBackUnderAnotherName) {
  const auto manager = open(demand_of({Alg::ES256}));
  const crypto::PrivateKey stolen = *crypto::PrivateKey::generate(crypto::KeyType::p256);
  ASSERT_TRUE(manager->import(*jose::SigningKey::make(Alg::ES256, KeyId("one"), stolen), kLater));
  const jose::SigningKey renamed = *jose::SigningKey::make(Alg::ES256, KeyId("other"), stolen);
  EXPECT_EQ(kind_of(manager->import(renamed, kLater)), ErrorKind::conflict);
  ASSERT_TRUE(manager->revoke(KeyId("one"), kLater));
  EXPECT_EQ(kind_of(manager->import(renamed, kLater)), ErrorKind::conflict);
}

TEST_F(KeyCommandsTest, KeysMadeWithTheFirstImportSignAtOnceToo) {
  const auto manager = open({});
  const jose::SigningKey key = *jose::SigningKey::generate(Alg::ES256);
  ASSERT_TRUE(manager->import(key, kStart, demand_of({Alg::ES256, Alg::EdDSA})));
  EXPECT_EQ(signer_of(*manager, Alg::ES256, kStart), key.kid());
  EXPECT_FALSE(signer_of(*manager, Alg::EdDSA, kStart).empty());
  EXPECT_EQ(signing_records().size(), 2U);
}

TEST_F(KeyCommandsTest, SharedSecretsAndUnusableNamesAreNotImported) {
  const auto manager = open({});
  EXPECT_EQ(kind_of(manager->import(*jose::SigningKey::generate(Alg::HS256), kStart)), ErrorKind::invalid);
  const crypto::PrivateKey ed = *crypto::PrivateKey::generate(crypto::KeyType::ed25519);
  for (const std::string& kid :
       {std::string("a b"), std::string("a\n"), std::string(129, 'a'), std::string("\xc3\xa9")}) {
    EXPECT_EQ(kind_of(manager->import(*jose::SigningKey::make(Alg::EdDSA, KeyId(kid), ed), kStart)),
              ErrorKind::invalid);
  }
  EXPECT_TRUE(manager->import(*jose::SigningKey::make(Alg::EdDSA, KeyId(std::string(128, 'a')), ed), kStart));
}

// revoke

TEST_F(KeyCommandsTest, RevokeReplacesTheOnlyActiveKeyAtOnce) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId stolen = signer_of(*manager, Alg::ES256, kStart);
  ASSERT_TRUE(manager->revoke(stolen, kLater));
  const KeyId replacement = signer_of(*manager, Alg::ES256, kLater);
  EXPECT_FALSE(replacement.empty());
  EXPECT_NE(replacement, stolen);
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), std::set{replacement.str()});
  EXPECT_EQ(state_at(record_of(stolen), kLater), KeyState::revoked);
  EXPECT_EQ(events.revoked, std::vector{stolen});
  EXPECT_EQ(events.activated.back(), replacement);
  for (const jose::VerificationKey& key : manager->ring().load()->verification_keys())
    EXPECT_NE(key.kid(), stolen);
}

TEST_F(KeyCommandsTest, RevokeLetsAPublishedSuccessorTakeOverAtOnce) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId stolen = signer_of(*manager, Alg::ES256, kStart);
  const KeyId successor = manager->rotate(Alg::ES256, kLater)->kid;
  ASSERT_TRUE(manager->revoke(stolen, kLater + 1h));
  EXPECT_EQ(signer_of(*manager, Alg::ES256, kLater + 1h), successor);
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), std::set{successor.str()});
  EXPECT_EQ(events.activated.back(), successor);
}

TEST_F(KeyCommandsTest, RevokeOfTheSuccessorLeavesTheActiveKeyInForce) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId active = signer_of(*manager, Alg::ES256, kStart);
  const KeyRecord successor = *manager->rotate(Alg::ES256, kLater);
  ASSERT_TRUE(manager->revoke(successor.kid, kLater + 1h));
  EXPECT_EQ(signer_of(*manager, Alg::ES256, successor.activates_at + 1h), active);
  EXPECT_EQ(record_of(active).retires_at, std::nullopt);
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), std::set{active.str()});
}

TEST_F(KeyCommandsTest, RevokeOfARetiringKeyTakesItOutOfTheJwks) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId old = signer_of(*manager, Alg::ES256, kStart);
  const KeyRecord successor = *manager->rotate(Alg::ES256, kStart);
  const Instant now = successor.activates_at + 1h;
  ASSERT_TRUE(manager->revoke(old, now));
  EXPECT_EQ(kids_in(manager->ring().load()->jwks()), std::set{successor.kid.str()});
  EXPECT_EQ(signer_of(*manager, Alg::ES256, now), successor.kid);
}

TEST_F(KeyCommandsTest, RevokeReplacesAlsoWhereTheAlgorithmIsNotDemanded) {
  ASSERT_TRUE(open(demand_of({Alg::ES256})));
  const auto command = open({}, kLater);
  const KeyId stolen = signer_of(*command, Alg::ES256, kLater);
  ASSERT_TRUE(command->revoke(stolen, kLater));
  EXPECT_FALSE(signer_of(*command, Alg::ES256, kLater).empty());
}

/// A row as a machine with ML-DSA writes it.
KeyRecord ml_dsa_record() {
  KeyRecord record;
  record.kid = KeyId("pq");
  record.alg = Alg::ML_DSA_44;
  record.created_at = record.activates_at = kStart;
  const std::string jwk = R"({"alg":"ML-DSA-44","kid":"pq","kty":"AKP","priv":")" + encode_base64url(Bytes(32, 1)) +
                          R"(","pub":")" + encode_base64url(Bytes(1312, 2)) + "\"}";
  record.sealed = crypto::seal_aes256_gcm(Secret(Bytes(32, 1)), as_bytes(jwk),
                                          as_bytes("mintmark key v1 2:pq 7:signing 9:ML-DSA-44 0:"));
  return record;
}

TEST_F(KeyCommandsTest, RevokeGoesAheadWhereNoReplacementCanBeMade) {
  if (jose::is_available(Alg::ML_DSA_44)) GTEST_SKIP() << "this OpenSSL has ML-DSA";
  const auto manager = open(demand_of({Alg::ES256}));
  KeyTable table = repository.table();
  table.records.push_back(ml_dsa_record());
  repository.set_table(table);
  ASSERT_TRUE(manager->tick(kLater));
  const Result<void> revoked = manager->revoke(KeyId("pq"), kLater);
  ASSERT_TRUE(revoked) << revoked.error().detail;
  EXPECT_EQ(state_at(record_of(KeyId("pq")), kLater), KeyState::revoked);
}

TEST_F(KeyCommandsTest, RevokeNeedsAKeyThatIsThereAndNotRevoked) {
  const auto manager = open(demand_of({Alg::ES256}));
  EXPECT_EQ(kind_of(manager->revoke(KeyId("unknown"), kLater)), ErrorKind::not_found);
  const KeyId kid = signer_of(*manager, Alg::ES256, kStart);
  ASSERT_TRUE(manager->revoke(kid, kLater));
  EXPECT_EQ(kind_of(manager->revoke(kid, kLater)), ErrorKind::conflict);
}

TEST_F(KeyCommandsTest, RevokeOfTheRefreshKeyMakesAnother) {
  const auto manager = open({});
  const Bytes before = manager->ring().load()->derive_refresh(Bytes{1});
  ASSERT_TRUE(manager->revoke(records(KeyPurpose::refresh).front().kid, kLater));
  EXPECT_NE(manager->ring().load()->derive_refresh(Bytes{1}), before);
}

TEST_F(KeyCommandsTest, ARevokedKeyIsListedForARetention) {
  const auto manager = open(demand_of({Alg::ES256}));
  const KeyId stolen = signer_of(*manager, Alg::ES256, kStart);
  ASSERT_TRUE(manager->revoke(stolen, kLater));
  const Instant forgotten = kLater + periods.retention() + kCached;
  const auto is_listed = [&] {
    const auto list = *manager->list();
    return std::ranges::find(list, stolen, &KeyRecord::kid) != list.end();
  };
  ASSERT_TRUE(manager->tick(forgotten - 1ms));
  EXPECT_TRUE(is_listed());
  ASSERT_TRUE(manager->tick(forgotten));
  EXPECT_FALSE(is_listed());
  EXPECT_EQ(events.removed, std::vector{stolen});
}

// reseal

TEST_F(KeyCommandsTest, ResealPutsEveryKeyUnderTheNewSealingKey) {
  const auto manager = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(manager->revoke(signer_of(*manager, Alg::ES256, kStart), kStart));
  const std::string body = manager->ring().load()->jwks().body;
  const Result<std::size_t> count = manager->reseal(sealer_of(2));
  ASSERT_TRUE(count) << count.error().detail;
  EXPECT_EQ(*count, 3U) << "the revoked one too";
  for (const KeyRecord& record : repository.table().records) {
    EXPECT_FALSE(sealer_of(1).open(record));
    EXPECT_TRUE(sealer_of(2).open(record));
  }
  EXPECT_EQ(manager->ring().load()->jwks().body, body);
  EXPECT_TRUE(manager->rotate(Alg::ES256, kStart + 1h)) << "this manager goes on";
  EXPECT_FALSE(try_open(demand_of({Alg::ES256}), kStart + 1h, 1));
  EXPECT_TRUE(try_open(demand_of({Alg::ES256}), kStart + 1h, 2));
}

TEST_F(KeyCommandsTest, ResealThatCannotOpenOneKeyChangesNone) {
  const auto manager = open(demand_of({Alg::ES256, Alg::EdDSA}));
  const KeyId revoked = signer_of(*manager, Alg::ES256, kStart);
  ASSERT_TRUE(manager->revoke(revoked, kStart));
  KeyTable damaged = repository.table();
  std::ranges::find(damaged.records, revoked, &KeyRecord::kid)->sealed.back() ^= 1;
  repository.set_table(damaged);
  EXPECT_EQ(kind_of(manager->reseal(sealer_of(2))), ErrorKind::crypto);
  EXPECT_EQ(repository.table().records, damaged.records);
  EXPECT_TRUE(manager->rotate(Alg::EdDSA, kStart + 1h)) << "still under the old sealing key";
}

TEST_F(KeyCommandsTest, ResealThatCannotBeStoredGoesOnWithTheOldSealingKey) {
  const auto manager = open(demand_of({Alg::ES256}));
  repository.store_error = unavailable("the disk is full");
  EXPECT_EQ(kind_of(manager->reseal(sealer_of(2))), ErrorKind::unavailable);
  repository.store_error.reset();
  EXPECT_TRUE(manager->rotate(Alg::ES256, kStart + 1h));
  EXPECT_TRUE(try_open(demand_of({Alg::ES256}), kStart + 1h, 1));
}

TEST_F(KeyCommandsTest, AnotherProcessKeepsItsRingAfterReseal) {
  const auto server = open(demand_of({Alg::ES256}));
  const auto ring = server->ring().load();
  const KeyId kid = signer_of(*server, Alg::ES256, kStart);
  const auto command = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(command->reseal(sealer_of(2)));
  EXPECT_EQ(kind_of(server->tick(kStart + 1s)), ErrorKind::crypto);
  EXPECT_EQ(server->ring().load()->jwks().body, ring->jwks().body);
  EXPECT_EQ(server->ring().load()->derive_refresh(Bytes{1}), ring->derive_refresh(Bytes{1}));
  EXPECT_EQ(signer_of(*server, Alg::ES256, kStart + 1s), kid);
  EXPECT_EQ(kind_of(server->ring().load()->check_active_keys(kStart + 1s)), ErrorKind::crypto);
}

TEST_F(KeyCommandsTest, AnotherProcessFollowsARevocationAlsoAfterReseal) {
  const auto server = open(demand_of({Alg::ES256}));
  const KeyId stolen = signer_of(*server, Alg::ES256, kStart);
  const auto command = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(command->reseal(sealer_of(2)));
  ASSERT_TRUE(command->revoke(stolen, kStart + 1s));
  EXPECT_EQ(kind_of(server->tick(kStart + 2s)), ErrorKind::crypto);
  EXPECT_FALSE(kids_in(server->ring().load()->jwks()).contains(stolen.str()));
  EXPECT_TRUE(server->ring().load()->verification_keys().empty());
  EXPECT_TRUE(signer_of(*server, Alg::ES256, kStart + 2s).empty());
}

// export

TEST_F(KeyCommandsTest, ExportPublicIsTheKeyOfTheJwks) {
  const auto manager = open(demand_of({Alg::ES256}));
  const Result<Json> exported = manager->export_public(signer_of(*manager, Alg::ES256, kStart));
  ASSERT_TRUE(exported);
  const Json jwks = *parse_json_object(manager->ring().load()->jwks().body);
  EXPECT_EQ(*exported, jwks["keys"][0]);
}

TEST_F(KeyCommandsTest, ExportPublicOfNothingPublic) {
  const auto manager = open({});
  EXPECT_EQ(kind_of(manager->export_public(records(KeyPurpose::refresh).front().kid)), ErrorKind::invalid);
  EXPECT_EQ(kind_of(manager->export_public(KeyId("unknown"))), ErrorKind::not_found);
}

TEST_F(KeyCommandsTest, ListShowsWhatIsStoredNow) {
  const auto one = open(demand_of({Alg::ES256}));
  const auto other = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(other->rotate(Alg::ES256, kLater));
  EXPECT_EQ(*one->list(), repository.table().records);
}

}  // namespace
}  // namespace mintmark::keys::testing
