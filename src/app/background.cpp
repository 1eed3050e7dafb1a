#include "background.hpp"

namespace mintmark::app {

Background::Background(Duration pause, std::function<void()> task)
    : thread_([this, pause, task = std::move(task)] { work(pause, task); }) {}

Background::~Background() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Background::work(Duration pause, const std::function<void()>& task) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    task();
    lock.lock();
    wake_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

}  // namespace mintmark::app
