// What stands in the way of listening, and signals.

#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <latch>
#include <optional>
#include <thread>

#include "mintmark/http/listen_check.hpp"
#include "mintmark/http/signal_watcher.hpp"
#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

std::string problem(ServerOptions options) {
  const Result<void> checked = check_can_listen(options);
  return checked ? "" : checked.error().detail;
}

TEST(Listening, NamesThePortThatIsTaken) {
  TestServer server;
  const std::string endpoint = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(problem({.address = "127.0.0.1", .port = server.port()}),
            "cannot listen on " + endpoint + ": Address already in use");
}

TEST(Listening, NamesWhatIsNoAddress) {
  EXPECT_EQ(problem({.address = "localhost", .port = 1}), "cannot listen on localhost:1: not an IP address");
  EXPECT_EQ(problem({.address = "::g", .port = 1}), "cannot listen on [::g]:1: not an IP address");
}

TEST(Listening, NamesAForeignAddress) {
  EXPECT_EQ(problem({.address = "192.0.2.1", .port = 0}),
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

TEST(SignalWatcher, TellsTheFirstFromTheLater) {
  std::atomic<int> first = 0;
  std::atomic<int> later = 0;
  const auto count = [](std::atomic<int>& counter) {
    ++counter;
    counter.notify_one();
  };
  SignalWatcher watcher([&] { count(first); }, [&] { count(later); });
  std::raise(SIGTERM);
  first.wait(0);
  std::raise(SIGINT);
  later.wait(0);
  std::raise(SIGTERM);
  later.wait(1);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(later, 2);
}

TEST(SignalWatcher, TellsOfAnotherSignalEachTime) {
  std::atomic<int> reloads = 0;
  SignalWatcher watcher([] {}, [] {});
  watcher.on(SIGHUP, [&] {
    ++reloads;
    reloads.notify_one();
  });
  std::raise(SIGHUP);
  reloads.wait(0);
  std::raise(SIGHUP);
  reloads.wait(1);
  EXPECT_EQ(reloads, 2);
}

TEST(SignalWatcher, TellsOfTheSecondWhileTheFirstIsStillAtWork) {
  std::latch second(1);
  std::latch first(1);
  SignalWatcher watcher(
      [&] {
        std::raise(SIGTERM);
        second.wait();
        first.count_down();
      },
      [&] { second.count_down(); });
  std::raise(SIGTERM);
  first.wait();
}

TEST(SignalWatcher, TellsOfTheSecondWhileItWaitsForTheFirstToEnd) {
  std::latch first(1);
  std::latch second(1);
  std::optional<SignalWatcher> watcher(
      std::in_place,
      [&] {
        first.count_down();
        second.wait();
      },
      [&] { second.count_down(); });
  std::raise(SIGTERM);
  first.wait();
  std::jthread later([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // for the watcher to be on its way out
    std::raise(SIGTERM);
  });
  watcher.reset();
  EXPECT_TRUE(second.try_wait());
}

TEST(SignalWatcher, RunsTheActionsOfOtherSignals) {
  std::atomic<int> first = 0;
  std::atomic<int> hangups = 0;
  std::atomic<int> users = 0;
  const auto count = [](std::atomic<int>& counter) {
    ++counter;
    counter.notify_one();
  };
  {
    SignalWatcher watcher([&] { count(first); }, [] {});
    watcher.on(SIGHUP, [&] { count(hangups); });
    watcher.on(SIGUSR1, [&] { count(users); });
    std::raise(SIGHUP);
    hangups.wait(0);
    std::raise(SIGUSR1);
    users.wait(0);
    std::raise(SIGUSR1);
    users.wait(1);
    std::raise(SIGTERM);
    first.wait(0);
  }
  std::raise(SIGUSR1);  // is ignored from here on, and does not end the process
  EXPECT_EQ(first, 1);
  EXPECT_EQ(hangups, 1);
  EXPECT_EQ(users, 2);
}

TEST(SignalWatcher, AnActionThatHangsKeepsNoSignalFromEnding) {
  std::latch first(1);
  std::latch second(1);
  SignalWatcher watcher([&] { first.count_down(); }, [&] { second.count_down(); });
  watcher.on(SIGUSR1, [&] { second.wait(); });
  std::raise(SIGUSR1);
  std::raise(SIGTERM);
  first.wait();
  std::raise(SIGTERM);
  second.wait();
}

}  // namespace
}  // namespace mintmark::http::testing
