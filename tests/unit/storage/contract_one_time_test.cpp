#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

using oauth::OneTimeKind;

class OneTimeContract : public Contract {
 protected:
  bool consume(OneTimeKind kind, std::string_view issuer, const Bytes& hash, Instant now = at(0),
               Instant expires_at = at(60)) {
    return consume_first(*storage_, {kind, std::string(issuer), hash, expires_at}, now);
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, OneTimeContract, engines(), engine_name);

TEST_P(OneTimeContract, IsTrueOnce) {
  EXPECT_TRUE(consume(OneTimeKind::client_assertion, "web", hash_of(1)));
  EXPECT_FALSE(consume(OneTimeKind::client_assertion, "web", hash_of(1)));
  EXPECT_FALSE(consume(OneTimeKind::client_assertion, "web", hash_of(1), at(59), at(1000)));
}

TEST_P(OneTimeContract, KindsIssuersAndValuesAreApart) {
  EXPECT_TRUE(consume(OneTimeKind::client_assertion, "web", hash_of(1)));
  EXPECT_TRUE(consume(OneTimeKind::dpop_proof, "web", hash_of(1)));
  EXPECT_TRUE(consume(OneTimeKind::authorization_code, "web", hash_of(1)));
  EXPECT_TRUE(consume(OneTimeKind::client_assertion, "other", hash_of(1)));
  EXPECT_TRUE(consume(OneTimeKind::client_assertion, "", hash_of(1)));
  EXPECT_TRUE(consume(OneTimeKind::client_assertion, "web", hash_of(2)));
  EXPECT_TRUE(consume(OneTimeKind::client_assertion, "'; DROP TABLE one_time_values; --", hash_of(1)));
  EXPECT_FALSE(consume(OneTimeKind::client_assertion, "web", hash_of(1)));
}

TEST_P(OneTimeContract, SaysWhatItContains) {
  const oauth::OneTimeValue value{OneTimeKind::revoked_token, "kid", hash_of(1), at(60)};
  EXPECT_FALSE(value_of(storage_->one_time().contains(value, at(0))));
  EXPECT_FALSE(value_of(storage_->one_time().contains(value, at(0)))) << "asking consumes nothing";
  EXPECT_TRUE(consume_first(*storage_, value, at(0)));
  EXPECT_TRUE(value_of(storage_->one_time().contains(value, at(59))));
  EXPECT_FALSE(value_of(storage_->one_time().contains(value, at(60))));
  for (const oauth::OneTimeValue& other :
       {oauth::OneTimeValue{OneTimeKind::dpop_proof, "kid", hash_of(1), at(60)},
        oauth::OneTimeValue{OneTimeKind::revoked_token, "other", hash_of(1), at(60)},
        oauth::OneTimeValue{OneTimeKind::revoked_token, "kid", hash_of(2), at(60)}}) {
    EXPECT_FALSE(value_of(storage_->one_time().contains(other, at(0))));
  }
}

TEST_P(OneTimeContract, AnExpiredValueIsAbsentEvenBeforeItIsRemoved) {
  EXPECT_TRUE(consume(OneTimeKind::dpop_proof, "web", hash_of(1), at(0), at(60)));
  EXPECT_FALSE(consume(OneTimeKind::dpop_proof, "web", hash_of(1), at(59), at(120)));
  EXPECT_TRUE(consume(OneTimeKind::dpop_proof, "web", hash_of(1), at(60), at(120)));
  EXPECT_FALSE(consume(OneTimeKind::dpop_proof, "web", hash_of(1), at(61), at(120)));
}

TEST_P(OneTimeContract, RemovesOnlyWhatHasExpired) {
  ASSERT_TRUE(consume(OneTimeKind::dpop_proof, "web", hash_of(1), at(0), at(10)));
  ASSERT_TRUE(consume(OneTimeKind::dpop_proof, "web", hash_of(2), at(0), at(20)));
  EXPECT_EQ(value_of(storage_->remove_expired(at(10), 100)), 1U);
  EXPECT_FALSE(consume(OneTimeKind::dpop_proof, "web", hash_of(2), at(0), at(20)));
}

TEST_P(OneTimeContract, ConsumesAllOrNone) {
  const oauth::OneTimeValue assertion{OneTimeKind::client_assertion, "web", hash_of(1), at(60)};
  const oauth::OneTimeValue proof{OneTimeKind::dpop_proof, "key", hash_of(2), at(60)};
  ASSERT_TRUE(consume_first(*storage_, proof, at(0)));
  const std::vector both{assertion, proof};
  EXPECT_EQ(value_of(storage_->one_time().consume(both, at(1))), OneTimeKind::dpop_proof);
  EXPECT_TRUE(consume_first(*storage_, assertion, at(2))) << "it was left as it was";
  const std::vector fresh{oauth::OneTimeValue{OneTimeKind::client_assertion, "web", hash_of(3), at(60)},
                          oauth::OneTimeValue{OneTimeKind::dpop_proof, "key", hash_of(3), at(60)}};
  EXPECT_EQ(value_of(storage_->one_time().consume(fresh, at(3))), std::nullopt);
  EXPECT_FALSE(consume_first(*storage_, fresh[0], at(4)));
  EXPECT_FALSE(consume_first(*storage_, fresh[1], at(4)));
}

// Invariant 2.
TEST_P(OneTimeContract, OfManyConsumersOneWins) {
  for (std::uint8_t round = 0; round < 20; ++round) {
    EXPECT_EQ(count_winners([&](int) { return consume(OneTimeKind::client_assertion, "web", hash_of(round)); }), 1);
  }
}

TEST_P(OneTimeContract, OfManyConsumersOfAnExpiredValueOneWins) {
  ASSERT_TRUE(consume(OneTimeKind::client_assertion, "web", hash_of(1), at(0), at(10)));
  EXPECT_EQ(
      count_winners([&](int) { return consume(OneTimeKind::client_assertion, "web", hash_of(1), at(20), at(30)); }), 1);
}

}  // namespace
}  // namespace mintmark::storage
