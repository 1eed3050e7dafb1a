#pragma once
// One event told to several: each port's listeners, in the order in which they were given.
// Thread safety: as the listeners', which are called from any thread.

#include <utility>
#include <vector>

#include "mintmark/http/access_log.hpp"
#include "mintmark/keys/key_events.hpp"
#include "mintmark/oauth/recipient_keys.hpp"
#include "mintmark/oauth/token_events.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"
#include "mintmark/ops/config_events.hpp"

namespace mintmark::ops {

class AccessLogFan final : public http::AccessLog {
 public:
  /// Requires: the listeners outlive this object; so for all below.
  explicit AccessLogFan(std::vector<http::AccessLog*> listeners) : listeners_(std::move(listeners)) {}
  void request_served(const http::ServedRequest& request) noexcept override;
  void server_problem(std::string_view request_id, const Error& error) noexcept override;
  void connection_refused(http::ConnectionRefusal why, std::string_view peer) noexcept override;
  void handshake_failed(const http::FailedHandshake& handshake) noexcept override;

 private:
  const std::vector<http::AccessLog*> listeners_;
};

class TokenEventsFan final : public oauth::TokenEvents {
 public:
  explicit TokenEventsFan(std::vector<oauth::TokenEvents*> listeners) : listeners_(std::move(listeners)) {}
  void token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept override;
  void token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept override;
  void token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept override;
  void refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept override;

 private:
  const std::vector<oauth::TokenEvents*> listeners_;
};

class KeyEventsFan final : public keys::KeyEvents {
 public:
  explicit KeyEventsFan(std::vector<keys::KeyEvents*> listeners) : listeners_(std::move(listeners)) {}
  void key_created(const keys::KeyRecord& record) noexcept override;
  void key_activated(const keys::KeyRecord& record) noexcept override;
  void key_revoked(const keys::KeyRecord& record) noexcept override;
  void key_removed(const keys::KeyRecord& record) noexcept override;
  void sealing_completed(std::size_t resealed) noexcept override;

 private:
  const std::vector<keys::KeyEvents*> listeners_;
};

class VerificationKeyEventsFan final : public oauth::VerificationKeyEvents {
 public:
  explicit VerificationKeyEventsFan(std::vector<oauth::VerificationKeyEvents*> listeners)
      : listeners_(std::move(listeners)) {}
  void verification_keys_fetched(const std::string& url, std::size_t keys) noexcept override;
  void verification_keys_not_fetched(const std::string& url, const Error& error,
                                     std::optional<Duration> age) noexcept override;

 private:
  const std::vector<oauth::VerificationKeyEvents*> listeners_;
};

class RecipientKeyEventsFan final : public oauth::RecipientKeyEvents {
 public:
  explicit RecipientKeyEventsFan(std::vector<oauth::RecipientKeyEvents*> listeners)
      : listeners_(std::move(listeners)) {}
  void recipient_key_fetched(const oauth::Recipient& recipient, const KeyId& kid) noexcept override;
  void recipient_key_not_fetched(const oauth::Recipient& recipient, const Error& error,
                                 std::optional<Duration> age) noexcept override;

 private:
  const std::vector<oauth::RecipientKeyEvents*> listeners_;
};

class ConfigEventsFan final : public ConfigEvents {
 public:
  explicit ConfigEventsFan(std::vector<ConfigEvents*> listeners) : listeners_(std::move(listeners)) {}
  void config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept override;
  void config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept override;

 private:
  const std::vector<ConfigEvents*> listeners_;
};

}  // namespace mintmark::ops
