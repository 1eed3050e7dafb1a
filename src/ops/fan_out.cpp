#include "mintmark/ops/fan_out.hpp"

namespace mintmark::ops {

void AccessLogFan::request_served(const http::ServedRequest& request) noexcept {
  for (auto* listener : listeners_) {
    listener->request_served(request);
  }
}

void AccessLogFan::server_problem(std::string_view request_id, const Error& error) noexcept {
  for (auto* listener : listeners_) {
    listener->server_problem(request_id, error);
  }
}

void AccessLogFan::connection_refused(http::ConnectionRefusal why, std::string_view peer) noexcept {
  for (auto* listener : listeners_) {
    listener->connection_refused(why, peer);
  }
}

void AccessLogFan::handshake_failed(const http::FailedHandshake& handshake) noexcept {
  for (auto* listener : listeners_) {
    listener->handshake_failed(handshake);
  }
}

void TokenEventsFan::token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept {
  for (auto* listener : listeners_) {
    listener->token_issued(issuance, context);
  }
}

void TokenEventsFan::token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept {
  for (auto* listener : listeners_) {
    listener->token_refused(refusal, context);
  }
}

void TokenEventsFan::token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept {
  for (auto* listener : listeners_) {
    listener->token_revoked(revocation, context);
  }
}

void TokenEventsFan::refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept {
  for (auto* listener : listeners_) {
    listener->refresh_reused(family, context);
  }
}

void KeyEventsFan::key_created(const keys::KeyRecord& record) noexcept {
  for (auto* listener : listeners_) {
    listener->key_created(record);
  }
}

void KeyEventsFan::key_activated(const keys::KeyRecord& record) noexcept {
  for (auto* listener : listeners_) {
    listener->key_activated(record);
  }
}

void KeyEventsFan::key_revoked(const keys::KeyRecord& record) noexcept {
  for (auto* listener : listeners_) {
    listener->key_revoked(record);
  }
}

void KeyEventsFan::key_removed(const keys::KeyRecord& record) noexcept {
  for (auto* listener : listeners_) {
    listener->key_removed(record);
  }
}

void KeyEventsFan::sealing_completed(std::size_t resealed) noexcept {
  for (auto* listener : listeners_) {
    listener->sealing_completed(resealed);
  }
}

void RecipientKeyEventsFan::recipient_key_fetched(const oauth::Recipient& recipient, const KeyId& kid) noexcept {
  for (auto* listener : listeners_) {
    listener->recipient_key_fetched(recipient, kid);
  }
}

void RecipientKeyEventsFan::recipient_key_not_fetched(const oauth::Recipient& recipient, const Error& error,
                                                      std::optional<Duration> age) noexcept {
  for (auto* listener : listeners_) {
    listener->recipient_key_not_fetched(recipient, error, age);
  }
}

void VerificationKeyEventsFan::verification_keys_fetched(const std::string& url, std::size_t keys) noexcept {
  for (auto* listener : listeners_) {
    listener->verification_keys_fetched(url, keys);
  }
}

void VerificationKeyEventsFan::verification_keys_not_fetched(const std::string& url, const Error& error,
                                                             std::optional<Duration> age) noexcept {
  for (auto* listener : listeners_) {
    listener->verification_keys_not_fetched(url, error, age);
  }
}

void ConfigEventsFan::config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept {
  for (auto* listener : listeners_) {
    listener->config_reloaded(trigger, changed, now);
  }
}

void ConfigEventsFan::config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept {
  for (auto* listener : listeners_) {
    listener->config_refused(trigger, reason, now);
  }
}

}  // namespace mintmark::ops
