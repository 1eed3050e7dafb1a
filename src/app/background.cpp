#include "background.hpp"

namespace mintmark::app {

Background::Background(Duration pause, std::function<void(const std::stop_token&)> task)
    : thread_([this, pause, task = std::move(task)](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          task(stop);
          std::unique_lock lock(mutex_);
          wake_.wait_for(lock, stop, pause, [] { return false; });
        }
      }) {}

}  // namespace mintmark::app
