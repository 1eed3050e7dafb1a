#pragma once
// A few threads behind a bounded queue: where work that blocks goes, so that network threads never wait.
// Thread safety: all functions from any thread.

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mintmark::http {

class WorkerPool {
 public:
  /// Must not throw.
  using Job = std::function<void()>;

  /// `queue_capacity` is how many jobs may wait beside those that run. Requires: both at least 1. Throws
  /// std::system_error where a thread cannot be started.
  WorkerPool(std::size_t threads, std::size_t queue_capacity);
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

 private:
  void work();
  void stop();

  const std::size_t queue_capacity_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::size_t idle_ = 0;  ///< threads that wait for a job
  std::size_t busy_ = 0;
  std::uint64_t rejected_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mintmark::http
