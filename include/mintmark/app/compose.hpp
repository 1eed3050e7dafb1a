#pragma once
// The mint, put together: the only place that sees every module.
//
//   Result<std::unique_ptr<App>> app = App::open(config, clock);
//   if (!app) return app.error();
//   (*app)->run();

#include <cstdint>
#include <iosfwd>
#include <memory>

#include "mintmark/app/config.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::app {

/// What tests replace.
struct AppOptions {
  std::unique_ptr<storage::Storage> storage;  ///< null: the database that the configuration names
  std::ostream* log_output = nullptr;         ///< null: stderr; else it outlives the App
};

/// Thread safety: drain(), stop_now(), tick() and port() from any thread.
class App {
 public:
  /// Opens everything and listens. Looks for what would keep the mint from starting before it writes to disk.
  /// Requires: `clock` outlives the App. Errors: of any kind, with a detail that names the setting, file or port.
  static Result<std::unique_ptr<App>> open(Config config, const Clock& clock, AppOptions options = {});

  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App();

  /// Serves until drain() or stop_now() has finished, and meanwhile calls tick() twice a second. Call once.
  void run();

  /// Not ready any more; requests in flight are finished. Returns at once.
  void drain();
  /// Cuts every connection. Returns at once.
  void stop_now();

  [[nodiscard]] std::uint16_t port() const noexcept;

  /// What goes on beside requests: takes over what another process changed in the store, rotates keys, removes expired
  /// rows. Never fails: what does not work now is logged, and tried again the next time.
  void tick();

 private:
  struct Impl;
  explicit App(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::app
