#include "mintmark/crypto/random.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace mintmark::crypto {
namespace {

TEST(Random, GivesTheSizeAskedFor) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{256}, std::size_t{257},
                                 std::size_t{5000}, std::size_t{100'000}}) {
    EXPECT_EQ(random_bytes(size).size(), size);
    EXPECT_EQ(random_secret(size).size(), size);
  }
}

TEST(Random, NeverGivesTheSameTwiceAcrossRefillsOfThePool) {
  std::set<Bytes> seen;
  for (int i = 0; i < 5000; ++i)
    EXPECT_TRUE(seen.insert(random_bytes(16)).second);
}

TEST(Random, FillsEveryByte) {
  // A byte that were never written would stay zero in all hundred.
  for (const std::size_t size : {std::size_t{31}, std::size_t{300}}) {
    Bytes any(size);
    for (int i = 0; i < 100; ++i) {
      const Bytes bytes = random_bytes(size);
      for (std::size_t j = 0; j < size; ++j)
        any[j] = static_cast<std::uint8_t>(any[j] | bytes[j]);
    }
    for (const std::uint8_t byte : any)
      EXPECT_NE(byte, 0);
  }
}

TEST(Random, HasAsManyOnesAsZeros) {
  int ones = 0;
  for (const std::uint8_t byte : random_bytes(100'000))
    ones += std::popcount(byte);
  EXPECT_NEAR(ones, 400'000, 4'000);  // nine standard deviations
}

TEST(Random, DiffersBetweenThreads) {
  std::mutex mutex;
  std::set<Bytes> seen;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) {
        const Bytes bytes = random_bytes(16);
        const std::scoped_lock lock(mutex);
        EXPECT_TRUE(seen.insert(bytes).second);
      }
    });
  }
  for (std::thread& thread : threads)
    thread.join();
  EXPECT_EQ(seen.size(), 1600u);
}

TEST(Random, DiffersBetweenParentAndChild) {
  (void)random_bytes(16);  // so that there is a pool to be shared by mistake
  std::array<int, 2> pipe_ends{};
  ASSERT_EQ(pipe(pipe_ends.data()), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Bytes bytes = random_bytes(16);
    _exit(write(pipe_ends[1], bytes.data(), bytes.size()) == 16 ? 0 : 1);
  }
  const Bytes ours = random_bytes(16);
  Bytes theirs(16);
  EXPECT_EQ(read(pipe_ends[0], theirs.data(), theirs.size()), 16);
  EXPECT_EQ(waitpid(child, nullptr, 0), child);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  EXPECT_NE(ours, theirs);
}

}  // namespace
}  // namespace mintmark::crypto
