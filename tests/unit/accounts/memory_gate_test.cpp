#include "mintmark/accounts/memory_gate.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace mintmark::accounts {
namespace {

void wait_for_waiting(const MemoryGate& gate, std::uint64_t count) {
  while (gate.waiting() != count)
    std::this_thread::yield();
}

TEST(MemoryGate, TogetherNeverMoreThanTheBudget) {
  constexpr std::uint64_t kBudget = 10;
  MemoryGate gate(kBudget);
  std::atomic<std::uint64_t> used{0};
  std::atomic<int> excesses{0};
  std::vector<std::jthread> threads;
  for (std::uint64_t bytes = 3; bytes < 9; ++bytes) {
    threads.emplace_back([&, bytes] {
      for (int i = 0; i < 500; ++i) {
        const MemoryGate::Pass pass(gate, bytes);
        if (used.fetch_add(bytes) + bytes > kBudget) ++excesses;
        std::this_thread::yield();
        used.fetch_sub(bytes);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(excesses, 0);
  EXPECT_EQ(gate.waiting(), 0U);
}

TEST(MemoryGate, SaysWhatIsHeld) {
  MemoryGate gate(100);
  EXPECT_EQ(gate.used_bytes(), 0U);
  {
    const MemoryGate::Pass first(gate, 30);
    const MemoryGate::Pass second(gate, 50);
    EXPECT_EQ(gate.used_bytes(), 80U);
  }
  EXPECT_EQ(gate.used_bytes(), 0U);
}

TEST(MemoryGate, TheWholeBudgetIsForOneToTake) {
  MemoryGate gate(10);
  { const MemoryGate::Pass pass(gate, 10); }
  const MemoryGate::Pass again(gate, 10);
  EXPECT_EQ(gate.waiting(), 0U);
}

TEST(MemoryGate, ALargeCallerIsNotOvertaken) {
  MemoryGate gate(10);
  std::vector<int> order;
  std::jthread large;
  std::jthread small;
  {
    const MemoryGate::Pass pass(gate, 5);
    large = std::jthread([&] {
      const MemoryGate::Pass own(gate, 10);
      order.push_back(1);
    });
    wait_for_waiting(gate, 1);
    small = std::jthread([&] {
      const MemoryGate::Pass own(gate, 5);  // would fit now
      order.push_back(2);
    });
    wait_for_waiting(gate, 2);
  }
  large.join();
  small.join();
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

}  // namespace
}  // namespace mintmark::accounts
