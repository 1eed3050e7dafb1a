#include "cli/admin_context.hpp"

#include <algorithm>

#include "mintmark/app/open.hpp"

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
                                                      (*storage)->resources(), 1);
  if (Result<void> refreshed = directory->refresh(); !refreshed) return refreshed.error();
  return AdminContext{std::move(config), *std::move(storage), std::move(directory)};
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

Result<AdminContext> open_with_sealing_key(const Session& session, IfAbsent if_absent) {
  Result<Config> config = load_config(session);
  if (!config) return config.error();
  if (if_absent == IfAbsent::refuse) {
    if (Result<void> there = require_storage(*config); !there) return there.error();
  }
  // Before the store, which would be created where there is none.
  if (const Result<keys::Sealer> sealer = load_sealer(*config); !sealer) return sealer.error();
  Result<std::unique_ptr<storage::Storage>> storage = open_storage(*config);
  return open_with(*std::move(config), std::move(storage));
}

Result<KeyContext> open_manager(AdminContext admin, keys::KeyDemand demand, Instant now) {
  auto events = std::make_unique<NoKeyEvents>();
  Result<std::unique_ptr<keys::KeyManager>> manager =
      open_key_manager(admin.config, *admin.storage, std::move(demand), *events, now);
  if (!manager) return manager.error();
  return KeyContext{std::move(admin), std::move(events), *std::move(manager)};
}

}  // namespace

Result<AdminContext> open_admin(const Session& session, IfAbsent if_absent) {
  if (if_absent == IfAbsent::refuse) return open_admin_to_read(session);
  Result<Config> config = load_config(session);
  if (!config) return config.error();
  Result<std::unique_ptr<storage::Storage>> storage = open_storage(*config);
  return open_with(*std::move(config), std::move(storage));
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
  return open_manager(*std::move(admin), std::move(demand), session.clock.now());
}

Result<KeyContext> open_keys_to_import(const Session& session, jose::Alg alg) {
  Result<AdminContext> admin = open_with_sealing_key(session, IfAbsent::create);
  if (!admin) return admin.error();
  Result<keys::KeyDemand> demand = demand_before_import(*admin, alg);
  if (!demand) return demand.error();
  return open_manager(*std::move(admin), *std::move(demand), session.clock.now());
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
