#include "mintmark/http/signal_watcher.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace mintmark::http {

namespace asio = boost::asio;

namespace {

/// Where the handler writes which signal has come. The only state that a signal handler can reach is a global one.
std::atomic<int> signal_pipe = -1;
static_assert(std::atomic<int>::is_always_lock_free);

void forward_signal(int signal) {
  const int kept = errno;
  const auto byte = static_cast<unsigned char>(signal);
  // A full pipe holds thousands of signals that nobody has looked at yet: one more would say nothing new.
  [[maybe_unused]] const ssize_t written = ::write(signal_pipe.load(), &byte, 1);
  errno = kept;
}

/// Signals with an action each. Not by a signal_set, which leaves the default action behind, and that ends the process.
class SignalActions {
 public:
  SignalActions() : ends_(pipe_of_the_process()), thread_([this] { run(); }) {}
  SignalActions(const SignalActions&) = delete;
  SignalActions& operator=(const SignalActions&) = delete;
  ~SignalActions() {
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& [signal, action] : actions_)
        std::signal(signal, SIG_IGN);
    }
    const unsigned char end = 0;
    // The pipe may be full of signals that an action keeps waiting.
    while (::write(ends_[1], &end, 1) != 1)
      std::this_thread::yield();
    thread_.join();
  }

  void add(int signal, std::function<void()> action) {
    {
      const std::scoped_lock lock(mutex_);
      actions_.emplace_back(signal, std::move(action));
    }
    struct sigaction handling {};
    handling.sa_handler = forward_signal;
    handling.sa_flags = SA_RESTART;
    ::sigemptyset(&handling.sa_mask);
    if (::sigaction(signal, &handling, nullptr) != 0) {
      throw std::system_error(errno, std::generic_category(), "a signal");
    }
  }

 private:
  void run() {
    unsigned char signal = 0;
    for (;;) {
      const ssize_t size = ::read(ends_[0], &signal, 1);
      if (size < 0 && errno == EINTR) continue;
      if (size != 1 || signal == 0) return;
      if (const std::function<void()> action = find(signal)) action();
    }
  }

  std::function<void()> find(int signal) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(actions_, signal, [](const auto& entry) { return entry.first; });
    return found == actions_.end() ? nullptr : found->second;
  }

  /// Never closed: a handler on another thread may be about to write to it.
  static const std::array<int, 2>& pipe_of_the_process() {
    static const std::array<int, 2> ends = [] {
      std::array<int, 2> made{};
      // Only the reading end waits.
      if (::pipe2(made.data(), O_CLOEXEC | O_NONBLOCK) != 0 || ::fcntl(made[0], F_SETFL, 0) != 0) {
        throw std::system_error(errno, std::generic_category(), "a pipe for signals");
      }
      signal_pipe.store(made[1]);
      return made;
    }();
    return ends;
  }

  const std::array<int, 2>& ends_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::pair<int, std::function<void()>>> actions_;
  std::thread thread_;
};

}  // namespace

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
    if (!others_) others_ = std::make_unique<SignalActions>();
    others_->add(signal, std::move(action));
  }

 private:
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
    others_.reset();
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
  std::unique_ptr<SignalActions> others_;
  std::array<std::thread, 2> threads_;  ///< one for a call that hangs, one for the signal after it
};

SignalWatcher::SignalWatcher(std::function<void()> on_first, std::function<void()> on_later)
    : impl_(std::make_unique<Impl>(std::move(on_first), std::move(on_later))) {}
SignalWatcher::~SignalWatcher() = default;

void SignalWatcher::on(int signal, std::function<void()> action) {
  impl_->on(signal, std::move(action));
}

}  // namespace mintmark::http
