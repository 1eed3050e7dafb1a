#include "settings.hpp"

#include "setting_groups.hpp"
#include "setting_makers.hpp"

namespace mintmark::app {
namespace {

Setting make_issuer() {
  Setting setting = make_text(
      "issuer", [](auto& config) -> auto& { return config.issuer.url; },
      "Required. The identity of the mint, and the base of its endpoints as clients reach them: "
      "an https URL without query, fragment and final slash (RFC 8414 §2); http for loopback "
      "hosts alone. It is `iss` in every token and never taken from a request.");
  setting.schema["format"] = "uri";
  setting.expected = "an https URL without query, fragment and final slash (http for loopback hosts alone)";
  setting.assign = [](Config& config, const Json& value) {
    if (!value.is_string()) return false;
    Result<oauth::Issuer> issuer = oauth::parse_issuer(value.get_ref<const std::string&>());
    if (!issuer) return false;
    config.issuer = *std::move(issuer);
    return true;
  };
  return setting;
}

Setting make_default_client() {
  return {
      .path = "login.default_client",
      .doc = "The public client that a JSON request with a username and a password alone is taken to be from.",
      .form = ValueForm::text,
      .schema = {{"type", "string"}, {"minLength", 1}},
      .expected = "the client_id of a declared client",
      .assign =
          [](Config& config, const Json& value) {
            if (!value.is_string() || value.get_ref<const std::string&>().empty()) return false;
            config.default_client = ClientId(value.get<std::string>());
            return true;
          },
      .read = [](const Config& config) { return config.default_client ? Json(config.default_client->str()) : Json(); }};
}

Setting make_allow_private_addresses() {
  using enum http::AllowedAddresses;
  return make_flag(
      "fetch.allow_private_addresses", [](const Config& config) { return config.fetch.addresses == any; },
      [](Config& config, bool allowed) { config.fetch.addresses = allowed ? any : public_only; },
      "Whether key sets (jwks_uri) may be fetched from addresses that are not public. "
      "Otherwise no jwks_uri leads into the network of the mint.");
}

Setting make_endpoint_audience() {
  using enum oauth::AssertionAudience;
  return make_flag(
      "assertions.accept_token_endpoint",
      [](const Config& config) { return config.assertion_audience == issuer_or_endpoint; },
      [](Config& config, bool accepted) { config.assertion_audience = accepted ? issuer_or_endpoint : issuer; },
      "Whether assertions of clients may name the URL of the token endpoint as their audience, as older libraries do. "
      "Otherwise they must name the issuer (RFC 7523 §3).");
}

Setting make_dpop_nonce() {
  return make_flag(
      "dpop.require_nonce", [](const Config& config) { return config.dpop_requires_nonce; },
      [](Config& config, bool required) { config.dpop_requires_nonce = required; },
      "Whether DPoP proofs need a nonce of ours (RFC 9449 §8). It costs each client one more request every few "
      "minutes, and makes proofs that somebody had made ahead worthless.");
}

void append_log(std::vector<Setting>& table) {
  using enum ops::LogLevel;
  table.push_back(make_choice(
      "log.format", std::vector{ops::LogFormat::text, ops::LogFormat::json},
      [](ops::LogFormat format) { return ops::name(format); }, [](auto& c) -> auto& { return c.log.format; },
      "Form of the lines of the log."));
  table.push_back(make_choice(
      "log.level", std::vector{debug, info, warning, error}, [](ops::LogLevel level) { return ops::name(level); },
      [](auto& c) -> auto& { return c.log.level; }, "The least severity that is written."));
  table.push_back(make_path(
      "log.file", [](auto& c) -> auto& { return c.log.file; },
      "The file that the log goes to; else it goes to stderr. SIGUSR1 opens it anew, so that it can be moved away."));
}

std::vector<Setting> make_table() {
  std::vector<Setting> table;
  table.push_back(make_issuer());
  append_server(table);
  append_tls(table);
  append_private(table);
  append_storage(table);
  append_keys(table);
  append_passwords(table);
  append_guard(table);
  append_limits(table);
  table.push_back(make_allow_private_addresses());
  table.push_back(make_endpoint_audience());
  table.push_back(make_dpop_nonce());
  table.push_back(make_default_client());
  append_log(table);
  append_reload(table);
  append_audit(table);
  return table;
}

}  // namespace

const std::vector<Setting>& all_settings() {
  static const std::vector<Setting> table = make_table();
  return table;
}

std::string environment_name(const Setting& setting) {
  std::string name("MINTMARK_");
  for (const char c : setting.path) {
    name += c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string place_of(const Config& config, std::string_view path) {
  const auto variable = config.variables.find(path);
  return variable == config.variables.end() ? std::string(path) : variable->second;
}

std::string full_place_of(const Config& config, std::string_view path) {
  return config.variables.contains(path) ? place_of(config, path) : config.file.string() + ": " + std::string(path);
}

}  // namespace mintmark::app
