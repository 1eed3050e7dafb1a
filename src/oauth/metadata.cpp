#include "mintmark/oauth/metadata.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "mintmark/base/json_writer.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::oauth {
namespace {

bool is_loopback(std::string_view authority) {
  static constexpr std::array<std::string_view, 3> kHosts{"localhost", "127.0.0.1", "[::1]"};
  return std::ranges::any_of(kHosts, [&](std::string_view host) {
    return authority == host || (authority.starts_with(host) && authority.substr(host.size()).starts_with(':'));
  });
}

template <class Values>
void write_array(JsonWriter& json, std::string_view name, const Values& values) {
  json.key(name).begin_array();
  for (const auto& value : values)
    json.value(std::string_view(value));
  json.end_array();
}

enum class Macs { no, yes };

/// What clients can sign with.
std::vector<std::string_view> available_algs(Macs macs) {
  std::vector<std::string_view> names;
  for (const jose::Alg alg : jose::all_algs()) {
    if (jose::is_available(alg) && (macs == Macs::yes || !jose::is_symmetric(alg))) names.push_back(jose::name(alg));
  }
  return names;
}

enum class Proof { optional, required };

std::vector<std::string_view> auth_methods(Proof proof, MutualTls mutual_tls) {
  std::vector<std::string_view> names;
  for (const ClientAuthMethod method : all_client_auth_methods()) {
    if (proof == Proof::required && method == ClientAuthMethod::none) continue;
    if (mutual_tls == MutualTls::yes || !uses_certificate(method)) names.push_back(name(method));
  }
  return names;
}

/// Shared secrets are not published, so a mint of nothing else has no key set.
bool has_public_keys(const Directory::ResourceMap& resources) {
  return std::ranges::any_of(resources, [](const auto& entry) { return !jose::is_symmetric(entry.second->alg); });
}

/// What the answers to resources can be signed with (RFC 9701 §7).
std::set<std::string_view> public_algs(const Directory::ResourceMap& resources) {
  std::set<std::string_view> algs;
  for (const auto& [id, resource] : resources) {
    if (!resource->disabled && !jose::is_symmetric(resource->alg)) algs.insert(jose::name(resource->alg));
  }
  return algs;
}

}  // namespace

Result<Issuer> parse_issuer(std::string_view url) {
  const bool https = url.starts_with("https://");
  const std::size_t begin = https ? 8 : 7;
  if (!is_absolute_uri(url) || (!https && !url.starts_with("http://"))) return invalid("expected an https URL");
  const std::size_t slash = std::min(url.find('/', begin), url.size());
  const std::string_view authority = url.substr(begin, slash - begin);
  const std::string_view path = url.substr(slash);
  if (authority.empty() || authority.find('@') != std::string_view::npos)
    return invalid("expected an https URL with a host");
  if (!https && !is_loopback(authority)) return invalid("http is for loopback hosts alone: use https");
  if (url.find('?') != std::string_view::npos) return invalid("must not have a query (RFC 8414 §2)");
  if (path.ends_with('/')) return invalid("must not end with a slash: verifiers compare it to the letter");
  if (path.find("//") != std::string_view::npos || path.find("/.") != std::string_view::npos) {
    return invalid("must not have empty or dotted path segments");
  }
  return Issuer{std::string(url), std::string(path)};
}

std::string render_metadata(const Issuer& issuer, const std::vector<GrantType>& grant_types,
                            const Directory::ResourceMap& resources, MutualTls mutual_tls) {
  std::set<std::string> scopes;
  for (const auto& [id, resource] : resources) {
    if (!resource->disabled) scopes.insert(resource->scopes.begin(), resource->scopes.end());
  }
  std::vector<std::string_view> grants;
  for (const GrantType grant : grant_types)
    grants.push_back(name(grant));
  const std::vector<std::string_view> algs = available_algs(Macs::yes);

  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.member("issuer", issuer.url);
  json.member("token_endpoint", issuer.token_endpoint());
  if (has_public_keys(resources)) json.member("jwks_uri", issuer.jwks_uri());
  if (!scopes.empty()) write_array(json, "scopes_supported", scopes);
  // RFC 8414 §2 requires it; there is no authorization endpoint that could return a response type.
  write_array(json, "response_types_supported", std::array<std::string_view, 0>{});
  write_array(json, "grant_types_supported", grants);
  write_array(json, "token_endpoint_auth_methods_supported", auth_methods(Proof::optional, mutual_tls));
  write_array(json, "token_endpoint_auth_signing_alg_values_supported", algs);
  json.member("revocation_endpoint", issuer.revocation_endpoint());  // RFC 8414 §2
  write_array(json, "revocation_endpoint_auth_methods_supported", auth_methods(Proof::optional, mutual_tls));
  write_array(json, "revocation_endpoint_auth_signing_alg_values_supported", algs);
  json.member("introspection_endpoint", issuer.introspection_endpoint());
  write_array(json, "introspection_endpoint_auth_methods_supported", auth_methods(Proof::required, mutual_tls));
  write_array(json, "introspection_endpoint_auth_signing_alg_values_supported", algs);
  const std::set<std::string_view> introspection_algs = public_algs(resources);
  if (!introspection_algs.empty()) write_array(json, "introspection_signing_alg_values_supported", introspection_algs);
  write_array(json, "dpop_signing_alg_values_supported", available_algs(Macs::no));                   // RFC 9449 §5.1
  if (mutual_tls == MutualTls::yes) json.member("tls_client_certificate_bound_access_tokens", true);  // RFC 8705 §3.3
  json.end_object();
  return text;
}

}  // namespace mintmark::oauth
