#include "mintmark/ops/audit_events.hpp"

namespace mintmark::ops {
namespace {

void add_request(JsonWriter& json, const oauth::RequestContext& context) {
  add_audit_text(json, "request_id", context.request_id);
  add_audit_text(json, "remote", context.remote_address);
}

void add_words(JsonWriter& json, std::string_view name, const std::vector<std::string>& words) {
  json.key(name).begin_array();
  for (const std::string& word : words)
    json.value(word);
  json.end_array();
}

}  // namespace

void TokenAudit::token_issued(const oauth::Issuance& issuance, const oauth::RequestContext& context) noexcept {
  stream_.record(context.now, "token.issued", [&](JsonWriter& json) {
    const oauth::Admission& admission = issuance.admission;
    const oauth::Authorization& authorization = admission.authorization();
    add_request(json, context);
    json.member("grant", oauth::name(authorization.grant));
    json.member("client", authorization.client->id.str());
    json.member("sub", authorization.subject());
    if (!authorization.actor.is_null()) json.member("act", authorization.actor);
    json.key("resources").begin_array();
    for (const auto& resource : admission.resources())
      json.value(resource->id.str());
    json.end_array();
    add_words(json, "scopes", admission.scopes());
    json.member("jti", issuance.jti);
    if (issuance.kid != nullptr) json.member("kid", issuance.kid->str());
    if (issuance.alg) json.member("alg", jose::name(*issuance.alg));
    json.member("lifetime_s", std::chrono::floor<std::chrono::seconds>(admission.lifetime()).count());
    json.member("exp", to_numeric_date(context.now + admission.lifetime()));
    if (issuance.encryption != nullptr) {
      json.member("encryption_alg", jose::name(issuance.encryption->alg));
      json.member("enc", jose::name(issuance.encryption->enc));
    }
    if (issuance.family != nullptr) json.member("family", issuance.family->str());
  });
}

void TokenAudit::token_refused(const oauth::Refusal& refusal, const oauth::RequestContext& context) noexcept {
  stream_.record(context.now, "token.refused", [&](JsonWriter& json) {
    add_request(json, context);
    json.member("error", oauth::name(refusal.error.code));
    json.member("reason", refusal.error.description.str());
    if (refusal.endpoint != oauth::Endpoint::token) json.member("endpoint", oauth::name(refusal.endpoint));
    if (refusal.grant) json.member("grant", oauth::name(*refusal.grant));
    if (refusal.client != nullptr) json.member("client", refusal.client->id.str());
    if (refusal.error.cause) add_audit_text(json, "cause", refusal.error.cause->detail, 1024);
  });
}

void TokenAudit::token_revoked(const oauth::Revocation& revocation, const oauth::RequestContext& context) noexcept {
  stream_.record(context.now, "token.revoked", [&](JsonWriter& json) {
    add_request(json, context);
    json.member("client", revocation.client.id.str());
    if (revocation.family != nullptr) json.member("family", revocation.family->str());
    if (!revocation.jti.empty()) add_audit_text(json, "jti", revocation.jti);
  });
}

void TokenAudit::refresh_reused(const oauth::RefreshFamily& family, const oauth::RequestContext& context) noexcept {
  stream_.record(context.now, "refresh.reused", [&](JsonWriter& json) {
    add_request(json, context);
    json.member("family", family.id.str()).member("client", family.client.str()).member("sub", family.user.str());
  });
}

void KeyAudit::write(std::string_view event, const keys::KeyRecord& record) noexcept {
  stream_.record(clock_.now(), event, [&](JsonWriter& json) {
    add_audit_text(json, "kid", record.kid.str());
    json.member("purpose", keys::name(record.purpose)).member("alg", jose::name(record.alg));
    if (!record.resource.empty()) json.member("resource", record.resource.str());
    json.member("imported", record.imported);
    json.member("activates_at", format_audit_time(record.activates_at));
    if (record.retires_at) json.member("retires_at", format_audit_time(*record.retires_at));
    if (record.revoked_at) json.member("revoked_at", format_audit_time(*record.revoked_at));
  });
}

void KeyAudit::key_created(const keys::KeyRecord& record) noexcept {
  write("key.created", record);
}
void KeyAudit::key_activated(const keys::KeyRecord& record) noexcept {
  write("key.activated", record);
}
void KeyAudit::key_revoked(const keys::KeyRecord& record) noexcept {
  write("key.revoked", record);
}
void KeyAudit::key_removed(const keys::KeyRecord& record) noexcept {
  write("key.removed", record);
}

void ConfigAudit::config_reloaded(ReloadTrigger trigger, std::string_view changed, Instant now) noexcept {
  stream_.record(now, "config.reloaded", {{"trigger", name(trigger)}, {"changed", changed}});
}

void ConfigAudit::config_refused(ReloadTrigger trigger, const Error& reason, Instant now) noexcept {
  stream_.record(now, "config.refused", {{"trigger", name(trigger)}, {"reason", reason.detail}});
}

void audit_change(AuditStream& stream, Instant now, const AuditActor& actor, std::string_view action,
                  std::string_view id, std::initializer_list<LogField> details) noexcept {
  stream.record(now, "admin.change", [&](JsonWriter& json) {
    if (!actor.name.empty()) add_audit_text(json, "user", actor.name, 256);
    json.member("uid", actor.uid);
    if (actor.login >= 0) json.member("login_uid", actor.login);
    json.member("action", action);
    add_audit_text(json, "id", id);
    add_audit_fields(json, details);
  });
}

}  // namespace mintmark::ops
