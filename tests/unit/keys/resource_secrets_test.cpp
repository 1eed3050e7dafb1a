#include "key_world.hpp"
#include "mintmark/keys/key_manager.hpp"

namespace mintmark::keys::testing {
namespace {

const ResourceId kApi("https://api.example");
const ResourceId kOther("https://other.example");

Secret secret_of(std::uint8_t byte, std::size_t size = 32) {
  return Secret(Bytes(size, byte));
}

KeyDemand secret_demand(const ResourceId& resource, Alg alg, std::optional<Secret> given = {}) {
  KeyDemand demand;
  demand.secrets.push_back({resource, alg, std::move(given)});
  return demand;
}

template <class T>
ErrorKind kind_of(const Result<T>& result) {
  EXPECT_FALSE(result);
  return result ? ErrorKind::unsupported : result.error().kind;
}

class ResourceSecretsTest : public KeyWorld {
 protected:
  /// What signs for the resource now, as bytes.
  Bytes secret_in_use(const KeyManager& manager, const ResourceId& resource, Alg alg, std::uint8_t sealing_byte = 1) {
    const Signer* const signer = manager.ring().load()->find_resource_signer(resource, alg);
    if (signer == nullptr) return {};
    const Result<jose::SigningKey> key = sealer_of(sealing_byte).open(record_of(signer->kid()));
    if (!key) return {};
    const ByteView bytes = key->shared_secret().reveal();
    return {bytes.begin(), bytes.end()};
  }
};

TEST_F(ResourceSecretsTest, EachResourceGetsASecretAsLongAsItsHash) {
  KeyDemand demand = secret_demand(kApi, Alg::HS256);
  demand.secrets.push_back({kOther, Alg::HS512, std::nullopt});
  const auto manager = open(demand);
  const Bytes one = secret_in_use(*manager, kApi, Alg::HS256);
  const Bytes other = secret_in_use(*manager, kOther, Alg::HS512);
  EXPECT_EQ(one.size(), 32U);
  EXPECT_EQ(other.size(), 64U);
  EXPECT_TRUE(kids_in(manager->ring().load()->jwks()).empty());
}

TEST_F(ResourceSecretsTest, ASecretStays) {
  const Bytes secret = secret_in_use(*open(secret_demand(kApi, Alg::HS256)), kApi, Alg::HS256);
  const auto again = open(secret_demand(kApi, Alg::HS256), kStart + 24h * 365);
  ASSERT_TRUE(again->tick(kStart + 24h * 400));
  EXPECT_EQ(secret_in_use(*again, kApi, Alg::HS256), secret);
  EXPECT_EQ(records(KeyPurpose::resource_secret).size(), 1U);
}

TEST_F(ResourceSecretsTest, ASecretOfAResourceThatIsNotDemandedStays) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  const Bytes secret = secret_in_use(*manager, kApi, Alg::HS256);
  ASSERT_TRUE(manager->set_demand({}, kStart + 1h));
  ASSERT_TRUE(manager->tick(kStart + 24h * 100));
  EXPECT_EQ(secret_in_use(*manager, kApi, Alg::HS256), secret);
}

TEST_F(ResourceSecretsTest, ADeclaredSecretIsUsed) {
  const auto manager = open(secret_demand(kApi, Alg::HS256, secret_of(5)));
  EXPECT_EQ(secret_in_use(*manager, kApi, Alg::HS256), Bytes(32, 5));
  EXPECT_TRUE(records(KeyPurpose::resource_secret).front().imported);
}

TEST_F(ResourceSecretsTest, ADeclaredSecretThatIsStoredAlreadyChangesNothing) {
  ASSERT_TRUE(open(secret_demand(kApi, Alg::HS256, secret_of(5))));
  const std::uint64_t version = repository.table().version;
  ASSERT_TRUE(open(secret_demand(kApi, Alg::HS256, secret_of(5)), kStart + 1h));
  EXPECT_EQ(repository.table().version, version);
}

TEST_F(ResourceSecretsTest, ADeclaredSecretThatDiffersWinsAndTheOldOneIsRevoked) {
  ASSERT_TRUE(open(secret_demand(kApi, Alg::HS256)));
  const KeyId old = records(KeyPurpose::resource_secret).front().kid;
  const auto manager = open(secret_demand(kApi, Alg::HS256, secret_of(6)), kStart + 1h);
  EXPECT_EQ(secret_in_use(*manager, kApi, Alg::HS256), Bytes(32, 6));
  EXPECT_EQ(state_at(record_of(old), kStart + 1h), KeyState::revoked);
  EXPECT_EQ(events.revoked, std::vector{old});
  EXPECT_EQ(manager->ring().load()->verification_keys().size(), 1U);
}

TEST_F(ResourceSecretsTest, TwoConfigurationsDoNotTakeTurnsAtEveryTick) {
  const auto one = open(secret_demand(kApi, Alg::HS256, secret_of(5)));
  const auto other = open(secret_demand(kApi, Alg::HS256, secret_of(6)), kStart + 1h);
  const std::uint64_t version = repository.table().version;
  for (Instant now = kStart + 1h; now < kStart + 1h + 10s; now += 1s) {
    ASSERT_TRUE(one->tick(now));
    ASSERT_TRUE(other->tick(now));
  }
  EXPECT_EQ(repository.table().version, version);
  EXPECT_EQ(secret_in_use(*one, kApi, Alg::HS256), Bytes(32, 6));
}

TEST_F(ResourceSecretsTest, TwoConfigurationsDoNotTakeTurnsAtEveryChangeOfTheStore) {
  const KeyDemand ours = secret_demand(kApi, Alg::HS256, secret_of(5));
  const KeyDemand theirs = secret_demand(kApi, Alg::HS256, secret_of(6));
  const auto one = open(ours);
  const auto other = open(theirs, kStart + 1h);
  const std::uint64_t version = repository.table().version;
  for (Instant now = kStart + 1h; now < kStart + 1h + 10s; now += 1s) {
    ASSERT_TRUE(one->set_demand(ours, now));
    ASSERT_TRUE(one->tick(now));
    ASSERT_TRUE(other->set_demand(theirs, now));
    ASSERT_TRUE(other->tick(now));
  }
  EXPECT_EQ(repository.table().version, version);
  EXPECT_EQ(secret_in_use(*one, kApi, Alg::HS256), Bytes(32, 6));
}

TEST_F(ResourceSecretsTest, ADemandIsTheSameInWhateverOrder) {
  KeyDemand demand = secret_demand(kApi, Alg::HS256, secret_of(5));
  demand.secrets.push_back({kOther, Alg::HS512, std::nullopt});
  demand.algs = {Alg::ES256, Alg::EdDSA};
  KeyDemand other = demand;
  std::ranges::reverse(other.secrets);
  std::ranges::reverse(other.algs);
  EXPECT_TRUE(is_same_demand(demand, other));
  other.secrets.back().given = secret_of(6);
  EXPECT_FALSE(is_same_demand(demand, other));
  other.secrets.back().given.reset();
  EXPECT_FALSE(is_same_demand(demand, other));
  other = demand;
  other.secrets.back().alg = Alg::HS256;
  EXPECT_FALSE(is_same_demand(demand, other));
  other = demand;
  other.algs.pop_back();
  EXPECT_FALSE(is_same_demand(demand, other));
  other = demand;
  other.rsa_bits = 3072;
  EXPECT_FALSE(is_same_demand(demand, other));
}

TEST_F(ResourceSecretsTest, AFormerSecretStaysForTheLongestLifetimeThatItSignedUnder) {
  periods.longest_lifetime = 240h;
  ASSERT_TRUE(open(secret_demand(kApi, Alg::HS256)));
  periods.longest_lifetime = 1h;
  const auto manager = open(secret_demand(kApi, Alg::HS512), kStart + 1h);
  ASSERT_TRUE(manager->tick(kStart + 241h));
  EXPECT_EQ(manager->ring().load()->verification_keys().size(), 2U);
}

TEST_F(ResourceSecretsTest, AnotherAlgorithmMeansANewSecretAndTheOldOneRetires) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  const KeyId old = records(KeyPurpose::resource_secret).front().kid;
  const Instant now = kStart + 1h;
  ASSERT_TRUE(manager->set_demand(secret_demand(kApi, Alg::HS512), now));
  EXPECT_EQ(secret_in_use(*manager, kApi, Alg::HS512).size(), 64U);
  EXPECT_EQ(state_at(record_of(old), now), KeyState::retiring);
  EXPECT_EQ(manager->ring().load()->verification_keys().size(), 2U) << "tokens that it signed are still good";
  ASSERT_TRUE(manager->tick(now + periods.retention()));
  EXPECT_EQ(manager->ring().load()->find_resource_signer(kApi, Alg::HS256), nullptr);
  EXPECT_EQ(manager->ring().load()->verification_keys().size(), 1U);
}

TEST_F(ResourceSecretsTest, BackToTheFormerAlgorithmTheSecretThatTheApiHasIsKept) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  const Bytes secret = secret_in_use(*manager, kApi, Alg::HS256);
  ASSERT_TRUE(manager->set_demand(secret_demand(kApi, Alg::HS512), kStart + 1h));
  ASSERT_TRUE(manager->set_demand(secret_demand(kApi, Alg::HS256), kStart + 2h));
  ASSERT_TRUE(manager->tick(kStart + 24h * 30));
  EXPECT_EQ(secret_in_use(*manager, kApi, Alg::HS256), secret);
}

TEST_F(ResourceSecretsTest, ASecretIsExportedOnce) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  const Result<Secret> exported = manager->export_resource_secret(kApi, kStart + 1h);
  ASSERT_TRUE(exported);
  EXPECT_EQ(Bytes(exported->reveal().begin(), exported->reveal().end()), secret_in_use(*manager, kApi, Alg::HS256));
  EXPECT_EQ(records(KeyPurpose::resource_secret).front().exported_at, kStart + 1h);
  EXPECT_EQ(kind_of(manager->export_resource_secret(kApi, kStart + 2h)), ErrorKind::conflict);
  EXPECT_EQ(kind_of(open(secret_demand(kApi, Alg::HS256))->export_resource_secret(kApi, kStart)), ErrorKind::conflict);
  EXPECT_EQ(kind_of(manager->export_resource_secret(kOther, kStart)), ErrorKind::not_found);
}

TEST_F(ResourceSecretsTest, OfTwoExportsAtOnceOneWins) {
  const auto one = open(secret_demand(kApi, Alg::HS256));
  const auto other = open(secret_demand(kApi, Alg::HS256));
  repository.before_store = [&] { EXPECT_TRUE(other->export_resource_secret(kApi, kStart)); };
  EXPECT_EQ(kind_of(one->export_resource_secret(kApi, kStart)), ErrorKind::conflict);
}

TEST_F(ResourceSecretsTest, AnExportThatCouldNotBeMarkedHandsOutNothing) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  repository.store_error = unavailable("the disk is full");
  EXPECT_EQ(kind_of(manager->export_resource_secret(kApi, kStart)), ErrorKind::unavailable);
  repository.store_error.reset();
  EXPECT_TRUE(manager->export_resource_secret(kApi, kStart));
}

TEST_F(ResourceSecretsTest, AReplacedSecretIsNewAtOnceAndNotYetExported) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  const KeyId old = records(KeyPurpose::resource_secret).front().kid;
  const Bytes before = secret_in_use(*manager, kApi, Alg::HS256);
  ASSERT_TRUE(manager->export_resource_secret(kApi, kStart));
  ASSERT_TRUE(manager->replace_resource_secret(kApi, kStart + 1h));
  EXPECT_NE(secret_in_use(*manager, kApi, Alg::HS256), before);
  EXPECT_EQ(state_at(record_of(old), kStart + 1h), KeyState::revoked);
  EXPECT_TRUE(manager->export_resource_secret(kApi, kStart + 1h));
  EXPECT_EQ(kind_of(manager->replace_resource_secret(kOther, kStart)), ErrorKind::not_found);
}

TEST_F(ResourceSecretsTest, ARevokedSecretIsReplacedAtOnce) {
  const auto manager = open(secret_demand(kApi, Alg::HS256));
  const Bytes before = secret_in_use(*manager, kApi, Alg::HS256);
  ASSERT_TRUE(manager->revoke(records(KeyPurpose::resource_secret).front().kid, kStart + 1h));
  const Bytes after = secret_in_use(*manager, kApi, Alg::HS256);
  EXPECT_EQ(after.size(), 32U);
  EXPECT_NE(after, before);
}

TEST_F(ResourceSecretsTest, ADeclaredSecretIsChangedWhereItIsDeclared) {
  const auto manager = open(secret_demand(kApi, Alg::HS256, secret_of(5)));
  EXPECT_EQ(kind_of(manager->replace_resource_secret(kApi, kStart)), ErrorKind::conflict);
  EXPECT_EQ(kind_of(manager->revoke(records(KeyPurpose::resource_secret).front().kid, kStart)), ErrorKind::conflict);
  EXPECT_EQ(secret_in_use(*manager, kApi, Alg::HS256), Bytes(32, 5));
}

}  // namespace
}  // namespace mintmark::keys::testing
