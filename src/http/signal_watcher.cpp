#include "mintmark/http/signal_watcher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <thread>
#include <utility>

namespace mintmark::http {

namespace asio = boost::asio;

class SignalWatcher::Impl {
 public:
  Impl(std::function<void()> on_first, std::function<void()> on_later)
      : on_first_(std::move(on_first)), on_later_(std::move(on_later)), signals_(context_, SIGTERM, SIGINT) {
    wait(on_first_);
    thread_ = std::thread([this] { context_.run(); });
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    context_.stop();
    thread_.join();
  }

 private:
  void wait(const std::function<void()>& action) {
    signals_.async_wait([this, &action](const boost::system::error_code& error, int) {
      if (error) return;
      action();
      wait(on_later_);
    });
  }

  const std::function<void()> on_first_;
  const std::function<void()> on_later_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  std::thread thread_;
};

SignalWatcher::SignalWatcher(std::function<void()> on_first, std::function<void()> on_later)
    : impl_(std::make_unique<Impl>(std::move(on_first), std::move(on_later))) {}
SignalWatcher::~SignalWatcher() = default;

}  // namespace mintmark::http
