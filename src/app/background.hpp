#pragma once
// A thread that does one thing again and again until it goes.
// Thread safety: construction and destruction from one thread.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "mintmark/base/clock.hpp"

namespace mintmark::app {

class Background {
 public:
  /// Calls `task` at once and then with a pause of `pause` between two calls. Requires: `task` does not throw.
  Background(Duration pause, std::function<void()> task);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  /// Waits for the call that is running, if one is.
  ~Background();

 private:
  void work(Duration pause, const std::function<void()>& task);

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace mintmark::app
