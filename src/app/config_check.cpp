#include <algorithm>
#include <set>

#include "byte_size.hpp"
#include "mintmark/app/config.hpp"
#include "mintmark/base/duration.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

std::string element(std::string_view array, std::size_t index, std::string_view member) {
  return std::string(array) + "[" + std::to_string(index) + "]." + std::string(member) + ": ";
}

keys::PeriodNames name_periods(const Config& config) {
  return {.rotate_every = place_of(config, "keys.rotate_every"),
          .publish_ahead = place_of(config, "keys.publish_ahead"),
          .jwks_max_age = place_of(config, "keys.jwks_max_age"),
          .longest_lifetime = place_of(config, "tokens.max_lifetime"),
          .clock_skew = place_of(config, "keys.clock_skew"),
          .retain = place_of(config, "keys.retain")};
}

Result<void> check_passwords(const Config& config) {
  const crypto::Argon2Parameters& argon2 = config.passwords.argon2;
  if (argon2.memory_kib < 8 * argon2.parallelism) {  // RFC 9106 §3.1
    return invalid(place_of(config, "passwords.memory_kib") + ": expected at least 8 for each lane of " +
                   place_of(config, "passwords.parallelism"));
  }
  if (config.passwords.memory_budget_bytes < std::uint64_t{argon2.memory_kib} * 1024) {
    return invalid(place_of(config, "passwords.memory_budget") + ": expected room for one hash at least, which takes " +
                   format_byte_size(std::uint64_t{argon2.memory_kib} * 1024) + " (" +
                   place_of(config, "passwords.memory_kib") + ")");
  }
  return {};
}

/// What the files hold is for whoever serves; commands of administration need not be able to read the key.
Result<void> check_tls(const Config& config) {
  const http::TlsOptions& tls = config.server.tls;
  const auto refuse = [&](std::string_view path, std::string_view expected) {
    return invalid(place_of(config, path) + ": " + std::string(expected));
  };
  if (tls.enabled() != !tls.key_file.empty()) {
    return tls.enabled() ? refuse("server.tls.key_file", "is required with server.tls.certificate_file")
                         : refuse("server.tls.certificate_file", "is required with server.tls.key_file");
  }
  const bool asks = tls.client_certificates != http::ClientCertificates::none;
  if (asks && !tls.enabled()) {
    return refuse("server.tls.client_certificates", "expected \"none\" without server.tls.certificate_file");
  }
  const bool takes_any = tls.client_certificates == http::ClientCertificates::any;
  if (asks && !takes_any && tls.client_ca_file.empty()) {
    return refuse("server.tls.client_ca_file", "is required where clients are asked for certificates");
  }
  if (!asks && !tls.client_ca_file.empty()) {
    return refuse("server.tls.client_ca_file",
                  "expected server.tls.client_certificates \"request\", \"require\" or \"any\"");
  }
  return {};
}

Result<void> check_client_cert(const Config& config) {
  if (config.server.client_cert_field == http::ClientCertField::ignored || !config.server.trusted_proxies.empty()) {
    return {};
  }
  return invalid(place_of(config, "server.client_cert_header") + ": is believed of " +
                 place_of(config, "server.trusted_proxies") + " alone, and there are none");
}

Result<void> check_audit(const Config& config) {
  using enum ops::AuditOutput;
  if (config.audit.output == file && config.audit.file.empty()) {
    return invalid(place_of(config, "audit.file") + ": is required for " + place_of(config, "audit.output") +
                   " \"file\"");
  }
  if (config.audit.output == none && !config.audit.file.empty()) {
    return invalid(place_of(config, "audit.output") + ": expected \"file\", because " + place_of(config, "audit.file") +
                   " is set");
  }
  return {};
}

Result<void> check_guard(const Config& config) {
  if (config.guard.base_delay <= config.guard.max_delay) return {};
  return invalid(place_of(config, "guard.max_delay") + ": expected at least " + place_of(config, "guard.base_delay") +
                 ", " + format_duration(config.guard.base_delay));
}

Result<void> check_settings(const Config& config) {
  if (config.issuer.url.empty()) return invalid("issuer: is required, or MINTMARK_ISSUER");
  if (config.storage.path.empty()) return invalid("storage.path: is required, or MINTMARK_STORAGE_PATH");
  if (Result<void> periods = keys::check_periods(config.keys.periods, name_periods(config)); !periods) return periods;
  if (Result<void> tls = check_tls(config); !tls) return tls;
  if (Result<void> client_cert = check_client_cert(config); !client_cert) return client_cert;
  if (Result<void> guard = check_guard(config); !guard) return guard;
  if (Result<void> audit = check_audit(config); !audit) return audit;
  return check_passwords(config);
}

Result<void> check_resources(const Config& config) {
  std::set<ResourceId> ids;
  for (std::size_t i = 0; i < config.resources.size(); ++i) {
    const oauth::Resource& resource = config.resources[i];
    if (!ids.insert(resource.id).second) return invalid(element("resources", i, "id") + "is declared twice");
    if (!jose::is_available(resource.alg)) {
      return invalid(element("resources", i, "alg") + std::string(jose::name(resource.alg)) +
                     " is not available in the OpenSSL of this machine");
    }
    if (resource.lifetime > config.keys.periods.longest_lifetime) {
      return invalid(element("resources", i, "lifetime") + "expected at most " +
                     place_of(config, "tokens.max_lifetime") + ", " +
                     format_duration(config.keys.periods.longest_lifetime));
    }
  }
  return {};
}

Result<void> check_clients(const Config& config) {
  std::set<ClientId> ids;
  for (std::size_t i = 0; i < config.clients.size(); ++i) {
    const oauth::Client& client = config.clients[i];
    if (!ids.insert(client.id).second) return invalid(element("clients", i, "client_id") + "is declared twice");
    if (std::ranges::any_of(client.auth_methods, oauth::uses_secret) && client.secrets.empty()) {
      return invalid(element("clients", i, "secrets") +
                     "a client without a secret needs auth_methods [\"none\"], jwks, jwks_uri or identities");
    }
    for (const oauth::WorkloadIdentity& identity : client.identities) {
      if (std::ranges::find(config.trusted_issuers, identity.issuer, &oauth::TrustedIssuer::issuer) ==
          config.trusted_issuers.end()) {
        return invalid(element("clients", i, "identities") + "names an issuer that is not in trusted_issuers");
      }
    }
  }
  return {};
}

Result<void> check_trusted_issuers(const Config& config) {
  std::set<std::string> issuers;
  for (std::size_t i = 0; i < config.trusted_issuers.size(); ++i) {
    const std::string& issuer = config.trusted_issuers[i].issuer;
    if (issuer == config.issuer.url) return invalid(element("trusted_issuers", i, "issuer") + "is this service itself");
    if (!issuers.insert(issuer).second) {
      return invalid(element("trusted_issuers", i, "issuer") + "is declared twice");
    }
    if (std::ranges::any_of(config.clients, [&](const auto& client) { return client.id.str() == issuer; })) {
      return invalid(element("trusted_issuers", i, "issuer") + "is a client_id too");
    }
  }
  return {};
}

Result<void> check_users(const Config& config) {
  std::set<UserId> ids;
  std::set<std::string> usernames;
  for (std::size_t i = 0; i < config.users.size(); ++i) {
    const accounts::User& user = config.users[i];
    if (!ids.insert(user.id).second) return invalid(element("users", i, "id") + "is declared twice");
    if (!usernames.insert(user.username).second) {
      return invalid(element("users", i, "username") + "is declared twice");
    }
    // RFC 9068 §5: one `sub` must not stand for a user here and for a client there.
    const auto same = [&](const oauth::Client& client) { return client.id.str() == user.id.str(); };
    if (std::ranges::any_of(config.clients, same)) return invalid(element("users", i, "id") + "is a client_id too");
  }
  return {};
}

Result<void> check_default_client(const Config& config) {
  if (!config.default_client) return {};
  const auto refuse = [&](const std::string& expected) {
    return invalid(place_of(config, "login.default_client") + ": expected " + expected);
  };
  const auto found = std::ranges::find(config.clients, *config.default_client, &oauth::Client::id);
  if (found == config.clients.end()) return refuse("the client_id of a declared client");
  if (!found->is_public()) return refuse("a client with auth_methods [\"none\"]");
  if (!found->may_use(oauth::GrantType::password)) return refuse("a client whose grant_types include \"password\"");
  return {};
}

}  // namespace

Result<void> check_config(const Config& config) {
  for (const auto check :
       {check_settings, check_resources, check_trusted_issuers, check_clients, check_users, check_default_client}) {
    if (Result<void> checked = check(config); !checked) return checked;
  }
  return {};
}

}  // namespace mintmark::app
