#pragma once
// The port through which whoever takes over a new configuration reports it.
// Thread safety: the functions are called from any thread, must return soon and must not throw.

#include "mintmark/base/clock.hpp"

namespace mintmark::ops {

class ConfigEvents {
 public:
  virtual ~ConfigEvents() = default;
  /// `ok`: the new configuration is in force. Else it was refused whole and the one before stays. The first one, at the
  /// start, counts.
  virtual void config_reloaded(bool ok, Instant now) noexcept = 0;
};

}  // namespace mintmark::ops
