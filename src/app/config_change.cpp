#include "config_change.hpp"

#include <algorithm>
#include <array>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/digest.hpp"
#include "settings.hpp"

namespace mintmark::app {
namespace {

constexpr auto kLiveSettings = std::to_array<std::string_view>({
    "server.request_deadline",
    "server.write_deadline",
    "server.idle_timeout",
    "server.max_header_size",
    "server.max_body_size",
    "server.max_connections",
    "server.max_connections_per_source",
    "server.trusted_proxies",
    "server.forwarded_header",
    "server.client_cert_header",
    "server.max_requests_per_connection",
    "server.drain_delay",
    "server.drain_time",
    "server.cors_max_age",
    "server.tls.certificate_file",
    "server.tls.key_file",
    "server.tls.client_certificates",
    "server.tls.client_ca_file",
    "private.max_connections",
    "sealing_key_file",
    "keys.rotate_every",
    "keys.publish_ahead",
    "keys.jwks_max_age",
    "keys.clock_skew",
    "keys.retain",
    "keys.rsa_bits",
    "tokens.max_lifetime",
    "guard.account_failures",
    "guard.source_failures",
    "guard.base_delay",
    "guard.max_delay",
    "guard.window",
    "limits.requests_per_source",
    "limits.burst_per_source",
    "limits.requests_per_client",
    "limits.burst_per_client",
    "fetch.allow_private_addresses",
    "assertions.accept_token_endpoint",
    "dpop.require_nonce",
    "login.default_client",
    "log.format",
    "log.level",
    "reload.watch",
});

template <class Value, class Render>
bool are_same(const std::vector<Value>& a, const std::vector<Value>& b, Render render) {
  return std::ranges::equal(a, b, [&](const Value& x, const Value& y) { return render(x) == render(y); });
}

bool are_same_secrets(const Config& a, const Config& b) {
  return std::ranges::equal(a.resource_secrets, b.resource_secrets, [](const auto& x, const auto& y) {
    return x.first == y.first && crypto::constant_time_equal(x.second.reveal(), y.second.reveal());
  });
}

std::vector<std::string> find_changed_settings(const Config& running, const Config& next) {
  std::vector<std::string> paths;
  for (const Setting& setting : all_settings()) {
    if (setting.read(running) != setting.read(next)) paths.emplace_back(setting.path);
  }
  return paths;
}

}  // namespace

bool is_live_setting(std::string_view path) {
  return contains(kLiveSettings, path);
}

std::vector<std::string> find_changes(const Config& running, const Config& next) {
  std::vector<std::string> changes = find_changed_settings(running, next);
  if (!are_same(running.resources, next.resources, oauth::render_resource) || !are_same_secrets(running, next)) {
    changes.emplace_back("resources");
  }
  if (!are_same(running.clients, next.clients, oauth::render_client)) changes.emplace_back("clients");
  if (running.trusted_issuers != next.trusted_issuers) changes.emplace_back("trusted_issuers");
  if (running.users != next.users) changes.emplace_back("users");
  return changes;
}

Result<void> check_needs_no_restart(const Config& running, const Config& next) {
  std::vector<std::string> places;
  for (const std::string& path : find_changed_settings(running, next)) {
    if (!is_live_setting(path)) places.push_back(place_of(next, path));
  }
  if (places.empty()) return {};
  return invalid(next.file.string() + ": " + join(places, ", ") +
                 (places.size() == 1 ? ": differs from what the service runs with, and takes a restart to change"
                                     : ": differ from what the service runs with, and take a restart to change"));
}

}  // namespace mintmark::app
