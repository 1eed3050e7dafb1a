#pragma once
// The port through which the private listener reads metrics.

#include <string>

namespace mintmark::http {

class MetricsSource {
 public:
  virtual ~MetricsSource() = default;
  /// All metrics in the Prometheus text format 0.0.4. May block for a short time; runs on a pool of the private
  /// listener's own, never on a network thread and never behind requests of clients. Thread safety: from any thread.
  /// Must not throw.
  virtual std::string render_metrics() noexcept = 0;
};

}  // namespace mintmark::http
