#pragma once
// Reads the configuration again, when it is asked to or when a file has changed, and has it put in force or refused as
// a whole. Thread safety: request() from any thread; the rest from one thread at a time.

#include <atomic>
#include <functional>
#include <optional>

#include "mintmark/app/config.hpp"
#include "mintmark/ops/config_events.hpp"

namespace mintmark::app {

class Reloader {
 public:
  /// Puts `next` in force, of which only what is_live_setting() differs; on error, all stays as it was.
  using Apply = std::function<Result<void>(const Config& next, Instant now)>;

  /// `running` is what `apply` last put in force. `environment` overrides settings, each time as at the start; where
  /// that gave the sealing key, the key stays. Requires: references outlive this object; `apply` does not throw.
  Reloader(const Config& running, Environment environment, Apply apply, ops::ConfigEvents& events);

  /// The next tick() reads it again.
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }

  /// To be called every second or so. A file that has changed is read when it has been left alone from one tick to the
  /// next. What was refused is tried again when a file changes, and now and then where what it lacked may come back.
  void tick(Instant now);

 private:
  struct Attempt {
    Result<Config> config;
    FileStamps files;  ///< that it is from
  };
  [[nodiscard]] Attempt read() const;
  [[nodiscard]] Attempt read_at_rest() const;
  [[nodiscard]] std::optional<ops::ReloadTrigger> find_trigger(Instant now);
  void reload(ops::ReloadTrigger trigger, Instant now);
  void refuse(ops::ReloadTrigger trigger, const Error& reason, Instant now);

  const Config& running_;
  const Environment environment_;
  const Apply apply_;
  ops::ConfigEvents& events_;

  std::atomic<bool> requested_{false};
  FileStamps watched_;                  ///< as they were when they were last read
  std::optional<FileStamps> changing_;  ///< as they were at the last tick, if that was something else
  std::optional<Instant> try_again_at_;
  std::optional<Error> refused_;  ///< what was last told of a refusal that still stands
};

}  // namespace mintmark::app
