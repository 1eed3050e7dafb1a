#include "contract.hpp"
#include "samples.hpp"

namespace mintmark::storage {
namespace {

using accounts::AttemptCounter;
using crypto::KeyedHash;

KeyedHash key_of(std::uint8_t number) {
  KeyedHash key{};
  key.fill(number);
  return key;
}

AttemptCounter counter_of(std::uint8_t number, double failures, Instant expires_at) {
  return {.key = key_of(number),
          .failures = failures,
          .counted_at = at(1),
          .blocked_until = at(2),
          .expires_at = expires_at};
}

class AttemptCounterContract : public Contract {
 protected:
  void store(const std::vector<AttemptCounter>& upserts, const std::vector<KeyedHash>& removals = {}) {
    const Result<void> stored = storage_->attempt_counters().store_counters(upserts, removals);
    EXPECT_TRUE(stored) << stored.error().detail;
  }
  std::vector<AttemptCounter> load(Instant now = at(0), std::size_t limit = 100) {
    return value_of(storage_->attempt_counters().load_counters(now, limit));
  }
};

INSTANTIATE_TEST_SUITE_P(Engines, AttemptCounterContract, engines(), engine_name);

TEST_P(AttemptCounterContract, GivesBackWhatWasStoredThoseThatLastLongestFirst) {
  store({counter_of(1, 2.5, at(10)), counter_of(2, 7, at(30)), counter_of(3, 0.125, at(20))});
  EXPECT_EQ(load(), (std::vector{counter_of(2, 7, at(30)), counter_of(3, 0.125, at(20)), counter_of(1, 2.5, at(10))}));
  EXPECT_EQ(load(at(0), 1), (std::vector{counter_of(2, 7, at(30))}));
}

TEST_P(AttemptCounterContract, ReplacesAndRemoves) {
  store({counter_of(1, 1, at(10)), counter_of(2, 2, at(20))});
  store({counter_of(1, 3, at(40))}, {key_of(2), key_of(9)});
  EXPECT_EQ(load(), (std::vector{counter_of(1, 3, at(40))}));
}

TEST_P(AttemptCounterContract, WhatHasExpiredIsNotLoadedAndGoes) {
  store({counter_of(1, 1, at(10)), counter_of(2, 2, at(20))});
  EXPECT_EQ(load(at(10)), (std::vector{counter_of(2, 2, at(20))}));
  EXPECT_EQ(value_of(storage_->remove_expired(at(10), 100)), 1U);
  EXPECT_EQ(load(at(0)), (std::vector{counter_of(2, 2, at(20))}));
}

TEST_P(AttemptCounterContract, ChangesNothingThatIsCached) {
  const std::uint64_t before = changes();
  store({counter_of(1, 1, at(10))});
  EXPECT_EQ(changes(), before);
}

}  // namespace
}  // namespace mintmark::storage
