#include "settings.hpp"

#include <algorithm>
#include <initializer_list>

#include "byte_size.hpp"
#include "mintmark/base/duration.hpp"

namespace mintmark::app {
namespace {

using namespace std::chrono_literals;
using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kByteSizePattern = "^[0-9]+(B|KiB|MiB|GiB)$";
constexpr Duration kYear = 24h * 366;

// Each maker takes `field`, which answers a reference into the configuration that it is given.

template <class Field>
Setting make_text(std::string_view path, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"minLength", 1}},
          .expected = "a string that is not empty",
          .assign =
              [field](Config& config, const Json& value) {
                if (!value.is_string() || value.get_ref<const std::string&>().empty()) return false;
                field(config) = value.get<std::string>();
                return true;
              },
          .read =
              [field](const Config& config) {
                const std::string& text = field(config);
                return text.empty() ? Json() : Json(text);
              }};
}

template <class Field>
Setting make_integer(std::string_view path, std::int64_t least, std::int64_t most, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::number,
          .schema = {{"type", "integer"}, {"minimum", least}, {"maximum", most}},
          .expected = "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
          .assign =
              [=](Config& config, const Json& value) {
                // A number above the range of int64_t is kept as unsigned and would wrap.
                if (!value.is_number_integer()) return false;
                if (value.is_number_unsigned() && value.get<std::uint64_t>() > INT64_MAX) return false;
                const auto number = value.get<std::int64_t>();
                if (number < least || number > most) return false;
                auto& target = field(config);
                target = static_cast<std::remove_reference_t<decltype(target)>>(number);
                return true;
              },
          .read = [field](const Config& config) { return Json(field(config)); }};
}

template <class Field>
Setting make_duration(std::string_view path, Duration least, Duration most, Field field, std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"pattern", kDurationPattern}},
          .expected = "a duration from \"" + format_duration(least) + "\" to \"" + format_duration(most) +
                      "\" (units ms, s, m, h, d)",
          .assign =
              [=](Config& config, const Json& value) {
                if (!value.is_string()) return false;
                const Result<Duration> duration = parse_duration(value.get_ref<const std::string&>());
                if (!duration || *duration < least || *duration > most) return false;
                field(config) = *duration;
                return true;
              },
          .read =
              [field](const Config& config) {
                const std::optional<Duration> duration = field(config);
                return duration ? Json(format_duration(*duration)) : Json();
              }};
}

template <class Field>
Setting make_byte_size(std::string_view path, std::uint64_t least, std::uint64_t most, Field field,
                       std::string_view doc) {
  return {.path = path,
          .doc = doc,
          .form = ValueForm::text,
          .schema = {{"type", "string"}, {"pattern", kByteSizePattern}},
          .expected = "an amount of memory from \"" + format_byte_size(least) + "\" to \"" + format_byte_size(most) +
                      "\" (units B, KiB, MiB, GiB)",
          .assign =
              [=](Config& config, const Json& value) {
                if (!value.is_string()) return false;
                const std::optional<std::uint64_t> bytes = parse_byte_size(value.get_ref<const std::string&>());
                if (!bytes || *bytes < least || *bytes > most) return false;
                field(config) = *bytes;
                return true;
              },
          .read = [field](const Config& config) { return Json(format_byte_size(field(config))); }};
}

/// One of a few values, which `spell` writes.
template <class Value, class Spell, class Field>
Setting make_choice(std::string_view path, std::vector<Value> values, Spell spell, Field field, std::string_view doc) {
  Setting setting{
      .path = path, .doc = doc, .form = ValueForm::text, .schema = {}, .expected = "one of", .assign = {}, .read = {}};
  OrderedJson spellings = OrderedJson::array();
  for (const Value& value : values) {
    const Json spelling(spell(value));
    if (spelling.is_number()) setting.form = ValueForm::number;
    setting.expected += (spellings.empty() ? " " : ", ") + spelling.dump();
    spellings.emplace_back(spelling);
  }
  setting.schema["enum"] = spellings;
  setting.assign = [=](Config& config, const Json& given) {
    const auto found = std::ranges::find_if(values, [&](const Value& value) { return Json(spell(value)) == given; });
    if (found == values.end()) return false;
    field(config) = *found;
    return true;
  };
  setting.read = [=](const Config& config) { return Json(spell(field(config))); };
  return setting;
}

template <class Field>
Setting make_path(std::string_view path, Field field, std::string_view doc) {
  Setting setting = make_text(path, field, doc);
  setting.read = [field](const Config& config) {
    return field(config).empty() ? Json() : Json(field(config).string());
  };
  return setting;
}

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

void append_server(std::vector<Setting>& table) {
  table.push_back(make_text(
      "server.address", [](auto& c) -> auto& { return c.server.address; },
      "IPv4 or IPv6 address to listen on. \"::\" listens on all of both."));
  table.push_back(make_integer(
      "server.port", 0, 65535, [](auto& c) -> auto& { return c.server.port; }, "TCP port; 0 takes any free one."));
  table.push_back(make_integer(
      "server.threads", 0, 1024, [](auto& c) -> auto& { return c.server.threads; },
      "Network threads; 0 is one for each CPU."));
  table.push_back(make_duration(
      "server.request_deadline", 100ms, 10min, [](auto& c) -> auto& { return c.server.request_deadline; },
      "From the first byte of a request to its last; afterwards 408. Also how long a request may wait "
      "for a thread; afterwards 503."));
  table.push_back(make_duration(
      "server.write_deadline", 100ms, 10min, [](auto& c) -> auto& { return c.server.write_deadline; },
      "For a client to take an answer; afterwards the connection is cut."));
  table.push_back(make_duration(
      "server.idle_timeout", 100ms, 1h, [](auto& c) -> auto& { return c.server.idle_timeout; },
      "How long a connection may be silent between requests."));
  table.push_back(make_byte_size(
      "server.max_header_size", 1024, 1 << 20U, [](auto& c) -> auto& { return c.server.max_header_bytes; },
      "Request line and header fields together; beyond it 431."));
  table.push_back(make_byte_size(
      "server.max_body_size", 1024, 1 << 20U, [](auto& c) -> auto& { return c.server.max_body_bytes; },
      "Body of a request; beyond it 413."));
  table.push_back(make_integer(
      "server.max_connections", 1, 1'000'000, [](auto& c) -> auto& { return c.server.max_connections; },
      "Connections at once; further ones are told 503. Each needs a file descriptor: the service raises "
      "its limit to the hard one, and allows fewer connections, with a warning, where that is too low."));
  table.push_back(make_integer(
      "server.max_requests_per_connection", 1, 1'000'000'000,
      [](auto& c) -> auto& { return c.server.max_requests_per_connection; },
      "Afterwards the connection is closed, so that clients spread again."));
  table.push_back(make_duration(
      "server.drain_time", 0ms, 1h, [](auto& c) -> auto& { return c.server.drain_time; },
      "What requests in flight are given after SIGTERM. Keep it below the grace of whoever "
      "sends SIGTERM."));
  table.push_back(make_duration(
      "server.cors_max_age", 0ms, 24h, [](auto& c) -> auto& { return c.server.cors_max_age; },
      "How long a browser may remember a preflight answer."));
}

void append_storage(std::vector<Setting>& table) {
  table.push_back(make_path(
      "storage.path", [](auto& c) -> auto& { return c.storage.path; },
      "Required. The SQLite database; its folder must exist. In the file, relative to the file's "
      "folder; in the environment, to the working directory."));
  table.push_back(make_integer(
      "storage.threads", 1, 256, [](auto& c) -> auto& { return c.storage.threads; },
      "Threads that wait for the database."));
  table.push_back(make_integer(
      "storage.queue", 1, 1'000'000, [](auto& c) -> auto& { return c.storage.queue; },
      "Requests that may wait for such a thread; further ones are told 503."));
  table.push_back(make_path(
      "sealing_key_file", [](auto& c) -> auto& { return c.sealing_key.file; },
      "File with the key under which private keys are stored: base64 of 32 bytes, as `openssl rand "
      "-base64 32` prints it. The key itself can be given as MINTMARK_SEALING_KEY, never in this "
      "file."));
}

void append_keys(std::vector<Setting>& table) {
  table.push_back(make_duration(
      "keys.rotate_every", 1s, kYear * 10, [](auto& c) -> auto& { return c.keys.periods.rotate_every; },
      "How long a signing key signs before its successor takes over."));
  table.push_back(make_duration(
      "keys.publish_ahead", 1s, kYear, [](auto& c) -> auto& { return c.keys.periods.publish_ahead; },
      "How long a key is in the JWKS before it signs: at least jwks_max_age, clock_skew and 2s together."));
  table.push_back(make_duration(
      "keys.jwks_max_age", 1s, 24h, [](auto& c) -> auto& { return c.keys.periods.jwks_max_age; },
      "How long a verifier may cache the JWKS."));
  table.push_back(make_duration(
      "keys.clock_skew", 1ms, 1h, [](auto& c) -> auto& { return c.keys.periods.clock_skew; },
      "How far the clocks of verifiers may be from ours."));
  table.push_back(make_duration(
      "keys.retain", 1s, kYear * 10, [](auto& c) -> auto& { return c.keys.periods.retain; },
      "How long a key stays in the JWKS after its last signature. Default, and least: "
      "tokens.max_lifetime and clock_skew."));
  table.push_back(make_choice(
      "keys.rsa_bits", std::vector<std::size_t>{2048, 3072, 4096}, [](std::size_t bits) { return bits; },
      [](auto& c) -> auto& { return c.keys.rsa_bits; }, "Size of new RSA keys."));
  table.push_back(make_duration(
      "tokens.max_lifetime", 1s, kYear, [](auto& c) -> auto& { return c.keys.periods.longest_lifetime; },
      "The longest lifetime that a resource may give its tokens. Keys are kept for so long "
      "after their last signature."));
}

void append_passwords(std::vector<Setting>& table) {
  table.push_back(make_integer(
      "passwords.memory_kib", 8, 256 * 1024, [](auto& c) -> auto& { return c.passwords.argon2.memory_kib; },
      "Argon2id memory of new hashes, in KiB."));
  table.push_back(make_integer(
      "passwords.iterations", 1, 16, [](auto& c) -> auto& { return c.passwords.argon2.iterations; },
      "Argon2id passes of new hashes."));
  table.push_back(make_integer(
      "passwords.parallelism", 1, 16, [](auto& c) -> auto& { return c.passwords.argon2.parallelism; },
      "Argon2id lanes of new hashes."));
  table.push_back(make_byte_size(
      "passwords.memory_budget", 8 * 1024, std::uint64_t{1} << 40U,
      [](auto& c) -> auto& { return c.passwords.memory_budget_bytes; },
      "Memory of all password hashes that are computed at once."));
  table.push_back(make_integer(
      "passwords.queue", 1, 1'000'000, [](auto& c) -> auto& { return c.passwords.queue; },
      "Logins that may wait for such memory; further ones are told 503."));
}

Setting make_allow_private_addresses() {
  return {.path = "fetch.allow_private_addresses",
          .doc =
              "Whether key sets of resources (encryption.jwks_uri) may be fetched from addresses that are not public. "
              "Otherwise no jwks_uri leads into the network of the mint.",
          .form = ValueForm::flag,
          .schema = {{"type", "boolean"}},
          .expected = "true or false",
          .assign =
              [](Config& config, const Json& value) {
                if (!value.is_boolean()) return false;
                using enum http::AllowedAddresses;
                config.fetch.addresses = value.get<bool>() ? any : public_only;
                return true;
              },
          .read = [](const Config& config) { return Json(config.fetch.addresses == http::AllowedAddresses::any); }};
}

void append_log(std::vector<Setting>& table) {
  using enum ops::LogLevel;
  table.push_back(make_choice(
      "log.format", std::vector{ops::LogFormat::text, ops::LogFormat::json},
      [](ops::LogFormat format) { return ops::name(format); }, [](auto& c) -> auto& { return c.log.format; },
      "Form of the lines on stderr."));
  table.push_back(make_choice(
      "log.level", std::vector{debug, info, warning, error}, [](ops::LogLevel level) { return ops::name(level); },
      [](auto& c) -> auto& { return c.log.level; }, "The least severity that is written."));
}

std::vector<Setting> make_table() {
  std::vector<Setting> table;
  table.push_back(make_issuer());
  append_server(table);
  append_storage(table);
  append_keys(table);
  append_passwords(table);
  table.push_back(make_allow_private_addresses());
  table.push_back(make_default_client());
  append_log(table);
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
