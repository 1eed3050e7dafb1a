#include "mintmark/http/signal_watcher.hpp"

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <list>
#include <thread>
#include <utility>

namespace mintmark::http {

namespace asio = boost::asio;

class SignalWatcher::Impl {
 public:
  Impl(std::function<void()> on_first, std::function<void()> on_later)
      : on_first_(std::move(on_first)), on_later_(std::move(on_later)), signals_(context_, SIGTERM, SIGINT) {
    wait(on_first_);
    try {
      for (std::thread& thread : threads_) {
        thread = std::thread([this] { context_.run(); });
      }
    } catch (...) {
      stop();
      throw;
    }
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() { stop(); }

  void on(int signal, std::function<void()> action) {
    wait_again(others_.emplace_back(context_, signal, std::move(action)));
  }

 private:
  struct Other {
    Other(asio::io_context& context, int signal, std::function<void()> on_signal)
        : signals(context, signal), action(std::move(on_signal)) {}
    asio::signal_set signals;
    std::function<void()> action;
  };

  void wait_again(Other& other) {
    other.signals.async_wait([this, &other](const boost::system::error_code& error, int) {
      if (error) return;
      other.action();
      wait_again(other);
    });
  }

  void wait(const std::function<void()>& action) {
    signals_.async_wait([this, &action](const boost::system::error_code& error, int) {
      if (error) return;
      ++running_;
      wait(on_later_);
      action();
      --running_;
      running_.notify_all();
    });
  }

  void stop() {
    // A call that hangs is waited for, and until then a further signal is still to be told.
    for (int calls = running_; calls > 0; calls = running_) {
      running_.wait(calls);
    }
    context_.stop();
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }

  const std::function<void()> on_first_;
  const std::function<void()> on_later_;
  std::atomic<int> running_ = 0;  ///< calls of either
  asio::io_context context_;
  asio::signal_set signals_;
  std::list<Other> others_;
  std::array<std::thread, 2> threads_;  ///< one for a call that hangs, one for the signal after it
};

SignalWatcher::SignalWatcher(std::function<void()> on_first, std::function<void()> on_later)
    : impl_(std::make_unique<Impl>(std::move(on_first), std::move(on_later))) {}
SignalWatcher::~SignalWatcher() = default;

void SignalWatcher::on(int signal, std::function<void()> action) {
  impl_->on(signal, std::move(action));
}

}  // namespace mintmark::http
