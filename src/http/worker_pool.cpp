#include "mintmark/http/worker_pool.hpp"

#include <utility>

namespace mintmark::http {

WorkerPool::WorkerPool(std::size_t threads, std::size_t queue_capacity) : queue_capacity_(queue_capacity) {
  threads_.reserve(threads);
  try {
    while (threads_.size() < threads) {
      threads_.emplace_back([this] { work(); });
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
    job();
    job = nullptr;  // What it holds goes before the lock is taken.
    lock.lock();
    --busy_;
  }
}

}  // namespace mintmark::http
