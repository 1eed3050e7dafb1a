#pragma once
// A few threads behind a bounded queue: where work that blocks goes, so that network threads never wait.
// Thread safety: all functions from any thread.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "mintmark/base/clock.hpp"

namespace mintmark::http {

/// How the system should treat the threads of a pool.
enum class ThreadPriority {
  normal,
  /// Behind all others, as far as the system lets a thread ask for that: whatever keeps a core busy for long must not
  /// keep those waiting who need it for microseconds.
  background,
};

class WorkerPool {
 public:
  /// Must not throw.
  using Job = std::function<void()>;

  /// `queue_capacity` is how many jobs may wait beside those that run. Requires: both at least 1. Throws
  /// std::system_error where a thread cannot be started.
  WorkerPool(std::size_t threads, std::size_t queue_capacity, ThreadPriority priority = ThreadPriority::normal);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  /// Finishes what was submitted, then joins.
  ~WorkerPool();

  /// False, at once and without the job having run, when the queue is full.
  [[nodiscard]] bool try_submit(Job job);

  /// Jobs that wait for a thread.
  [[nodiscard]] std::size_t queued() const;

  struct Load {
    std::size_t threads;
    std::size_t busy;  ///< threads that run a job
    std::size_t queued;
    std::size_t queue_capacity;
    std::uint64_t rejected;  ///< jobs since the start that found the queue full
  };
  [[nodiscard]] Load load() const;

  /// When a job that is submitted now will probably begin, and end: by the jobs that wait and the mean time of the last
  /// ones. Nothing while a thread is idle, or before the first job has ended.
  [[nodiscard]] Duration expected_wait() const;
  [[nodiscard]] Duration expected_end() const;

 private:
  void work();
  void stop();
  /// How long the jobs that wait, and `further_jobs` of each thread, will take. Requires: the mutex is held.
  [[nodiscard]] Duration expect(std::size_t further_jobs) const;

  using SteadyDuration = std::chrono::steady_clock::duration;

  const std::size_t queue_capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t idle_ = 0;  ///< threads that wait for a job
  std::size_t busy_ = 0;
  std::uint64_t rejected_ = 0;
  SteadyDuration mean_{};  ///< of jobs, the latest ones counting most
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mintmark::http
