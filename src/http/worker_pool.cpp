#include "mintmark/http/worker_pool.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <utility>

namespace mintmark::http {

namespace {

/// A tenth of the weight of others: logins go on, slowly, while everything else is busy.
constexpr int kNiceness = 10;
/// Since Linux 6.12 a thread with shorter time slices than the running one preempts it as soon as it wakes.
constexpr std::uint64_t kSliceNs = 100'000'000;

/// struct sched_attr of sched_setattr(2), for which glibc has no function before 2.41.
struct SchedulingAttributes {
  std::uint32_t size;
  std::uint32_t policy;
  std::uint64_t flags;
  std::int32_t nice;
  std::uint32_t priority;
  std::uint64_t runtime_ns;
  std::uint64_t deadline_ns;
  std::uint64_t period_ns;
};

/// Needs no privilege. Not SCHED_IDLE: a thread that may never get a core must never hold a lock that others wait for,
/// and these hand answers over to network threads. Where a sandbox refuses all of it, the pool works all the same.
void yield_to_others() noexcept {
  SchedulingAttributes attributes{};
  attributes.size = sizeof attributes;
  attributes.policy = SCHED_BATCH;
  attributes.nice = kNiceness;
  attributes.runtime_ns = kSliceNs;
  if (syscall(SYS_sched_setattr, 0, &attributes, 0U) == 0) return;
  // On Linux niceness is a thread's own.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
}

constexpr int kMeanOver = 8;

}  // namespace

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity, ThreadPriority priority)
    : queue_capacity_(queue_capacity) {
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) {
      threads_.emplace_back([this, priority] {
        if (priority == ThreadPriority::background) yield_to_others();
        work();
      });
    }
  } catch (...) {
    stop();
    throw;
  }
}

WorkerPool::~WorkerPool() {
  stop();
}

void WorkerPool::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

bool WorkerPool::try_submit(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    if (queue_.size() >= queue_capacity_ + idle_) {
      ++rejected_;
      return false;
    }
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

std::size_t WorkerPool::queued() const {
  const std::scoped_lock lock(mutex_);
  return queue_.size();
}

WorkerPool::Load WorkerPool::load() const {
  const std::scoped_lock lock(mutex_);
  return {.threads = threads_.size(),
          .busy = busy_,
          .queued = queue_.size(),
          .queue_capacity = queue_capacity_,
          .rejected = rejected_};
}

Duration WorkerPool::expect(std::size_t further_jobs) const {
  if (idle_ > queue_.size() || threads_.empty()) return Duration(0);
  const auto rounds =
      static_cast<double>(queue_.size() + 1) / static_cast<double>(threads_.size()) + static_cast<double>(further_jobs);
  return std::chrono::ceil<Duration>(std::chrono::duration<double, SteadyDuration::period>(mean_) * rounds);
}

Duration WorkerPool::expected_wait() const {
  const std::scoped_lock lock(mutex_);
  return expect(0);
}

Duration WorkerPool::expected_end() const {
  const std::scoped_lock lock(mutex_);
  return expect(1);
}

void WorkerPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    --idle_;
    if (queue_.empty()) return;
    Job job = std::move(queue_.front());
    queue_.pop_front();
    ++busy_;
    lock.unlock();
    const auto begun = std::chrono::steady_clock::now();
    job();
    job = nullptr;  // What it holds goes before the lock is taken.
    const auto taken = std::chrono::steady_clock::now() - begun;
    lock.lock();
    --busy_;
    mean_ = mean_ == SteadyDuration::zero() ? taken : mean_ + (taken - mean_) / kMeanOver;
  }
}

}  // namespace mintmark::http
