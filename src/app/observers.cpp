#include "observers.hpp"

#include <utility>
#include <vector>

#include "mintmark/app/open.hpp"

namespace mintmark::app {
namespace {

/// With the listener that is there only where there is an audit stream.
template <class Listener, class Audit>
std::vector<Listener*> with_audit(std::vector<Listener*> listeners, std::optional<Audit>& audit) {
  if (audit) listeners.push_back(&*audit);
  return listeners;
}

}  // namespace

Result<std::unique_ptr<Observers>> Observers::open(const Config& config, const Clock& clock, std::ostream* out) {
  std::unique_ptr<ops::Log> log;
  if (out != nullptr) {
    log = std::make_unique<ops::Log>(config.log, *out);
  } else {
    Result<std::unique_ptr<ops::Log>> opened = ops::Log::open(config.log);
    if (!opened) return Error{opened.error().kind, "log.file: " + opened.error().detail};
    log = *std::move(opened);
  }
  Result<std::unique_ptr<ops::AuditStream>> audit = open_audit(config, ops::AuditProcess::server, clock, *log);
  if (!audit) return audit.error();
  return std::unique_ptr<Observers>(new Observers(std::move(log), *std::move(audit), clock));
}

Observers::Observers(std::unique_ptr<ops::Log> the_log, std::unique_ptr<ops::AuditStream> the_audit, const Clock& clock)
    : log(std::move(the_log)),
      audit(std::move(the_audit)),
      token_audit_(audit ? std::optional<ops::TokenAudit>(std::in_place, *audit) : std::nullopt),
      key_audit_(audit ? std::optional<ops::KeyAudit>(std::in_place, *audit, clock) : std::nullopt),
      config_audit_(audit ? std::optional<ops::ConfigAudit>(std::in_place, *audit) : std::nullopt),
      tokens(with_audit<oauth::TokenEvents>({&token_log_, &counters}, token_audit_)),
      keys(with_audit<keys::KeyEvents>({&key_log_, &counters}, key_audit_)),
      configuration(with_audit<ops::ConfigEvents>({&config_log_, &counters}, config_audit_)) {}

}  // namespace mintmark::app
