#include "mintmark/app/serve.hpp"

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <future>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "mintmark/app/activation.hpp"
#include "mintmark/app/compose.hpp"
#include "mintmark/app/file_limit.hpp"
#include "mintmark/app/memory_limit.hpp"
#include "mintmark/app/service_manager.hpp"
#include "mintmark/http/signal_watcher.hpp"

namespace mintmark::app {
namespace {

constexpr int kFailed = 1;

/// Waits neither for work in progress nor for the log, whose reader may have stopped reading.
[[noreturn]] void end_at_once(App& app) {
  std::promise<void> said;
  const std::future<void> was_said = said.get_future();
  std::thread([&] {
    app.stop_now();
    said.set_value();
  }).detach();
  was_said.wait_for(std::chrono::milliseconds(100));
  std::_Exit(kFailed);
}

int refuse_to_start(const std::string& reason) {
  std::fprintf(stderr, "mintmark: cannot start: %s\n", reason.c_str());
  return kFailed;
}

int run(Config config, Environment environment) {
  Result<std::vector<http::ActivatedSocket>> activated = take_activated_sockets();
  if (!activated) return refuse_to_start(activated.error().detail);
  config.server.activated = *std::move(activated);
  const SystemClock clock;
  const ServiceManager manager = ServiceManager::from_environment();
  Result<std::unique_ptr<App>> opened = App::open(std::move(config), clock,
                                                  {.file_limit = raise_file_limit(),
                                                   .environment = std::move(environment),
                                                   .memory_limit = find_memory_limit("/")});
  if (!opened) return refuse_to_start(opened.error().detail);
  App& app = **opened;
  http::SignalWatcher signals(
      [&app, &manager] {
        manager.stopping();
        app.drain();
      },
      [&app] { end_at_once(app); });
  signals.on(SIGHUP, [&app] { app.request_reload(); });
  signals.on(SIGUSR1, [&app] { app.reopen_files(); });
  manager.ready();
  app.run();
  return 0;
}

}  // namespace

int serve(Config config, Environment environment) {
  // Whoever reads the log may go away: a line is lost then, not the service.
  std::signal(SIGPIPE, SIG_IGN);
  // Until there is something to reload: the start reads the configuration anyway. Nor must whoever rotates the log of a
  // service that is starting end it.
  std::signal(SIGHUP, SIG_IGN);
  std::signal(SIGUSR1, SIG_IGN);
  try {
    return run(std::move(config), std::move(environment));
  } catch (const std::system_error& failure) {
    return refuse_to_start("a thread cannot be started: " + failure.code().message());
  }
}

}  // namespace mintmark::app
