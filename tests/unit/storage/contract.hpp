#pragma once
// The suite that every engine must pass. A new engine joins with a line in engines().

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "mintmark/storage/storage.hpp"
#include "support/temp_dir.hpp"

namespace mintmark::storage {

struct Engine {
  std::string name;
  std::function<Result<std::unique_ptr<Storage>>(const std::filesystem::path& folder)> open;
};

inline void PrintTo(const Engine& engine, std::ostream* out) {
  *out << engine.name;
}

inline auto engines() {
  return ::testing::Values(
      Engine{"memory", [](const auto&) -> Result<std::unique_ptr<Storage>> { return open_memory(); }},
      Engine{"sqlite", [](const auto& folder) { return open_sqlite({.path = folder / "mintmark.db"}); }});
}

inline std::string engine_name(const ::testing::TestParamInfo<Engine>& info) {
  return info.param.name;
}

class Contract : public ::testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    Result<std::unique_ptr<Storage>> opened = GetParam().open(folder_.path());
    ASSERT_TRUE(opened) << opened.error().detail;
    storage_ = std::move(*opened);
  }

  std::uint64_t changes() {
    const Result<std::uint64_t> counter = storage_->change_counter();
    EXPECT_TRUE(counter);
    return counter ? *counter : 0;
  }

  testing::TempDir folder_;
  std::unique_ptr<Storage> storage_;
};

inline constexpr int kThreads = 16;

/// Calls `attempt` (thread number to bool) on kThreads threads at the same moment; how many were true.
template <class Attempt>
int count_winners(Attempt attempt) {
  std::barrier start(kThreads);
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&, number] {
      start.arrive_and_wait();
      if (attempt(number)) ++winners;
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  return winners;
}

/// The value of a result that must have one; fails the test and is a default if it has none.
template <class T>
T value_of(Result<T> result) {
  if (result) return std::move(*result);
  ADD_FAILURE() << result.error().detail;
  return T();
}

/// Whether this is the first time that the value is consumed.
inline bool consume_first(Storage& storage, const oauth::OneTimeValue& value, Instant now) {
  return !value_of(storage.one_time().consume({&value, 1}, now)).has_value();
}

}  // namespace mintmark::storage

#define EXPECT_KIND(result, expected)                                    \
  do {                                                                   \
    const auto& judged = (result);                                       \
    ASSERT_FALSE(judged.has_value());                                    \
    EXPECT_EQ(judged.error().kind, (expected)) << judged.error().detail; \
  } while (false)
