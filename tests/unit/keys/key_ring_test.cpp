#include "mintmark/keys/key_ring.hpp"

#include "key_world.hpp"
#include "mintmark/crypto/digest.hpp"
#include "signing_fault.hpp"

namespace mintmark::keys::testing {
namespace {

/// Builds a table by hand, so that states which the manager avoids can be looked at.
class KeyRingTest : public ::testing::Test {
 protected:
  KeyRingTest() { add(KeyPurpose::refresh, Alg::HS256, kStart); }

  KeyRecord& add(KeyPurpose purpose, Alg alg, Instant activates_at, const char* resource = "") {
    const jose::SigningKey key = *jose::SigningKey::generate(alg);
    KeyRecord record;
    record.kid = key.kid();
    record.purpose = purpose;
    record.alg = alg;
    record.resource = ResourceId(resource);
    record.created_at = created_at_ += 1s;
    record.activates_at = activates_at;
    sealer_.seal(record, key);
    keys_.emplace(record.kid, key);
    return records_.emplace_back(std::move(record));
  }
  KeyId add_signing(Alg alg, Instant activates_at) { return add(KeyPurpose::signing, alg, activates_at).kid; }

  Result<std::shared_ptr<const KeyRing>> try_make(Instant now = kStart) {
    return KeyRing::make(records_, sealer_, periods_, now);
  }
  std::shared_ptr<const KeyRing> make(Instant now = kStart) {
    Result<std::shared_ptr<const KeyRing>> ring = try_make(now);
    EXPECT_TRUE(ring) << (ring ? "" : ring.error().detail);
    return ring ? *ring : nullptr;
  }

  const Sealer sealer_ = sealer_of();
  KeyPeriods periods_;
  Instant created_at_ = kStart - 24h;
  std::vector<KeyRecord> records_;
  std::map<KeyId, jose::SigningKey> keys_;
};

KeyId kid_of(const Signer* signer) {
  return signer != nullptr ? signer->kid() : KeyId();
}

TEST_F(KeyRingTest, TheKeyThatIsActiveAtTheInstantSigns) {
  add(KeyPurpose::signing, Alg::ES256, kStart).retires_at = kStart + 24h;
  const KeyId first = records_.back().kid;
  const KeyId second = add_signing(Alg::ES256, kStart + 24h);
  const auto ring = make();
  EXPECT_EQ(ring->find_signer(Alg::ES256, kStart - 1ms), nullptr);
  EXPECT_EQ(kid_of(ring->find_signer(Alg::ES256, kStart)), first);
  EXPECT_EQ(kid_of(ring->find_signer(Alg::ES256, kStart + 24h - 1ms)), first);
  EXPECT_EQ(kid_of(ring->find_signer(Alg::ES256, kStart + 24h)), second);
  EXPECT_EQ(ring->find_signer(Alg::ES384, kStart), nullptr);
}

TEST_F(KeyRingTest, SaysInWhichStateItsKeysAre) {
  add(KeyPurpose::signing, Alg::ES256, kStart).retires_at = kStart + 24h;
  add_signing(Alg::ES256, kStart + 24h);
  add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://api.example.com");
  const auto ring = make();
  const auto states = [&](Instant now) {
    std::vector<KeyState> found;
    for (const KeyTimes& key : ring->key_times(now))
      found.push_back(key.state);
    return found;
  };
  const std::vector<KeyTimes> times = ring->key_times(kStart);
  ASSERT_EQ(times.size(), 3U);
  EXPECT_EQ(times[0].activates_at, kStart + 24h) << "the youngest first";
  EXPECT_EQ(times[2].purpose, KeyPurpose::resource_secret);
  EXPECT_EQ(times[2].alg, Alg::HS256);
  EXPECT_EQ(states(kStart), (std::vector{KeyState::published, KeyState::active, KeyState::active}));
  EXPECT_EQ(states(kStart + 24h), (std::vector{KeyState::active, KeyState::retiring, KeyState::active}));
}

TEST_F(KeyRingTest, OfSeveralActiveKeysTheYoungestSigns) {
  add_signing(Alg::ES256, kStart + 1h);
  const KeyId youngest = add_signing(Alg::ES256, kStart + 2h);
  add_signing(Alg::ES256, kStart);
  EXPECT_EQ(kid_of(make()->find_signer(Alg::ES256, kStart + 3h)), youngest);
}

TEST_F(KeyRingTest, TheSignerSignsWithItsOwnAlgorithmAndKid) {
  const KeyId kid = add_signing(Alg::ES256, kStart);
  const auto ring = make();
  jose::UnsignedClaims claims;
  claims.add("sub", "somebody").add("exp", kStart + 1h);
  const Result<std::string> token = ring->find_signer(Alg::ES256, kStart)->sign("at+jwt", claims);
  ASSERT_TRUE(token);
  jose::JwtExpectation expectation;
  expectation.now = kStart;
  expectation.typ = "at+jwt";
  const Result<jose::VerifiedJwt> verified = jose::verify_jwt(*token, ring->verification_keys(), expectation);
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(verified->alg(), Alg::ES256);
  EXPECT_EQ(verified->kid(), kid);
}

TEST_F(KeyRingTest, TheNextActivationIsTheNearest) {
  add_signing(Alg::ES256, kStart + 3h);
  add_signing(Alg::ES256, kStart + 2h);
  add_signing(Alg::ES384, kStart + 1h);
  const auto ring = make();
  EXPECT_EQ(ring->next_activation(Alg::ES256, kStart), kStart + 2h);
  EXPECT_EQ(ring->next_activation(Alg::ES256, kStart + 2h), kStart + 3h);
  EXPECT_EQ(ring->next_activation(Alg::ES256, kStart + 3h), std::nullopt);
  EXPECT_EQ(ring->next_activation(Alg::EdDSA, kStart), std::nullopt);
}

TEST_F(KeyRingTest, JwksHasWhatVerifiesAndNothingElse) {
  const KeyId published = add_signing(Alg::ES256, kStart + 1h);
  const KeyId active = add_signing(Alg::ES384, kStart);
  KeyRecord& retiring = add(KeyPurpose::signing, Alg::EdDSA, kStart - 2h);
  retiring.retires_at = kStart;
  retiring.removes_at = kStart + 1h;
  const KeyId retiring_kid = retiring.kid;
  KeyRecord& gone = add(KeyPurpose::signing, Alg::ES256, kStart - 2h);
  gone.retires_at = kStart - 1h;
  gone.removes_at = kStart;
  add(KeyPurpose::signing, Alg::ES256, kStart).revoked_at = kStart;
  add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://api.example");
  EXPECT_EQ(kids_in(make()->jwks()), (std::set{published.str(), active.str(), retiring_kid.str()}));
}

TEST_F(KeyRingTest, JwksHasPublicMembersOnly) {
  for (const Alg alg : {Alg::RS256, Alg::ES256, Alg::ES384, Alg::ES512, Alg::ES256K, Alg::EdDSA, Alg::Ed25519,
                        Alg::Ed448, Alg::ML_DSA_44}) {
    if (jose::is_available(alg)) add_signing(alg, kStart);
  }
  for (const Alg alg : {Alg::HS256, Alg::HS384, Alg::HS512})
    add(KeyPurpose::resource_secret, alg, kStart, "https://api.example");

  const std::set<std::string> common{"alg", "kid", "kty", "use"};
  const std::map<std::string, std::set<std::string>> public_members{
      {"RSA", {"n", "e"}}, {"EC", {"crv", "x", "y"}}, {"OKP", {"crv", "x"}}, {"AKP", {"pub"}}};
  const Json jwks = *parse_json_object(make()->jwks().body);
  ASSERT_EQ(jwks.size(), 1U);
  ASSERT_GE(jwks["keys"].size(), 8U);
  for (const Json& key : jwks["keys"]) {
    const auto allowed = public_members.find(key["kty"].get<std::string>());
    ASSERT_NE(allowed, public_members.end()) << key["kty"];
    std::set<std::string> expected = common;
    expected.insert(allowed->second.begin(), allowed->second.end());
    std::set<std::string> members;
    for (const auto& [name, value] : key.items())
      members.insert(name);
    EXPECT_EQ(members, expected);
    EXPECT_EQ(key["use"], "sig");
  }
}

TEST_F(KeyRingTest, NoSecretIsInTheJwks) {
  add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://api.example");
  add_signing(Alg::ES256, kStart);
  const std::string body = make()->jwks().body;
  for (const KeyRecord& record : records_) {
    if (!jose::is_symmetric(record.alg)) continue;
    EXPECT_EQ(body.find(record.kid.str()), std::string::npos);
    EXPECT_EQ(body.find(encode_base64url(keys_.at(record.kid).shared_secret().reveal())), std::string::npos);
  }
}

TEST_F(KeyRingTest, JwksIsTheSameBytesWhateverTheOrderOfTheRows) {
  for (const Alg alg : {Alg::ES384, Alg::ES256, Alg::ES256, Alg::EdDSA})
    add_signing(alg, kStart);
  const JwksDocument one = make()->jwks();
  std::ranges::reverse(records_);
  const JwksDocument other = make()->jwks();
  EXPECT_EQ(one.body, other.body);
  EXPECT_EQ(one.etag, other.etag);
  std::vector<std::string> algs;
  const Json jwks = *parse_json_object(one.body);
  for (const Json& key : jwks["keys"])
    algs.push_back(key["alg"]);
  EXPECT_EQ(algs, (std::vector<std::string>{"ES256", "ES256", "ES384", "EdDSA"}));
}

TEST_F(KeyRingTest, TheEtagIsStrongAndChangesWithTheContent) {
  add_signing(Alg::ES256, kStart);
  const std::string before = make()->jwks().etag;
  ASSERT_EQ(before.size(), 24U);  // 128 bits as base64url, and the quotes
  EXPECT_EQ(before.front(), '"');
  EXPECT_EQ(before.back(), '"');
  add_signing(Alg::ES256, kStart + 24h);
  EXPECT_NE(make()->jwks().etag, before);
}

TEST_F(KeyRingTest, AKeySetWithoutKeysIsNeverServed) {
  EXPECT_EQ(make()->jwks().body, "");
  EXPECT_EQ(make()->jwks().etag, "");
}

TEST_F(KeyRingTest, JwksMayNotBeCachedBeyondTheNextActivation) {
  add_signing(Alg::ES256, kStart);
  add_signing(Alg::EdDSA, kStart + 1h);
  const auto ring = make();
  EXPECT_EQ(ring->jwks_max_age(kStart), 5min);
  EXPECT_EQ(ring->jwks_max_age(kStart + 55min), 5min);
  EXPECT_EQ(ring->jwks_max_age(kStart + 58min), 2min);
  EXPECT_EQ(ring->jwks_max_age(kStart + 1h - 1ms), 1ms);
  EXPECT_EQ(ring->jwks_max_age(kStart + 1h), 5min);
}

TEST_F(KeyRingTest, AResourceHasItsOwnSecretOfItsOwnAlgorithm) {
  const ResourceId one("https://one.example");
  const ResourceId two("https://two.example");
  const KeyId first = add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://one.example").kid;
  const KeyId second = add(KeyPurpose::resource_secret, Alg::HS512, kStart, "https://two.example").kid;
  const auto ring = make();
  EXPECT_EQ(kid_of(ring->find_resource_signer(one, Alg::HS256)), first);
  EXPECT_EQ(kid_of(ring->find_resource_signer(two, Alg::HS512)), second);
  EXPECT_EQ(ring->find_resource_signer(one, Alg::HS512), nullptr);
  EXPECT_EQ(ring->find_resource_signer(two, Alg::HS256), nullptr);
  EXPECT_EQ(ring->find_resource_signer(ResourceId("https://three.example"), Alg::HS256), nullptr);
  EXPECT_EQ(ring->find_signer(Alg::HS256, kStart), nullptr);
}

TEST_F(KeyRingTest, OfSeveralSecretsTheYoungestThatIsNotRevokedSigns) {
  const ResourceId resource("https://api.example");
  add(KeyPurpose::resource_secret, Alg::HS256, kStart - 2h, "https://api.example");
  const KeyId youngest = add(KeyPurpose::resource_secret, Alg::HS256, kStart - 1h, "https://api.example").kid;
  add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://api.example").revoked_at = kStart;
  EXPECT_EQ(kid_of(make()->find_resource_signer(resource, Alg::HS256)), youngest);
}

TEST_F(KeyRingTest, RefreshIsHmacUnderTheRefreshKey) {
  const Bytes message{1, 2, 3};
  const ByteView secret = keys_.at(records_.front().kid).shared_secret().reveal();
  EXPECT_EQ(make()->derive_refresh(message), crypto::hmac(crypto::Hash::sha256, secret, message));
}

TEST_F(KeyRingTest, WithoutRefreshKeyThereIsNoRing) {
  records_.clear();
  add_signing(Alg::ES256, kStart);
  const auto ring = try_make();
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().kind, ErrorKind::corrupt);
}

TEST_F(KeyRingTest, OnlyWhatIsUsableIsOpened) {
  add(KeyPurpose::signing, Alg::ES256, kStart).revoked_at = kStart;
  records_.back().sealed.clear();
  EXPECT_TRUE(try_make());
  add(KeyPurpose::signing, Alg::ES256, kStart).sealed.clear();
  const auto ring = try_make();
  ASSERT_FALSE(ring);
  EXPECT_EQ(ring.error().kind, ErrorKind::crypto);
  EXPECT_NE(ring.error().detail.find(records_.back().kid.str()), std::string::npos);
}

TEST_F(KeyRingTest, VerificationKeysAreThoseOfTheJwksAndTheSecrets) {
  std::set<KeyId> expected{add_signing(Alg::ES256, kStart), add_signing(Alg::ES256, kStart + 1h)};
  expected.insert(add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://api.example").kid);
  add(KeyPurpose::signing, Alg::ES256, kStart).revoked_at = kStart;
  const auto ring = make();
  std::set<KeyId> kids;
  for (const jose::VerificationKey& key : ring->verification_keys())
    kids.insert(key.kid());
  EXPECT_EQ(kids, expected);
}

TEST_F(KeyRingTest, ReadinessSignsWithEveryActiveKey) {
  EXPECT_TRUE(make()->check_active_keys(kStart));  // HS* alone need no signing key
  add_signing(Alg::ES256, kStart);
  add_signing(Alg::EdDSA, kStart + 1h);
  add(KeyPurpose::resource_secret, Alg::HS256, kStart, "https://api.example");
  const auto ring = make();
  EXPECT_TRUE(ring->check_active_keys(kStart));
  EXPECT_TRUE(ring->check_active_keys(kStart + 2h));
}

// Invariant 7: a key that does not sign, or signs what nobody can verify, makes this instance not ready.

TEST_F(KeyRingTest, Invariant7_AnActiveKeyThatDoesNotSignIsNotReady) {
  const KeyId kid = add_signing(Alg::ES256, kStart);
  const auto ring = make();
  const ScopedSigningFault fault(SigningFault::fails);
  const Result<void> checked = ring->check_active_keys(kStart);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::crypto);
  EXPECT_EQ(checked.error().detail.find("key " + kid.str() + " does not sign"), 0U) << checked.error().detail;
  EXPECT_TRUE(ring->check_active_keys(kStart - 1h).error().kind == ErrorKind::unavailable) << "it is not active yet";
}

TEST_F(KeyRingTest, Invariant7_AnActiveKeyWhoseSignatureDoesNotVerifyIsNotReady) {
  const KeyId kid = add_signing(Alg::ES256, kStart);
  const auto ring = make();
  const ScopedSigningFault fault(SigningFault::flips_a_bit);
  const Result<void> checked = ring->check_active_keys(kStart);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::crypto);
  EXPECT_NE(checked.error().detail.find(kid.str() + ": its signature does not verify"), std::string::npos);
}

// A fault in one half of the CRT computation gives a signature from which the key can be factored.
TEST_F(KeyRingTest, Invariant7_AFaultyRsaSignatureIsWithheld) {
  for (const Alg alg : {Alg::RS256, Alg::PS256}) {
    const jose::SigningKey signer = *jose::SigningKey::generate(alg);
    const ScopedSigningFault fault(SigningFault::flips_a_bit);
    const Result<Bytes> signature = signer.sign(Bytes{1});
    ASSERT_FALSE(signature);
    EXPECT_EQ(signature.error().kind, ErrorKind::crypto);
  }
}

TEST_F(KeyRingTest, ReadinessWantsAnActiveKeyWhereKeysArePublished) {
  add_signing(Alg::ES256, kStart + 1h);
  const Result<void> checked = make()->check_active_keys(kStart);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::unavailable);
}

TEST_F(KeyRingTest, OnlyLongRsaKeysAreSlow) {
  add_signing(Alg::RS256, kStart);
  add_signing(Alg::ES256, kStart);
  const auto ring = make();
  EXPECT_FALSE(ring->find_signer(Alg::RS256, kStart)->is_slow());
  EXPECT_FALSE(ring->find_signer(Alg::ES256, kStart)->is_slow());

  const jose::SigningKey key = *jose::SigningKey::generate(Alg::PS256, 3072);
  KeyRecord record;
  record.kid = key.kid();
  record.alg = Alg::PS256;
  record.created_at = record.activates_at = kStart;
  sealer_.seal(record, key);
  records_.push_back(record);
  EXPECT_TRUE(make()->find_signer(Alg::PS256, kStart)->is_slow());
}

}  // namespace
}  // namespace mintmark::keys::testing
