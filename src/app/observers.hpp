#pragma once
// Whoever is told what happens: everything that implements a port of events, and behind each port one object that tells
// them all. Thread safety: that of the ports.

#include <iosfwd>
#include <memory>
#include <optional>

#include "mintmark/app/config.hpp"
#include "mintmark/ops/audit_events.hpp"
#include "mintmark/ops/event_counters.hpp"
#include "mintmark/ops/event_log.hpp"
#include "mintmark/ops/fan_out.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::app {

class Observers {
 public:
  /// Opens the log and the audit stream. `out`: where the log goes; null for what is configured. Requires: `clock`
  /// outlives the observers. Errors: those of Log::open() and open_audit().
  static Result<std::unique_ptr<Observers>> open(const Config& config, const Clock& clock, std::ostream* out);
  Observers(const Observers&) = delete;
  Observers& operator=(const Observers&) = delete;
  ~Observers() = default;

  const std::unique_ptr<ops::Log> log;
  const std::unique_ptr<ops::AuditStream> audit;  ///< null where there is none
  ops::EventCounters counters;

 private:
  Observers(std::unique_ptr<ops::Log> the_log, std::unique_ptr<ops::AuditStream> the_audit, const Clock& clock);

  ops::RequestLog request_log_{*log};
  ops::TokenLog token_log_{*log};
  ops::KeyLog key_log_{*log};
  ops::RecipientKeyLog recipient_log_{*log};
  ops::VerificationKeyLog verification_key_log_{*log};
  ops::ConfigLog config_log_{*log};
  std::optional<ops::TokenAudit> token_audit_;
  std::optional<ops::KeyAudit> key_audit_;
  std::optional<ops::ConfigAudit> config_audit_;

 public:
  ops::AccessLogFan requests{{&request_log_, &counters}};
  ops::TokenEventsFan tokens;
  ops::KeyEventsFan keys;
  ops::RecipientKeyEventsFan recipients{{&recipient_log_, &counters}};
  ops::VerificationKeyEventsFan verification_keys{{&verification_key_log_, &counters}};
  ops::ConfigEventsFan configuration;
};

}  // namespace mintmark::app
