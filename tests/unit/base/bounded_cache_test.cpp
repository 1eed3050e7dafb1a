#include "mintmark/base/bounded_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace mintmark {
namespace {

using Cache = BoundedCache<std::size_t, std::string>;

// std::hash of an integer is the integer, so multiples of 16 share a shard.
constexpr std::size_t in_one_shard(std::size_t i) {
  return i * 16;
}

std::shared_ptr<const std::string> text(std::string value) {
  return std::make_shared<const std::string>(std::move(value));
}

TEST(BoundedCache, FindsWhatWasInserted) {
  Cache cache(10);
  EXPECT_EQ(cache.find(1), nullptr);
  cache.insert(1, text("one"));
  ASSERT_NE(cache.find(1), nullptr);
  EXPECT_EQ(*cache.find(1), "one");
  EXPECT_EQ(cache.find(2), nullptr);
}

TEST(BoundedCache, InsertingAgainReplaces) {
  Cache cache(10);
  cache.insert(1, text("one"));
  const auto old = cache.find(1);
  cache.insert(1, text("uno"));
  EXPECT_EQ(*cache.find(1), "uno");
  EXPECT_EQ(*old, "one");
}

TEST(BoundedCache, TheLeastRecentlyUsedGoesFirst) {
  Cache cache(32);  // three in a shard
  for (std::size_t i = 0; i < 3; ++i)
    cache.insert(in_one_shard(i), text("x"));
  EXPECT_NE(cache.find(in_one_shard(0)), nullptr);
  cache.insert(in_one_shard(3), text("x"));
  EXPECT_NE(cache.find(in_one_shard(0)), nullptr);
  EXPECT_EQ(cache.find(in_one_shard(1)), nullptr);
  cache.insert(in_one_shard(2), text("y"));
  cache.insert(in_one_shard(4), text("x"));
  EXPECT_NE(cache.find(in_one_shard(2)), nullptr);
  EXPECT_EQ(cache.find(in_one_shard(3)), nullptr);
}

TEST(BoundedCache, StaysBounded) {
  Cache cache(160);
  for (std::size_t i = 0; i < 10'000; ++i)
    cache.insert(i, text("x"));
  std::size_t held = 0;
  for (std::size_t i = 0; i < 10'000; ++i)
    held += cache.find(i) != nullptr ? 1U : 0U;
  EXPECT_GE(held, 160U);
  EXPECT_LE(held, 160U + 16);
}

TEST(BoundedCache, ClearForgetsAll) {
  Cache cache(10);
  for (std::size_t i = 0; i < 10; ++i)
    cache.insert(i, text("x"));
  cache.clear();
  for (std::size_t i = 0; i < 10; ++i)
    EXPECT_EQ(cache.find(i), nullptr);
  cache.insert(1, text("again"));
  EXPECT_EQ(*cache.find(1), "again");
}

TEST(BoundedCache, ManyThreadsAtOnceGetTheirOwnValues) {
  Cache cache(64);
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (std::size_t i = 0; i < 2000; ++i) {
        const std::size_t key = (i * 7 + t) % 200;
        const auto found = cache.find(key);
        ASSERT_TRUE(!found || *found == std::to_string(key));
        cache.insert(key, text(std::to_string(key)));
        if (i % 500 == 0) cache.clear();
      }
    });
  }
}

}  // namespace
}  // namespace mintmark
