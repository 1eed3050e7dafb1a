#pragma once
// The port through which whoever takes over a new configuration reports it.
// Thread safety: the functions are called from any thread, must return soon and must not throw.

#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/error.hpp"

namespace mintmark::ops {

/// Why the configuration was read.
enum class ReloadTrigger {
  start,   ///< of the service
  signal,  ///< SIGHUP
  file,    ///< it has changed, or one that it names; or it could not be had before, and may be had now
};

/// As spelt above.
constexpr std::string_view name(ReloadTrigger trigger) noexcept {
  if (trigger == ReloadTrigger::start) return "start";
  return trigger == ReloadTrigger::signal ? "signal" : "file";
}

class ConfigEvents {
 public:
  virtual ~ConfigEvents() = default;
  /// A new configuration is in force. `changed`: what it changes, as paths of settings and names of arrays with commas
  /// between them; empty where only contents of files have changed, or nothing has.
  virtual void config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept = 0;
  /// It was refused as a whole, and the old one stays in force. A refusal that repeats itself, of a file that stays as
  /// it is, is told once.
  virtual void config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept = 0;
};

}  // namespace mintmark::ops
