#pragma once
// What the other modules report through their ports, as lines of the log.
// Thread safety: all functions from any thread.

#include "mintmark/http/access_log.hpp"
#include "mintmark/keys/key_manager.hpp"
#include "mintmark/oauth/recipient_keys.hpp"
#include "mintmark/oauth/token_events.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"
#include "mintmark/ops/config_events.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::ops {

/// One line for each request, with its id.
class RequestLog final : public http::AccessLog {
 public:
  /// Requires: `log` outlives this object.
  explicit RequestLog(Log& log) noexcept : log_(log) {}
  void request_served(const http::ServedRequest& request) noexcept override;
  void server_problem(std::string_view request_id, const Error& error) noexcept override;
  void connection_refused(http::ConnectionRefusal why, std::string_view peer) noexcept override;
  void handshake_failed(const http::FailedHandshake& handshake) noexcept override;

 private:
  Log& log_;
};

/// Why a token was refused, and what was in one that was issued.
class TokenLog final : public oauth::TokenEvents {
 public:
  /// Requires: `log` outlives this object.
  explicit TokenLog(Log& log) noexcept : log_(log) {}
  void token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept override;
  void token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept override;
  void token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept override;
  void refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept override;

 private:
  Log& log_;
};

/// The life of the keys.
class KeyLog final : public keys::KeyEvents {
 public:
  /// Requires: `log` outlives this object.
  explicit KeyLog(Log& log) noexcept : log_(log) {}
  void key_created(const keys::KeyRecord& record) noexcept override;
  void key_activated(const keys::KeyRecord& record) noexcept override;
  void key_revoked(const keys::KeyRecord& record) noexcept override;
  void key_removed(const keys::KeyRecord& record) noexcept override;
  void sealing_completed(std::size_t resealed) noexcept override;

 private:
  void write(LogLevel level, std::string_view event, const keys::KeyRecord& record) noexcept;

  Log& log_;
};

/// The keys that tokens are encrypted to, where they are fetched.
class RecipientKeyLog final : public oauth::RecipientKeyEvents {
 public:
  /// Requires: `log` outlives this object.
  explicit RecipientKeyLog(Log& log) noexcept : log_(log) {}
  void recipient_key_fetched(const oauth::Recipient& recipient, const KeyId& kid) noexcept override;
  void recipient_key_not_fetched(const oauth::Recipient& recipient, const Error& error,
                                 std::optional<Duration> age) noexcept override;

 private:
  Log& log_;
};

/// The key sets of clients and trusted issuers, where they are fetched.
class VerificationKeyLog final : public oauth::VerificationKeyEvents {
 public:
  /// Requires: `log` outlives this object.
  explicit VerificationKeyLog(Log& log) noexcept : log_(log) {}
  void verification_keys_fetched(const std::string& url, std::size_t keys) noexcept override;
  void verification_keys_not_fetched(const std::string& url, const Error& error,
                                     std::optional<Duration> age) noexcept override;

 private:
  Log& log_;
};

/// What became of a new configuration.
class ConfigLog final : public ConfigEvents {
 public:
  /// Requires: `log` outlives this object.
  explicit ConfigLog(Log& log) noexcept : log_(log) {}
  void config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept override;
  void config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept override;

 private:
  Log& log_;
};

}  // namespace mintmark::ops
