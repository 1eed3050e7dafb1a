#include "cli/admin_context.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "mintmark/app/open.hpp"
#include "mintmark/base/file.hpp"

namespace mintmark::app::cli {
namespace {

/// A command prints what it did; the server logs what it takes over.
class NoKeyEvents final : public keys::KeyEvents {
 public:
  void key_created(const keys::KeyRecord& /*record*/) noexcept override {}
  void key_activated(const keys::KeyRecord& /*record*/) noexcept override {}
  void key_revoked(const keys::KeyRecord& /*record*/) noexcept override {}
  void key_removed(const keys::KeyRecord& /*record*/) noexcept override {}
};

/// Not app::open_directory(), which refuses a file that names a resource not there yet: the command to come may be the
/// one that adds it.
Result<AdminContext> open_with(Config config, Result<std::unique_ptr<storage::Storage>> storage) {
  if (!storage) return storage.error();
  auto directory = std::make_unique<oauth::Directory>(config.clients, config.resources, (*storage)->clients(),
                                                      (*storage)->resources(), 1, trusted_issuers_of(config));
  if (Result<void> refreshed = directory->refresh(); !refreshed) return refreshed.error();
  return AdminContext{std::move(config), nullptr, *std::move(storage), std::move(directory)};
}

/// The demand, without what must not be made before the import: on a store without signing keys none, for each would
/// make the imported one wait until no verifier can hold a JWKS without it; else none of `alg` where there is none yet.
Result<keys::KeyDemand> demand_before_import(const AdminContext& admin, jose::Alg alg) {
  keys::KeyDemand demand = make_key_demand(admin.config, *admin.directory);
  const Result<keys::KeyTable> table = admin.storage->keys().load_keys();
  if (!table) return table.error();
  const auto& records = table->records;
  if (std::ranges::find(records, keys::KeyPurpose::signing, &keys::KeyRecord::purpose) == records.end()) {
    demand.algs.clear();
  } else if (std::ranges::find(records, alg, &keys::KeyRecord::alg) == records.end()) {
    std::erase(demand.algs, alg);
  }
  return demand;
}

/// A command about something that is there does not make a store to find it missing from.
Result<void> require_storage(const Config& config) {
  if (has_storage(config)) return {};
  return not_found(config.storage.path.string() +
                   ": there is no store: storage.path may be wrong; the service, `mintmark db migrate` or a command "
                   "that adds something makes one");
}

/// The audit stream first: where nobody could say what is changed, nothing is.
Result<AdminContext> open_to_change(const Session& session, Config config, IfAbsent if_absent) {
  Result<std::unique_ptr<AdminAudit>> audit = AdminAudit::open(session, config);
  if (!audit) return audit.error();
  Result<std::unique_ptr<storage::Storage>> storage =
      if_absent == IfAbsent::refuse ? open_storage_to_read(config) : open_storage(config);
  Result<AdminContext> admin = open_with(std::move(config), std::move(storage));
  if (admin) admin->audit = *std::move(audit);
  return admin;
}

/// Who has logged in, by the kernel's own book; -1 where it keeps none.
std::int64_t login_uid() {
  const Result<std::string> text = read_file("/proc/self/loginuid", 32);
  std::uint32_t uid = UINT32_MAX;
  if (text) std::from_chars(text->data(), text->data() + text->size(), uid);
  return uid == UINT32_MAX ? -1 : std::int64_t{uid};
}

ops::AuditActor find_actor() {
  ops::AuditActor actor;
  const uid_t uid = ::geteuid();
  actor.uid = uid;
  actor.login = login_uid();
  const passwd* const entry = ::getpwuid(uid);  // NOLINT(concurrency-mt-unsafe): one thread asks
  if (entry != nullptr) actor.name = entry->pw_name;
  return actor;
}

Result<AdminContext> open_with_sealing_key(const Session& session, IfAbsent if_absent) {
  Result<Config> config = load_config(session);
  if (!config) return config.error();
  if (if_absent == IfAbsent::refuse) {
    if (Result<void> there = require_storage(*config); !there) return there.error();
  }
  // Before the store, which would be created where there is none.
  if (const Result<keys::Sealer> sealer = load_sealer(*config); !sealer) return sealer.error();
  return open_to_change(session, *std::move(config), if_absent);
}

Result<KeyContext> open_manager(AdminContext admin, keys::KeyDemand demand, const Clock& clock) {
  std::unique_ptr<keys::KeyEvents> events;
  if (ops::AuditStream* const audit = admin.audit->stream(); audit != nullptr) {
    events = std::make_unique<ops::KeyAudit>(*audit, clock);
  } else {
    events = std::make_unique<NoKeyEvents>();
  }
  Result<std::unique_ptr<keys::KeyManager>> manager =
      open_key_manager(admin.config, *admin.storage, std::move(demand), *events, clock.now());
  if (!manager) return manager.error();
  return KeyContext{std::move(admin), std::move(events), *std::move(manager)};
}

}  // namespace

Result<std::unique_ptr<AdminAudit>> AdminAudit::open(const Session& session, const Config& config) {
  std::unique_ptr<AdminAudit> audit(new AdminAudit(session.clock));
  Result<std::unique_ptr<ops::AuditStream>> stream =
      open_audit(config, ops::AuditProcess::command, session.clock, audit->log_);
  if (!stream) return stream.error();
  audit->stream_ = *std::move(stream);
  return audit;
}

Result<void> AdminAudit::changed(std::string_view action, std::string_view id,
                                 std::initializer_list<ops::LogField> details) {
  if (stream_ == nullptr) return {};
  ops::audit_change(*stream_, clock_.now(), find_actor(), action, id, details);
  if (const Result<void> written = stream_->flush(); !written) {
    return Error{written.error().kind, "changed, but nobody has been told: " + written.error().detail};
  }
  return {};
}

Result<AdminContext> open_admin(const Session& session, IfAbsent if_absent) {
  Result<Config> config = load_config(session);
  if (!config) return config.error();
  return open_to_change(session, *std::move(config), if_absent);
}

Result<AdminContext> open_admin_to_read(const Session& session) {
  Result<Config> config = load_config(session);
  if (!config) return config.error();
  Result<std::unique_ptr<storage::Storage>> storage = open_storage_to_read(*config);
  return open_with(*std::move(config), std::move(storage));
}

Result<KeyContext> open_keys(const Session& session, IfAbsent if_absent) {
  Result<AdminContext> admin = open_with_sealing_key(session, if_absent);
  if (!admin) return admin.error();
  keys::KeyDemand demand = make_key_demand(admin->config, *admin->directory);
  return open_manager(*std::move(admin), std::move(demand), session.clock);
}

Result<KeyContext> open_keys_to_import(const Session& session, jose::Alg alg) {
  Result<AdminContext> admin = open_with_sealing_key(session, IfAbsent::create);
  if (!admin) return admin.error();
  Result<keys::KeyDemand> demand = demand_before_import(*admin, alg);
  if (!demand) return demand.error();
  return open_manager(*std::move(admin), *std::move(demand), session.clock);
}

Result<void> follow_resources(KeyContext& context, Instant now) {
  if (Result<void> refreshed = context.admin.directory->refresh(); !refreshed) return refreshed;
  return context.manager->set_demand(make_key_demand(context.admin.config, *context.admin.directory), now);
}

std::string_view source_name(bool declared) {
  return declared ? "config" : "store";
}

Error refuse_declared(const Config& config, std::string_view what, std::string_view name) {
  return conflict(std::string(what) + " \"" + std::string(name) + "\" is declared in " + config.file.string() +
                  ": change it there");
}

Error no_such(std::string_view what, std::string_view name) {
  return not_found("there is no " + std::string(what) + " \"" + std::string(name) + "\"");
}

}  // namespace mintmark::app::cli
