#include "mintmark/http/worker_pool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <latch>
#include <system_error>
#include <thread>

namespace mintmark::http {
namespace {

TEST(WorkerPool, RefusesAtOnceWhenTheQueueIsFull) {
  std::latch begun(1);
  std::latch release(1);
  std::atomic<int> done = 0;
  {
    WorkerPool pool(1, 2);
    ASSERT_TRUE(pool.try_submit([&] {
      begun.count_down();
      release.wait();
      ++done;
    }));
    begun.wait();
    EXPECT_EQ(pool.queued(), 0u);
    EXPECT_TRUE(pool.try_submit([&] { ++done; }));
    EXPECT_TRUE(pool.try_submit([&] { ++done; }));
    EXPECT_EQ(pool.queued(), 2u);
    EXPECT_FALSE(pool.try_submit([&] { ++done; }));
    const WorkerPool::Load load = pool.load();
    EXPECT_EQ(load.threads, 1u);
    EXPECT_EQ(load.busy, 1u);
    EXPECT_EQ(load.queued, 2u);
    EXPECT_EQ(load.queue_capacity, 2u);
    EXPECT_EQ(load.rejected, 1u);
    release.count_down();
  }
  EXPECT_EQ(done, 3);  // and the destructor waited for what was accepted
}

TEST(WorkerPool, RunsAsManyJobsAtOnceAsItHasThreads) {
  WorkerPool pool(3, 1);
  std::latch together(3);
  std::latch finished(3);
  for (int submitted = 0; submitted < 3;) {
    // Each needs the other two: with fewer threads this would never end.
    if (pool.try_submit([&] {
          together.arrive_and_wait();
          finished.count_down();
        })) {
      ++submitted;
    }
  }
  finished.wait();
}

TEST(WorkerPool, ExpectsWaitsByTheMeanTimeOfItsJobs) {
  using namespace std::chrono_literals;
  WorkerPool pool(1, 3);
  EXPECT_EQ(pool.expected_wait(), 0ms);
  ASSERT_TRUE(pool.try_submit([] { std::this_thread::sleep_for(20ms); }));
  std::latch begun(1);
  std::latch release(1);
  while (!pool.try_submit([&] {
    begun.count_down();
    release.wait();
  })) {
  }
  begun.wait();
  ASSERT_TRUE(pool.try_submit([] {}));
  ASSERT_TRUE(pool.try_submit([] {}));
  EXPECT_GE(pool.expected_wait(), 60ms) << "the one that runs, and two";
  EXPECT_GE(pool.expected_end(), 80ms);
  std::latch finished(1);
  ASSERT_TRUE(pool.try_submit([&] { finished.count_down(); }));
  release.count_down();
  finished.wait();
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (pool.expected_end() > 0ms && std::chrono::steady_clock::now() < patience)
    std::this_thread::yield();
  EXPECT_EQ(pool.expected_end(), 0ms) << "an idle thread begins at once";
}

TEST(WorkerPool, InTheBackgroundYieldsToOthers) {
  const int own = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  WorkerPool pool(1, 1, ThreadPriority::background);
  bool yields = false;
  std::latch finished(1);
  ASSERT_TRUE(pool.try_submit([&] {
    yields = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())) > 0;
    finished.count_down();
  }));
  finished.wait();
  EXPECT_TRUE(yields);
  EXPECT_EQ(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())), own) << "the others do not";
}

// With room for some threads and not for all, in a process of its own. The sanitizers take all room there is.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(WorkerPool, SaysThatAThreadCannotBeStarted) {
  const auto fill = [] {
    constexpr rlim_t kRoom = 1U << 30U;
    const rlimit limit{kRoom, kRoom};
    ::setrlimit(RLIMIT_AS, &limit);
    try {
      const WorkerPool pool(100'000, 1);
    } catch (const std::system_error&) {
      std::_Exit(7);
    }
  };
  EXPECT_EXIT(fill(), ::testing::ExitedWithCode(7), "");
}
#endif

TEST(WorkerPool, LetsGoOfAJobBeforeTheNext) {
  WorkerPool pool(1, 4);
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> watch = held;
  ASSERT_TRUE(pool.try_submit([held] {}));
  held.reset();
  std::latch next(1);
  bool gone = false;
  ASSERT_TRUE(pool.try_submit([&] {
    gone = watch.expired();
    next.count_down();
  }));
  next.wait();
  EXPECT_TRUE(gone);
}

}  // namespace
}  // namespace mintmark::http
