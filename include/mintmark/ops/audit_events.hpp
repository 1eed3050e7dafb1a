#pragma once
// What the other modules report through their ports, and what the service and its administrators do, as events of the
// audit stream. docs/audit.md lists every field.
// Thread safety: all functions from any thread.

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "mintmark/keys/key_events.hpp"
#include "mintmark/oauth/token_events.hpp"
#include "mintmark/ops/audit_stream.hpp"
#include "mintmark/ops/config_events.hpp"

namespace mintmark::ops {

/// token.issued, token.refused, token.revoked, refresh.reused
class TokenAudit final : public oauth::TokenEvents {
 public:
  /// Requires: `stream` outlives this object.
  explicit TokenAudit(AuditStream& stream) noexcept : stream_(stream) {}
  void token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept override;
  void token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept override;
  void token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept override;
  void refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept override;

 private:
  AuditStream& stream_;
};

/// key.created, key.activated, key.revoked, key.removed
class KeyAudit final : public keys::KeyEvents {
 public:
  /// Requires: stream and clock outlive this object.
  KeyAudit(AuditStream& stream, const Clock& clock) noexcept : stream_(stream), clock_(clock) {}
  void key_created(const keys::KeyRecord& record) noexcept override;
  void key_activated(const keys::KeyRecord& record) noexcept override;
  void key_revoked(const keys::KeyRecord& record) noexcept override;
  void key_removed(const keys::KeyRecord& record) noexcept override;

 private:
  void write(std::string_view event, const keys::KeyRecord& record) noexcept;

  AuditStream& stream_;
  const Clock& clock_;
};

/// config.reloaded, config.refused
class ConfigAudit final : public ConfigEvents {
 public:
  /// Requires: `stream` outlives this object.
  explicit ConfigAudit(AuditStream& stream) noexcept : stream_(stream) {}
  void config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept override;
  void config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept override;

 private:
  AuditStream& stream_;
};

/// Who runs a command, as the operating system says.
struct AuditActor {
  std::string name;         ///< of the user; empty where the machine knows no name
  std::int64_t uid = -1;    ///< effective
  std::int64_t login = -1;  ///< who has logged in, which a change of user (sudo) leaves alone; -1 where unknown
};

/// admin.change: what an administrator did. `action` is a literal, "client.create"; `id` says to which.
void audit_change(AuditStream& stream, Instant now, const AuditActor& actor, std::string_view action,
                  std::string_view id, std::initializer_list<LogField> details = {}) noexcept;

}  // namespace mintmark::ops
