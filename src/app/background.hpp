#pragma once
// A thread that does one thing again and again until it goes.
// Thread safety: construction and destruction from one thread.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "mintmark/base/clock.hpp"

namespace mintmark::app {

class Background {
 public:
  /// Calls `task` at once and then with a pause of `pause` between two calls. A task that takes long ends early when
  /// its token says so. Requires: `task` does not throw.
  Background(Duration pause, std::function<void(const std::stop_token&)> task);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;
  /// Asks the call that is running to stop, if one is, and waits for it.
  ~Background() = default;

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace mintmark::app
