#pragma once
// The mint, put together: the only place that sees every module.
//
//   Result<std::unique_ptr<App>> app = App::open(config, clock);
//   if (!app) return app.error();
//   (*app)->run();

#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>

#include "mintmark/app/config.hpp"
#include "mintmark/http/metrics_source.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::app {

/// What is not configured.
struct AppOptions {
  std::unique_ptr<storage::Storage> storage = {};  ///< null: the database that the configuration names
  std::ostream* log_output = nullptr;              ///< null: stderr; else it outlives the App
  std::uint64_t file_limit = UINT64_MAX;           ///< files that the process may have open
  Environment environment = {};                    ///< overrides settings when the configuration is read again
  std::optional<std::uint64_t> memory_limit = {};  ///< see find_memory_limit(); none: it is not checked
};

/// Thread safety: drain(), stop_now(), request_reload(), reopen_files(), tick(), port(), private_port() and metrics()
/// from any thread.
class App {
 public:
  /// Opens everything and listens. Looks for what would keep the mint from starting before it writes to disk. Allows
  /// fewer connections than `server.max_connections` where the file limit does, and says so in the log.
  /// Requires: `clock` outlives the App. Errors: of any kind, with a detail that names the setting, file or port.
  /// Throws std::system_error where a thread cannot be started.
  static Result<std::unique_ptr<App>> open(Config config, const Clock& clock, AppOptions options = {});

  App(const App&) = delete;
  App& operator=(const App&) = delete;
  ~App();

  /// Serves until drain() or stop_now() has finished, and meanwhile calls tick() twice a second, and on a thread of its
  /// own fetches the key sets that resources want their tokens encrypted to. Call once. Throws std::system_error where
  /// a thread cannot be started.
  void run();

  /// Not ready any more; requests in flight are finished. Waits for the log alone.
  void drain();
  /// Cuts every connection. Waits for the log and the audit stream alone.
  void stop_now();

  /// The next tick() reads the configuration file again, and puts it in force or refuses it as a whole.
  void request_reload() noexcept;

  /// Opens the files of the log and of the audit stream by their names, for whoever has moved them away. What cannot be
  /// opened stays as it is, and the log says so.
  void reopen_files();

  /// Of TCP, on the public and on the private side; 0 where there is none.
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::uint16_t private_port() const noexcept;

  /// Of everything. Requires: open() has returned, and the App lives on.
  [[nodiscard]] http::MetricsSource& metrics() noexcept;

  /// What goes on beside requests: takes over a changed configuration, changed TLS files, and what another process
  /// changed in the store, rotates keys, removes expired rows. Never fails: what does not work now is logged, and tried
  /// again the next time.
  void tick();

 private:
  struct Impl;
  explicit App(std::unique_ptr<Impl> impl) noexcept;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::app
