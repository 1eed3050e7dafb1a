#include "mintmark/base/published.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace mintmark {
namespace {

TEST(Published, LoadsWhatWasStoredLast) {
  Published<int> published(std::make_shared<const int>(1));
  EXPECT_EQ(*published.load(), 1);
  published.store(std::make_shared<const int>(2));
  EXPECT_EQ(*published.load(), 2);
}

TEST(Published, InstancesOfOneTypeAreKeptApart) {
  Published<int> first(std::make_shared<const int>(1));
  Published<int> second(std::make_shared<const int>(2));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(*first.load(), 1);
    EXPECT_EQ(*second.load(), 2);
  }
}

TEST(Published, AnInstanceAtTheAddressOfAnOldOneIsNew) {
  for (int i = 0; i < 10; ++i) {
    const auto published = std::make_unique<Published<int>>(std::make_shared<const int>(i));
    EXPECT_EQ(*published->load(), i);
  }
}

TEST(Published, WhatWasLoadedStaysGood) {
  Published<int> published(std::make_shared<const int>(1));
  const std::shared_ptr<const int> loaded = published.load();
  published.store(std::make_shared<const int>(2));
  (void)published.load();
  EXPECT_EQ(*loaded, 1);
}

TEST(Published, EveryThreadSeesValuesInOrderAndTheLastOne) {
  constexpr int kLast = 2000;
  Published<int> published(std::make_shared<const int>(0));
  std::vector<std::jthread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      for (int seen = 0; seen != kLast;) {
        const int now = *published.load();
        ASSERT_GE(now, seen);
        seen = now;
      }
    });
  }
  for (int i = 1; i <= kLast; ++i)
    published.store(std::make_shared<const int>(i));
}

}  // namespace
}  // namespace mintmark
