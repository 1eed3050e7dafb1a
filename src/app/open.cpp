#include "mintmark/app/open.hpp"

#include <algorithm>

#include "mintmark/base/duration.hpp"
#include "mintmark/base/file.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

constexpr std::size_t kCachedClients = 10'000;

/// What a Config alone cannot show: it names resources that may be in the store.
Result<void> check_clients(const Config& config, const oauth::Directory::ResourceMap& resources) {
  for (std::size_t i = 0; i < config.clients.size(); ++i) {
    for (const ResourceId& resource : config.clients[i].resources) {
      if (resources.contains(resource)) continue;
      return invalid(config.file.string() + ": clients[" + std::to_string(i) + "].resources: \"" + resource.str() +
                     "\" is neither declared nor in the store");
    }
  }
  return {};
}

/// Invariant 3: no token may outlive the key that verifies it.
Result<void> check_lifetimes(const Config& config, const oauth::Directory::ResourceMap& resources) {
  const Duration longest = config.keys.periods.longest_lifetime;
  for (const auto& [id, resource] : resources) {
    if (resource->lifetime <= longest) continue;
    return invalid(full_place_of(config, "tokens.max_lifetime") + ": expected at least " +
                   format_duration(resource->lifetime) + ", the lifetime of the stored resource \"" + id.str() + "\"");
  }
  return {};
}

Error in_setting(std::string_view setting, const Error& error) {
  return {error.kind, std::string(setting) + ": " + error.detail};
}

}  // namespace

bool has_storage(const Config& config) {
  std::error_code unreadable;  // then opening it says why
  return std::filesystem::symlink_status(config.storage.path, unreadable).type() !=
         std::filesystem::file_type::not_found;
}

Result<std::unique_ptr<storage::Storage>> open_storage(const Config& config) {
  Result<std::unique_ptr<storage::Storage>> opened = storage::open_sqlite({.path = config.storage.path});
  if (!opened && opened.error().kind == ErrorKind::corrupt)
    return corrupt(opened.error().detail + ": restore a backup with `mintmark restore --force`");
  return opened;
}

Result<std::unique_ptr<storage::Storage>> open_storage_to_read(const Config& config) {
  if (has_storage(config)) return open_storage(config);
  return storage::open_memory();
}

Result<keys::Sealer> load_sealer(const Config& config) {
  if (config.sealing_key.value) {
    Result<keys::Sealer> sealer = keys::Sealer::from_base64(*config.sealing_key.value);
    return sealer ? std::move(sealer) : in_setting("MINTMARK_SEALING_KEY", sealer.error());
  }
  if (config.sealing_key.file.empty()) {
    return not_found(
        "there is no sealing key: set sealing_key_file, MINTMARK_SEALING_KEY_FILE or MINTMARK_SEALING_KEY "
        "(make one with `openssl rand -base64 32`)");
  }
  const std::string setting = place_of(config, "sealing_key_file");
  const Result<Secret> text = read_secret_file(config.sealing_key.file);
  if (!text) return in_setting(setting, text.error());
  Result<keys::Sealer> sealer = keys::Sealer::from_base64(*text);
  return sealer ? std::move(sealer)
                : in_setting(setting,
                             {sealer.error().kind, config.sealing_key.file.string() + ": " + sealer.error().detail});
}

Result<void> check_sealing_key(const Config& config, storage::Storage& storage, Instant now) {
  const Result<keys::Sealer> sealer = load_sealer(config);
  if (!sealer) return sealer.error();
  const Result<keys::KeyTable> table = storage.keys().load_keys();
  if (!table) return table.error();
  if (table->records.empty()) return {};
  const auto ring = keys::KeyRing::make(table->records, *sealer, config.keys.periods, now);
  return ring ? Result<void>() : ring.error();
}

Result<void> check_resources(const Config& config, const oauth::Directory::ResourceMap& resources) {
  if (Result<void> checked = check_clients(config, resources); !checked) return checked;
  return check_lifetimes(config, resources);
}

oauth::TrustedIssuerMap trusted_issuers_of(const Config& config) {
  oauth::TrustedIssuerMap trusted;
  for (const oauth::TrustedIssuer& issuer : config.trusted_issuers)
    trusted.emplace(issuer.issuer, issuer);
  return trusted;
}

Result<std::unique_ptr<oauth::Directory>> open_directory(const Config& config, storage::Storage& storage) {
  auto directory = std::make_unique<oauth::Directory>(config.clients, config.resources, storage.clients(),
                                                      storage.resources(), kCachedClients, trusted_issuers_of(config));
  if (Result<void> refreshed = directory->refresh(); !refreshed) return refreshed.error();
  if (Result<void> checked = check_resources(config, *directory->resources()); !checked) return checked.error();
  return directory;
}

keys::KeyDemand make_key_demand(const Config& config, const oauth::Directory& directory) {
  return make_key_demand(config, *directory.resources());
}

keys::KeyDemand make_key_demand(const Config& config, const oauth::Directory::ResourceMap& resources) {
  keys::KeyDemand demand;
  demand.rsa_bits = config.keys.rsa_bits;
  for (const auto& [id, resource] : resources) {
    if (!jose::is_available(resource->alg)) continue;
    if (!jose::is_symmetric(resource->alg)) {
      if (std::ranges::find(demand.algs, resource->alg) == demand.algs.end()) demand.algs.push_back(resource->alg);
      continue;
    }
    const auto given = config.resource_secrets.find(id);
    demand.secrets.push_back(
        {.resource = id,
         .alg = resource->alg,
         .given = given == config.resource_secrets.end() ? std::nullopt : std::optional(given->second)});
  }
  return demand;
}

Result<std::unique_ptr<keys::KeyManager>> open_key_manager(const Config& config, storage::Storage& storage,
                                                           keys::KeyDemand demand, keys::KeyEvents& events,
                                                           Instant now) {
  Result<keys::Sealer> sealer = load_sealer(config);
  if (!sealer) return sealer.error();
  return keys::KeyManager::open(storage.keys(), *std::move(sealer), config.keys.periods, std::move(demand), events,
                                now);
}

Result<std::unique_ptr<ops::AuditStream>> open_audit(const Config& config, ops::AuditProcess process,
                                                     const Clock& clock, ops::Log& log) {
  if (config.audit.output == ops::AuditOutput::none) return std::unique_ptr<ops::AuditStream>();
  std::optional<ops::AuditKey> key;
  if (const Result<keys::Sealer> sealer = load_sealer(config)) key = ops::make_audit_keys(*sealer).front();
  return ops::AuditStream::open(config.audit, std::move(key), process, clock, log);
}

oauth::MutualTls mutual_tls_of(const Config& config) noexcept {
  const bool sees_certificates = config.server.tls.client_certificates != http::ClientCertificates::none ||
                                 config.server.client_cert_field != http::ClientCertField::ignored;
  return sees_certificates ? oauth::MutualTls::yes : oauth::MutualTls::no;
}

std::string make_metadata(const Config& config, const oauth::Directory& directory) {
  const std::span<const oauth::GrantType> grants = oauth::all_grant_types();
  return oauth::render_metadata(config.issuer, {grants.begin(), grants.end()}, *directory.resources(),
                                mutual_tls_of(config));
}

}  // namespace mintmark::app
