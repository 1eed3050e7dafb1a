#pragma once
// Whoever is told what happens: everything that implements a port of events, and behind each port one object that tells
// them all. Thread safety: that of the ports.

#include <iosfwd>
#include <memory>

#include "mintmark/ops/event_counters.hpp"
#include "mintmark/ops/event_log.hpp"
#include "mintmark/ops/fan_out.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::app {

class Observers {
 public:
  /// `out`: where the log goes; null for stderr.
  Observers(const ops::LogOptions& options, std::ostream* out);
  Observers(const Observers&) = delete;
  Observers& operator=(const Observers&) = delete;
  ~Observers() = default;

  const std::unique_ptr<ops::Log> log;
  ops::EventCounters counters;

 private:
  ops::RequestLog request_log_{*log};
  ops::TokenLog token_log_{*log};
  ops::KeyLog key_log_{*log};
  ops::RecipientKeyLog recipient_log_{*log};
  ops::ConfigLog config_log_{*log};

 public:
  ops::AccessLogFan requests{{&request_log_, &counters}};
  ops::TokenEventsFan tokens{{&token_log_, &counters}};
  ops::KeyEventsFan keys{{&key_log_, &counters}};
  ops::RecipientKeyEventsFan recipients{{&recipient_log_, &counters}};
  ops::ConfigEventsFan configuration{{&config_log_, &counters}};
};

}  // namespace mintmark::app
