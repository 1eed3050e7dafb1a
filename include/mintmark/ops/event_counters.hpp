#pragma once
// What the other modules report through their ports, counted. Every label is of a closed set that is known when this is
// compiled: nothing that a client writes becomes a label, and no client, resource, user or key is one.
// Thread safety: all functions from any thread. Counting takes no lock, allocates nothing, and shares no cache line
// with what other network threads count.

#include <chrono>
#include <memory>

#include "mintmark/http/access_log.hpp"
#include "mintmark/keys/key_events.hpp"
#include "mintmark/oauth/recipient_keys.hpp"
#include "mintmark/oauth/token_events.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"
#include "mintmark/ops/config_events.hpp"

namespace prometheus {
class Collectable;
}

namespace mintmark::ops {

class EventCounters final : public http::AccessLog,
                            public oauth::TokenEvents,
                            public keys::KeyEvents,
                            public oauth::RecipientKeyEvents,
                            public oauth::VerificationKeyEvents,
                            public ConfigEvents {
 public:
  EventCounters();
  EventCounters(const EventCounters&) = delete;
  EventCounters& operator=(const EventCounters&) = delete;
  ~EventCounters() override;

  void request_served(const http::ServedRequest& request) noexcept override;
  void server_problem(std::string_view request_id, const Error& error) noexcept override;
  void connection_refused(http::ConnectionRefusal why, std::string_view peer) noexcept override;

  void token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept override;
  void token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept override;
  void token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept override;
  void refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept override;

  void key_created(const keys::KeyRecord& record) noexcept override;
  void key_activated(const keys::KeyRecord& record) noexcept override;
  void key_revoked(const keys::KeyRecord& record) noexcept override;
  void key_removed(const keys::KeyRecord& record) noexcept override;

  void recipient_key_fetched(const oauth::Recipient& recipient, const KeyId& kid) noexcept override;
  void recipient_key_not_fetched(const oauth::Recipient& recipient, const Error& error,
                                 std::optional<Duration> age) noexcept override;

  void verification_keys_fetched(const std::string& url, std::size_t keys) noexcept override;
  void verification_keys_not_fetched(const std::string& url, const Error& error,
                                     std::optional<Duration> age) noexcept override;

  void config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept override;
  void config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept override;

  /// A password was hashed or compared with a hash; with the time that it waited for memory.
  void password_hashed(std::chrono::microseconds duration) noexcept;

  /// What has been counted, for the library that renders it. Lives as long as this object.
  [[nodiscard]] const prometheus::Collectable& collectable() const noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace mintmark::ops
