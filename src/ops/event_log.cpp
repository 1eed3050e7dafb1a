#include "mintmark/ops/event_log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>

namespace mintmark::ops {
namespace {

constexpr std::string_view kAbsent = "-";

std::string_view or_none(std::string_view text) noexcept {
  return text.empty() ? kAbsent : text;
}

/// Our own faults and what an operator should look at are not the client's.
LogLevel level_of(const oauth::OAuthError& error) noexcept {
  if (error.cause && error.cause->kind == ErrorKind::corrupt) return LogLevel::error;
  switch (error.code) {
    case oauth::OAuthCode::server_error:
      return LogLevel::error;
    case oauth::OAuthCode::temporarily_unavailable:
      return LogLevel::warning;
    default:
      return LogLevel::info;
  }
}

/// Of what stays in use while it cannot be fetched.
LogField age_field(std::optional<Duration> age) {
  using std::chrono::seconds;
  if (!age) return {"age_s", kAbsent};
  return {"age_s", std::int64_t{std::chrono::duration_cast<seconds>(*age).count()}};
}

}  // namespace

void RequestLog::request_served(const http::ServedRequest& request) noexcept {
  log_.info("request", {
                           {"id", request.request_id},
                           {"remote", request.remote_address},
                           {"method", http::name(request.method)},
                           {"route", http::name(request.route)},
                           {"status", std::int64_t{request.status}},
                           {"error", request.error ? oauth::name(*request.error) : kAbsent},
                           {"duration_us", std::int64_t{request.duration.count()}},
                           {"bytes", static_cast<std::int64_t>(request.answer_bytes)},
                           {"complete", request.complete},
                           {"trace_id", or_none(request.trace.trace_id)},
                           {"parent_id", or_none(request.trace.parent_id)},
                       });
}

void RequestLog::server_problem(std::string_view request_id, const Error& error) noexcept {
  log_.error("server problem", {
                                   {"id", request_id.empty() ? kAbsent : request_id},
                                   {"kind", mintmark::name(error.kind)},
                                   {"detail", error.detail},
                               });
}

void RequestLog::connection_refused(http::ConnectionRefusal why, std::string_view peer) noexcept {
  log_.info("connection refused", {{"remote", peer}, {"reason", http::name(why)}});
}

/// Anybody can make one, so it is no news by itself.
void RequestLog::handshake_failed(const http::FailedHandshake& handshake) noexcept {
  log_.debug("TLS handshake failed", {{"remote", handshake.remote_address}, {"reason", handshake.reason}});
}

void TokenLog::token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept {
  const oauth::Authorization& authorization = issuance.admission.authorization();
  log_.debug("token issued",
             {
                 {"id", context.request_id},
                 {"grant", oauth::name(authorization.grant)},
                 {"client", authorization.client->id.str()},
                 {"sub", authorization.subject()},
                 {"actor", authorization.actor.is_null() ? std::string(kAbsent) : authorization.actor.value("sub", "")},
                 {"resource", issuance.admission.resources().front()->id.str()},
                 {"resources", static_cast<std::int64_t>(issuance.admission.resources().size())},
                 {"jti", issuance.jti},
                 {"kid", issuance.kid != nullptr ? std::string_view(issuance.kid->str()) : kAbsent},
                 {"alg", issuance.alg ? jose::name(*issuance.alg) : kAbsent},
                 {"encryption_alg", issuance.encryption ? jose::name(issuance.encryption->alg) : kAbsent},
                 {"enc", issuance.encryption ? jose::name(issuance.encryption->enc) : kAbsent},
                 {"refresh_token", issuance.with_refresh_token},
                 {"trace_id", or_none(context.trace.trace_id)},
                 {"parent_id", or_none(context.trace.parent_id)},
             });
}

void TokenLog::token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept {
  log_.write(level_of(refusal.error), "token refused",
             {
                 {"id", context.request_id},
                 {"remote", context.remote_address},
                 {"error", oauth::name(refusal.error.code)},
                 {"description", refusal.error.description.str()},
                 {"reason", oauth::name(refusal.error.reason)},
                 {"endpoint", oauth::name(refusal.endpoint)},
                 {"grant", refusal.grant ? oauth::name(*refusal.grant) : kAbsent},
                 {"client", refusal.client != nullptr ? std::string_view(refusal.client->id.str()) : kAbsent},
                 {"cause", refusal.error.cause ? std::string_view(refusal.error.cause->detail) : kAbsent},
                 {"trace_id", or_none(context.trace.trace_id)},
                 {"parent_id", or_none(context.trace.parent_id)},
             });
}

void TokenLog::token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept {
  log_.info("token revoked",
            {
                {"id", context.request_id},
                {"client", revocation.client.id.str()},
                {"family", revocation.family != nullptr ? std::string_view(revocation.family->str()) : kAbsent},
                {"jti", revocation.jti.empty() ? kAbsent : revocation.jti},
                {"trace_id", or_none(context.trace.trace_id)},
                {"parent_id", or_none(context.trace.parent_id)},
            });
}

void TokenLog::refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept {
  log_.warning("refresh token reused, family revoked", {
                                                           {"id", context.request_id},
                                                           {"remote", context.remote_address},
                                                           {"family", family.id.str()},
                                                           {"client", family.client.str()},
                                                           {"sub", family.user.str()},
                                                           {"trace_id", or_none(context.trace.trace_id)},
                                                           {"parent_id", or_none(context.trace.parent_id)},
                                                       });
}

void KeyLog::write(LogLevel level, std::string_view event, const keys::KeyRecord& record) noexcept {
  log_.write(level, event,
             {
                 {"kid", record.kid.str()},
                 {"purpose", keys::name(record.purpose)},
                 {"alg", jose::name(record.alg)},
                 {"resource", record.resource.empty() ? kAbsent : std::string_view(record.resource.str())},
             });
}

void KeyLog::key_created(const keys::KeyRecord& record) noexcept {
  write(LogLevel::info, "key created", record);
}

void KeyLog::key_activated(const keys::KeyRecord& record) noexcept {
  write(LogLevel::info, "key activated", record);
}

void KeyLog::key_revoked(const keys::KeyRecord& record) noexcept {
  write(LogLevel::warning, "key revoked", record);
}

void KeyLog::key_removed(const keys::KeyRecord& record) noexcept {
  write(LogLevel::info, "key removed", record);
}

void KeyLog::sealing_completed(std::size_t resealed) noexcept {
  log_.info("every stored key is under the first sealing key, the others can be removed",
            {{"resealed", static_cast<std::int64_t>(resealed)}});
}

void RecipientKeyLog::recipient_key_fetched(const oauth::Recipient& recipient, const KeyId& kid) noexcept {
  log_.info("recipient key fetched", {
                                         {"url", recipient.url},
                                         {"alg", jose::name(recipient.alg)},
                                         {"kid", kid.empty() ? kAbsent : std::string_view(kid.str())},
                                     });
}

void RecipientKeyLog::recipient_key_not_fetched(const oauth::Recipient& recipient, const Error& error,
                                                std::optional<Duration> age) noexcept {
  log_.warning("recipient key not fetched", {
                                                {"url", recipient.url},
                                                {"alg", jose::name(recipient.alg)},
                                                {"detail", error.detail},
                                                age_field(age),
                                            });
}

void VerificationKeyLog::verification_keys_fetched(const std::string& url, std::size_t keys) noexcept {
  log_.info("verification keys fetched", {{"url", url}, {"keys", static_cast<std::int64_t>(keys)}});
}

void VerificationKeyLog::verification_keys_not_fetched(const std::string& url, const Error& error,
                                                       std::optional<Duration> age) noexcept {
  log_.warning("verification keys not fetched", {{"url", url}, {"detail", error.detail}, age_field(age)});
}

void ConfigLog::config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant /*now*/) noexcept {
  log_.info("configuration reloaded",
            {{"trigger", name(trigger)}, {"changed", changed.empty() ? std::string_view(kAbsent) : changed}});
}

void ConfigLog::config_refused(ReloadTrigger trigger, const Error& reason, Instant /*now*/) noexcept {
  log_.error("configuration refused, the old one stays in force",
             {{"trigger", name(trigger)}, {"kind", mintmark::name(reason.kind)}, {"detail", reason.detail}});
}

}  // namespace mintmark::ops
