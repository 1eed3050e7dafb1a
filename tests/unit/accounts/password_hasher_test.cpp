#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "mintmark/accounts/password_authenticator.hpp"

namespace mintmark::accounts {
namespace {

using crypto::PasswordMatch;

constexpr crypto::Argon2Parameters kCheap{.memory_kib = 64, .iterations = 1, .parallelism = 1};
constexpr std::uint64_t kKib = 1024;
constexpr std::uint64_t kMib = 1024 * kKib;

Secret secret(std::string_view text) {
  return Secret(text);
}

TEST(PasswordHasher, HashesWithItsParametersAndVerifies) {
  const auto hasher = make_password_hasher(kCheap, kMib);
  const Result<std::string> hash = hasher->hash(secret("right"));
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_EQ(*hasher->verify(secret("right"), *hash), PasswordMatch::match);
  EXPECT_EQ(*hasher->verify(secret("wrong"), *hash), PasswordMatch::mismatch);
  EXPECT_FALSE(hasher->needs_rehash(*hash));
  EXPECT_TRUE(make_password_hasher({.memory_kib = 65, .iterations = 1, .parallelism = 1}, kMib)->needs_rehash(*hash));
}

TEST(PasswordHasher, AHashThatNeedsMoreThanTheBudgetIsInvalid) {
  const Result<std::string> large =
      crypto::hash_password(secret("right"), {.memory_kib = 1024, .iterations = 1, .parallelism = 1});
  ASSERT_TRUE(large);
  EXPECT_EQ(*make_password_hasher(kCheap, kMib)->verify(secret("right"), *large), PasswordMatch::match);
  const auto refused = make_password_hasher(kCheap, kMib - 1)->verify(secret("right"), *large);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::invalid);
}

TEST(PasswordHasher, ABudgetBelowItsOwnParametersIsInvalid) {
  const auto hashed = make_password_hasher(kCheap, 63 * kKib)->hash(secret("right"));
  ASSERT_FALSE(hashed);
  EXPECT_EQ(hashed.error().kind, ErrorKind::invalid);
}

TEST(PasswordHasher, BcryptVerifiesInTheSmallestBudget) {
  EXPECT_EQ(*make_password_hasher(kCheap, kKib)
                 ->verify(secret("correct horse battery staple"),
                          "$2b$04$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG"),
            PasswordMatch::match);
}

TEST(PasswordHasher, OwnParametersAreWithinItsLimits) {
  constexpr crypto::Argon2Parameters kUnusual{.memory_kib = 32 * 8, .iterations = 17, .parallelism = 32};
  const auto hasher = make_password_hasher(kUnusual, kMib);
  const Result<std::string> hash = hasher->hash(secret("right"));
  ASSERT_TRUE(hash);
  EXPECT_FALSE(crypto::check_password_hash(*hash));
  EXPECT_EQ(*hasher->verify(secret("right"), *hash), PasswordMatch::match);
}

TEST(PasswordHasher, MoreThreadsThanTheBudgetHoldsAllGetTheirAnswer) {
  const auto hasher = make_password_hasher(kCheap, 100 * kKib);
  std::atomic<int> matches{0};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const Result<std::string> hash = hasher->hash(secret("right"));
      const Result<PasswordMatch> match = hasher->verify(secret("right"), hash ? *hash : std::string());
      if (match && *match == PasswordMatch::match) ++matches;
    });
  }
  threads.clear();
  EXPECT_EQ(matches, 8);
}

TEST(PasswordWorkers, AsManyAsFitAndNoMoreThanCores) {
  const crypto::Argon2Parameters defaults;  // 19 MiB
  EXPECT_EQ(*password_workers(256 * kMib, defaults, 64), 13U);
  EXPECT_EQ(*password_workers(256 * kMib, defaults, 4), 4U);
  EXPECT_EQ(*password_workers(19 * kMib, defaults, 4), 1U);
  EXPECT_EQ(*password_workers(38 * kMib - 1, defaults, 4), 1U);
  EXPECT_EQ(*password_workers(38 * kMib, defaults, 4), 2U);
}

TEST(PasswordWorkers, AnUnknownNumberOfCoresIsOne) {
  EXPECT_EQ(*password_workers(256 * kMib, {}, 0), 1U);
}

TEST(PasswordWorkers, ABudgetForLessThanOneHashIsInvalidAndSaysBoth) {
  const auto workers = password_workers(19 * kMib - 1, {}, 4);
  ASSERT_FALSE(workers);
  EXPECT_EQ(workers.error().kind, ErrorKind::invalid);
  EXPECT_NE(workers.error().detail.find("19922943"), std::string::npos);
  EXPECT_NE(workers.error().detail.find("19456 KiB"), std::string::npos);
  EXPECT_FALSE(password_workers(0, {.memory_kib = 0, .iterations = 1, .parallelism = 1}, 4));
}

}  // namespace
}  // namespace mintmark::accounts
