#include "mintmark/accounts/attempt_guard.hpp"

#include <gtest/gtest.h>

#include <barrier>
#include <map>
#include <thread>

namespace mintmark::accounts {
namespace {

using namespace std::chrono_literals;

class FakeCounters final : public AttemptCounterRepository {
 public:
  Result<std::vector<AttemptCounter>> load_counters(Instant now, std::size_t limit) override {
    std::vector<AttemptCounter> counters;
    for (const auto& [key, counter] : rows) {
      if (counter.expires_at > now && counters.size() < limit) counters.push_back(counter);
    }
    return counters;
  }
  Result<void> store_counters(std::span<const AttemptCounter> upserts,
                              std::span<const crypto::KeyedHash> removals) override {
    ++calls;
    if (gone) return unavailable("gone");
    for (const crypto::KeyedHash& key : removals)
      rows.erase(key);
    for (const AttemptCounter& counter : upserts)
      rows[counter.key] = counter;
    return {};
  }

  std::map<crypto::KeyedHash, AttemptCounter> rows;
  int calls = 0;
  bool gone = false;
};

struct World {
  Instant now = from_unix_ms(1'800'000'000'000);
  FakeCounters store;
  AttemptGuard guard{Secret(Bytes(32, 1)), {}, store};

  /// How long an attempt has to wait; 0, and it has failed, where it may be made.
  Duration fail(std::string_view account, std::string_view source, Credential credential = Credential::password) {
    const Result<AttemptGuard::Attempt, AttemptDelay> attempt = guard.begin({credential, account, source}, now);
    return attempt ? Duration(0) : attempt.error().remaining;
  }
  bool succeed(std::string_view account, std::string_view source) {
    Result<AttemptGuard::Attempt, AttemptDelay> attempt = guard.begin({Credential::password, account, source}, now);
    if (attempt) attempt->succeed();
    return attempt.has_value();
  }
  void fail_often(int times, std::string_view account, std::string_view source) {
    for (int i = 0; i < times; ++i)
      (void)fail(account, source);
  }
  void store_all() {
    while (guard.store_batch().value()) {
    }
  }
};

TEST(AttemptGuard, TheDelayDoublesUpToTheLongest) {
  World world;
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), 0s) << i;
  Duration expected = 1s;
  for (int i = 0; i < 12; ++i) {
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), expected) << i;
    world.now += expected - 1ms;
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), 1ms);
    world.now += 1ms;
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), 0s);
    expected = std::min<Duration>(expected * 2, 15min);
  }
  EXPECT_EQ(expected, 15min);
}

TEST(AttemptGuard, Demand7_AStrangerElsewhereLocksNobodyOut) {
  World world;
  world.fail_often(50, "alice", "198.51.100.66");
  EXPECT_GT(world.fail("alice", "198.51.100.66"), 0s);
  EXPECT_TRUE(world.succeed("alice", "192.0.2.1"));
}

TEST(AttemptGuard, ASourceThatTriesManyAccountsIsDelayedAsAWhole) {
  World world;
  for (int i = 0; i < 101; ++i)
    ASSERT_EQ(world.fail("user" + std::to_string(i), "192.0.2.1"), 0s) << i;
  const Result<AttemptGuard::Attempt, AttemptDelay> attempt =
      world.guard.begin({Credential::password, "somebody", "192.0.2.1"}, world.now);
  ASSERT_FALSE(attempt);
  EXPECT_EQ(attempt.error().by, AttemptDelay::By::source);
  EXPECT_EQ(attempt.error().remaining, 1s);
  EXPECT_EQ(world.fail("somebody", "192.0.2.2"), 0s);
}

TEST(AttemptGuard, EachKindOfCredentialIsCountedApart) {
  World world;
  world.fail_often(200, "alice", "192.0.2.1");
  EXPECT_GT(world.fail("alice", "192.0.2.1"), 0s);
  EXPECT_EQ(world.fail("alice", "192.0.2.1", Credential::client_secret), 0s);
  EXPECT_EQ(world.fail("alice", "192.0.2.1", Credential::refresh_token), 0s);
}

TEST(AttemptGuard, SuccessForgetsTheAccountFromThisSourceAlone) {
  World world;
  world.fail_often(5, "alice", "192.0.2.1");
  world.fail_often(6, "alice", "192.0.2.2");
  EXPECT_TRUE(world.succeed("alice", "192.0.2.1"));
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), 0s) << i;
  EXPECT_GT(world.fail("alice", "192.0.2.2"), 0s);
}

TEST(AttemptGuard, AnAccountOfOnesOwnDoesNotWashASourceClean) {
  World world;
  for (int i = 0; i < 101; ++i) {
    ASSERT_EQ(world.fail("user" + std::to_string(i), "192.0.2.1"), 0s) << i;
    if (i < 100) {
      ASSERT_TRUE(world.succeed("mallory", "192.0.2.1")) << i;
    }
  }
  EXPECT_FALSE(world.succeed("mallory", "192.0.2.1"));
}

TEST(AttemptGuard, SuccessesCountForNothing) {
  World world;
  for (int i = 0; i < 1000; ++i)
    ASSERT_TRUE(world.succeed("alice", "192.0.2.1"));
  world.store_all();
  EXPECT_EQ(world.store.calls, 0) << "nor is anything stored";
}

TEST(AttemptGuard, AWithdrawnAttemptNeverWas) {
  World world;
  world.fail_often(5, "alice", "192.0.2.1");
  for (int i = 0; i < 20; ++i) {
    Result<AttemptGuard::Attempt, AttemptDelay> attempt =
        world.guard.begin({Credential::password, "alice", "192.0.2.1"}, world.now);
    ASSERT_TRUE(attempt) << i;
    attempt->withdraw();
  }
}

/// How many of many attempts at one account, from many threads, get under way at once.
int count_admitted(World& world) {
  constexpr int kThreads = 16;
  std::barrier start(kThreads);
  std::barrier all_tried(kThreads);
  std::atomic<int> admitted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      start.arrive_and_wait();
      std::vector<AttemptGuard::Attempt> under_way;  // none has been found right or wrong yet
      for (int j = 0; j < 10; ++j) {
        Result<AttemptGuard::Attempt, AttemptDelay> attempt =
            world.guard.begin({Credential::password, "alice", "192.0.2.1"}, world.now);
        if (!attempt) continue;
        ++admitted;
        under_way.push_back(*std::move(attempt));
      }
      all_tried.arrive_and_wait();
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  return admitted;
}

TEST(AttemptGuard, ParallelAttemptsDoNotSlipPast) {
  World fresh;
  EXPECT_EQ(count_admitted(fresh), 6) << "as many as one after the other";
  World world;
  world.fail_often(3, "alice", "192.0.2.1");
  EXPECT_EQ(count_admitted(world), 3);
  EXPECT_EQ(count_admitted(world), 0);
}

/// How many of 100 attempts may be in flight at once.
int in_flight(World& world, Credential credential) {
  std::vector<AttemptGuard::Attempt> attempts;
  for (int i = 0; i < 100; ++i) {
    Result<AttemptGuard::Attempt, AttemptDelay> attempt =
        world.guard.begin({credential, "alice", "192.0.2.1"}, world.now);
    if (attempt) attempts.push_back(*std::move(attempt));
  }
  const int count = static_cast<int>(attempts.size());
  for (AttemptGuard::Attempt& attempt : attempts)
    attempt.withdraw();
  return count;
}

TEST(AttemptGuard, ManyRightAttemptsAtOnceAreNoGuesses) {
  World world;
  EXPECT_EQ(in_flight(world, Credential::password), 6);
  EXPECT_EQ(in_flight(world, Credential::client_secret), 100);
  EXPECT_EQ(in_flight(world, Credential::refresh_token), 100);
  ASSERT_TRUE(world.succeed("alice", "192.0.2.1"));
  EXPECT_EQ(in_flight(world, Credential::password), 100) << "from where the password has been right";
  world.fail_often(6, "alice", "192.0.2.1");
  world.now += 1s;
  EXPECT_EQ(in_flight(world, Credential::password), 1) << "and has not been wrong too often since";
}

TEST(AttemptGuard, AnAttemptThatWentOnDuringADelayMakesItNoShorter) {
  World world;
  world.fail_often(5, "alice", "192.0.2.1");
  Result<AttemptGuard::Attempt, AttemptDelay> slow =
      world.guard.begin({Credential::password, "alice", "192.0.2.1"}, world.now);
  ASSERT_TRUE(slow);
  EXPECT_EQ(world.fail("alice", "192.0.2.1"), 1s) << "while it is not known to be wrong";
  { const AttemptGuard::Attempt wrong = *std::move(slow); }
  EXPECT_EQ(world.fail("alice", "192.0.2.1"), 1s);
}

TEST(AttemptGuard, ARefusedAttemptIsNotCounted) {
  World world;
  world.fail_often(1000, "alice", "192.0.2.1");
  EXPECT_EQ(world.fail("alice", "192.0.2.1"), 1s);
  EXPECT_EQ(world.fail("bob", "192.0.2.1"), 0s);
}

TEST(AttemptGuard, FailuresWearOff) {
  World world;
  world.fail_often(6, "alice", "192.0.2.1");
  world.now += 2h;
  for (int i = 0; i < 6; ++i)
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), 0s) << i;
  EXPECT_GT(world.fail("alice", "192.0.2.1"), 0s);
}

TEST(AttemptGuard, AskingCountsNothing) {
  World world;
  const Claim claim{Credential::password, "alice", "192.0.2.1"};
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(world.guard.find_delay(claim, world.now));
  world.fail_often(6, "alice", "192.0.2.1");
  ASSERT_TRUE(world.guard.find_delay(claim, world.now));
  EXPECT_EQ(world.guard.find_delay(claim, world.now)->remaining, 1s);
}

TEST(AttemptGuard, CountersSurviveARestart) {
  World world;
  world.fail_often(6, "alice", "192.0.2.1");
  world.store_all();
  EXPECT_EQ(world.store.rows.size(), 2U);
  AttemptGuard next(Secret(Bytes(32, 1)), {}, world.store);
  ASSERT_TRUE(next.load(world.now));
  EXPECT_FALSE(next.begin({Credential::password, "alice", "192.0.2.1"}, world.now));
  EXPECT_TRUE(next.begin({Credential::password, "alice", "192.0.2.2"}, world.now));
  AttemptGuard other_key(Secret(Bytes(32, 2)), {}, world.store);
  ASSERT_TRUE(other_key.load(world.now));
  EXPECT_TRUE(other_key.begin({Credential::password, "alice", "192.0.2.1"}, world.now)) << "keys hide the names";
}

TEST(AttemptGuard, ASuccessIsRememberedToo) {
  World world;
  world.fail_often(5, "alice", "192.0.2.1");
  world.store_all();
  ASSERT_TRUE(world.succeed("alice", "192.0.2.1"));
  world.store_all();
  EXPECT_EQ(world.store.rows.size(), 1U) << "of the source";
}

TEST(AttemptGuard, WhatCouldNotBeStoredIsStoredLater) {
  World world;
  world.fail_often(6, "alice", "192.0.2.1");
  world.store.gone = true;
  EXPECT_FALSE(world.guard.store_batch());
  world.store.gone = false;
  world.store_all();
  EXPECT_EQ(world.store.rows.size(), 2U);
  for (const auto& [key, row] : world.store.rows)
    EXPECT_GE(row.expires_at, world.now + 1h);
}

TEST(AttemptGuard, HoldsAFixedNumberAndForgetsTheLeastFirst) {
  World world;
  AttemptGuard small(Secret(Bytes(32, 1)), {.source_failures = 0}, world.store, 8);
  const auto fail = [&](const std::string& account) {
    return small.begin({Credential::password, account, "192.0.2.1"}, world.now).has_value();
  };
  for (int i = 0; i < 6; ++i)
    ASSERT_TRUE(fail("alice"));
  for (int i = 0; i < 1000; ++i)
    EXPECT_TRUE(fail("user" + std::to_string(i)));
  EXPECT_FALSE(fail("alice"));
  while (small.store_batch().value()) {
  }
  EXPECT_LE(world.store.rows.size(), 8U);
}

TEST(AttemptGuard, TheStoreHoldsNoMoreThanTheTable) {
  World world;
  AttemptGuard small(Secret(Bytes(32, 1)), {}, world.store, 64);
  for (int i = 0; i < 2000; ++i) {
    (void)small.begin({Credential::password, "user" + std::to_string(i), "source" + std::to_string(i)}, world.now);
    if (i % 50 != 0) continue;
    while (small.store_batch().value()) {
    }
    EXPECT_LE(world.store.rows.size(), 64U);
  }
}

TEST(AttemptGuard, TakesOverNewLimits) {
  World world;
  world.guard.set_limits({.account_failures = 0, .source_failures = 0});
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(world.fail("alice", "192.0.2.1"), 0s);
  world.guard.set_limits({.account_failures = 1, .base_delay = 1min});
  world.fail_often(2, "alice", "192.0.2.1");
  EXPECT_EQ(world.fail("alice", "192.0.2.1"), 1min);
}

TEST(AttemptGuard, AClockThatIsSetBackLocksNobodyOutForLonger) {
  World world;
  world.fail_often(6, "alice", "192.0.2.1");
  world.now -= 24h;
  EXPECT_EQ(world.fail("alice", "192.0.2.1"), 15min);
}

}  // namespace
}  // namespace mintmark::accounts
