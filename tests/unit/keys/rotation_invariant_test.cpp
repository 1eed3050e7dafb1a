// Invariant 3: rotation never breaks a verifier. A year of rotations on a simulated clock. Of every JWKS that was
// served it is remembered until when it may be cached, and a token is held against all copies that any verifier may
// hold: from the instant of its signature, when the oldest copies matter, to the end of its life and the skew beyond,
// when the newest do.

#include <deque>
#include <random>

#include "key_world.hpp"
#include "mintmark/keys/key_manager.hpp"

namespace mintmark::keys::testing {
namespace {

constexpr Duration kStep = 7min;
constexpr Duration kYear = 24h * 365;

/// Every copy of the JWKS that a verifier may hold, and every token that it may be shown.
class Verifiers {
 public:
  explicit Verifiers(const KeyPeriods& periods) : periods_(periods) {}

  void fetch(const KeyRing& ring, Instant now) {
    const Duration max_age = ring.jwks_max_age(now);
    ASSERT_GE(max_age, Duration::zero());
    ASSERT_LE(max_age, periods_.jwks_max_age);
    ASSERT_LE(now + max_age, ring.next_activation(Alg::ES256, now).value_or(Instant::max()));
    copies_.push_back({now + max_age, &contents_of(ring.jwks())});
    ASSERT_FALSE(copies_.back().kids->empty());
  }

  void show(const KeyId& kid, Instant signed_at) {
    check(kid, signed_at);
    pending_.push_back({signed_at + periods_.longest_lifetime + periods_.clock_skew, kid});
    kids_.insert(kid);
  }

  void advance(Instant now) {
    // A copy may be used up to and including the instant at which it expires.
    std::erase_if(copies_, [&](const Copy& copy) { return copy.usable_until < now; });
    for (; !pending_.empty() && pending_.front().dies_at <= now; pending_.pop_front())
      check(pending_.front().kid, now);
  }

  [[nodiscard]] std::size_t keys_seen() const { return kids_.size(); }
  [[nodiscard]] std::size_t unknown() const { return unknown_; }

 private:
  struct Copy {
    Instant usable_until;
    const std::set<std::string>* kids;
  };
  struct Token {
    Instant dies_at;
    KeyId kid;
  };

  const std::set<std::string>& contents_of(const JwksDocument& jwks) {
    const auto [found, is_new] = contents_.try_emplace(jwks.etag);
    if (is_new) found->second = kids_in(jwks);
    return found->second;
  }

  void check(const KeyId& kid, Instant now) {
    for (const Copy& copy : copies_) {
      if (copy.kids->contains(kid.str())) continue;
      ++unknown_;
      if (unknown_ < 5)
        ADD_FAILURE() << kid.str() << " unknown " << (now - kStart) / 1min << " minutes after the start";
    }
  }

  const KeyPeriods& periods_;
  std::map<std::string, std::set<std::string>> contents_;  // by ETag
  std::deque<Copy> copies_;
  std::deque<Token> pending_;
  std::set<KeyId> kids_;
  std::size_t unknown_ = 0;
};

class RotationInvariant : public KeyWorld {
 protected:
  RotationInvariant() {
    periods.rotate_every = 24h * 30;
    periods.jwks_max_age = 1h;
    periods.clock_skew = 10min;
    periods.longest_lifetime = kStep * 411 - periods.clock_skew;  // two days; a token dies at a step and is shown then
    periods.publish_ahead = periods.longest_cached();             // not a millisecond to spare
    periods.retain = periods.longest_lifetime + periods.clock_skew;
    EXPECT_TRUE(check_periods(periods));
  }

  static void sign(const KeyManager& manager, Verifiers& verifiers, Instant now) {
    const auto ring = manager.ring().load();
    const Signer* const signer = ring->find_signer(Alg::ES256, now);
    ASSERT_NE(signer, nullptr) << (now - kStart) / 1min << " minutes after the start";
    verifiers.show(signer->kid(), now);
  }
};

TEST_F(RotationInvariant, OneProcessForAYear) {
  const auto manager = open(demand_of({Alg::ES256}));
  Verifiers verifiers(periods);
  for (Instant now = kStart; now < kStart + kYear; now += kStep) {
    ASSERT_TRUE(manager->tick(now));
    verifiers.fetch(*manager->ring().load(), now);
    verifiers.advance(now);
    sign(*manager, verifiers, now);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(verifiers.unknown(), 0U);
  EXPECT_EQ(verifiers.keys_seen(), 13U);
  EXPECT_LE(repository.table().records.size(), 4U) << "old keys are removed";
}

TEST_F(RotationInvariant, TwoReplicasThatComeAndGoForAYear) {
  struct Replica {
    std::unique_ptr<KeyManager> manager;
    Instant down_until;
    Instant ticked_at;
  };
  std::vector<Replica> replicas(2);
  std::mt19937 random(20260101);  // the same year in every run
  Verifiers verifiers(periods);
  for (Instant now = kStart; now < kStart + kYear; now += kStep) {
    for (Replica& replica : replicas) {
      if (now < replica.down_until) continue;
      if (random() % 500 == 0) {
        replica.manager.reset();
        replica.down_until = now + kStep * (random() % 1500);
        continue;
      }
      if (!replica.manager) {
        replica.manager = open(demand_of({Alg::ES256}), now);
        replica.ticked_at = now;
      }
      // A replica that ticks late is late by no more than the skew.
      if (now - replica.ticked_at >= periods.clock_skew || random() % 2 == 0) {
        ASSERT_TRUE(replica.manager->tick(now));
        replica.ticked_at = now;
      }
      verifiers.fetch(*replica.manager->ring().load(), now);
    }
    verifiers.advance(now);
    for (const Replica& replica : replicas) {
      if (replica.manager) sign(*replica.manager, verifiers, now);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_EQ(verifiers.unknown(), 0U);
  EXPECT_GE(verifiers.keys_seen(), 11U);
}

TEST_F(RotationInvariant, RotationsByCommandAndNewAlgorithmsKeepItToo) {
  const auto manager = open(demand_of({Alg::ES256}));
  Verifiers verifiers(periods);
  for (Instant now = kStart; now < kStart + 24h * 60; now += kStep) {
    ASSERT_TRUE(manager->tick(now));
    const Duration age = now - kStart;
    if (age % (kStep * 50) == Duration::zero()) static_cast<void>(manager->rotate(Alg::ES256, now));
    if (age == kStep * 1000) {
      ASSERT_TRUE(manager->set_demand(demand_of({Alg::ES256, Alg::EdDSA}), now));
    }
    if (age == kStep * 2000) {
      ASSERT_TRUE(manager->set_demand(demand_of({Alg::ES256}), now));
    }
    if (age == kStep * 3000) {
      ASSERT_TRUE(manager->import(*jose::SigningKey::generate(Alg::ES256), now));
    }
    const auto ring = manager->ring().load();
    verifiers.fetch(*ring, now);
    verifiers.advance(now);
    sign(*manager, verifiers, now);
    if (const Signer* const signer = ring->find_signer(Alg::EdDSA, now)) verifiers.show(signer->kid(), now);
    if (HasFatalFailure()) return;
  }
  EXPECT_EQ(verifiers.unknown(), 0U);
  EXPECT_GE(verifiers.keys_seen(), 50U);
}

TEST_F(RotationInvariant, ATokenVerifiesWithTheKeysOfTheRingToTheEndOfItsLife) {
  const auto manager = open(demand_of({Alg::ES256}));
  ASSERT_TRUE(manager->tick(kStart + periods.rotate_every - periods.publish_ahead));
  const Instant last = kStart + periods.rotate_every - 1s;  // a second before the first key retires
  jose::UnsignedClaims claims;
  claims.add("iss", "https://mint.example").add("exp", last + periods.longest_lifetime);
  const Result<std::string> token = manager->ring().load()->find_signer(Alg::ES256, last)->sign("JWT", claims);
  ASSERT_TRUE(token);

  const Instant end = last + periods.longest_lifetime + periods.clock_skew - 1s;
  ASSERT_TRUE(manager->tick(end));
  jose::JwtExpectation expectation;
  expectation.now = end;
  expectation.leeway = periods.clock_skew;
  EXPECT_TRUE(jose::verify_jwt(*token, manager->ring().load()->verification_keys(), expectation));

  ASSERT_TRUE(manager->tick(end + 1h));
  expectation.leeway = 24h;
  EXPECT_FALSE(jose::verify_jwt(*token, manager->ring().load()->verification_keys(), expectation))
      << "and not for much longer";
}

}  // namespace
}  // namespace mintmark::keys::testing
