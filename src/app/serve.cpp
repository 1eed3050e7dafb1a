#include "mintmark/app/serve.hpp"

#include <csignal>
#include <cstdio>

#include "mintmark/app/compose.hpp"
#include "mintmark/http/signal_watcher.hpp"

namespace mintmark::app {

int serve(const Config& config) {
  // Whoever reads the log may go away: a line is lost then, not the service.
  std::signal(SIGPIPE, SIG_IGN);
  const SystemClock clock;
  Result<std::unique_ptr<App>> opened = App::open(config, clock);
  if (!opened) {
    std::fprintf(stderr, "mintmark: cannot start: %s\n", opened.error().detail.c_str());
    return 1;
  }
  App& app = **opened;
  const http::SignalWatcher signals([&app] { app.drain(); }, [&app] { app.stop_now(); });
  app.run();
  return 0;
}

}  // namespace mintmark::app
