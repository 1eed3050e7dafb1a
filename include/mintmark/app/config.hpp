#pragma once
// The configuration: one JSON file with comments, overridden by MINTMARK_… environment variables. Loading checks
// everything that can be checked without opening the store, so a Config in hand is one that can be started.
// Thread safety: values and pure functions. Errors: invalid, as "FILE: path.of.key: what was expected" or
// "MINTMARK_NAME: what was expected"; not_found and unavailable where a file cannot be read.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/accounts/attempt_guard.hpp"
#include "mintmark/accounts/user.hpp"
#include "mintmark/app/environment.hpp"
#include "mintmark/base/file.hpp"
#include "mintmark/crypto/password_hash.hpp"
#include "mintmark/http/fetch.hpp"
#include "mintmark/http/server.hpp"
#include "mintmark/keys/key_periods.hpp"
#include "mintmark/oauth/client_assertion.hpp"
#include "mintmark/oauth/gatekeeper.hpp"
#include "mintmark/oauth/metadata.hpp"
#include "mintmark/oauth/resource.hpp"
#include "mintmark/ops/audit_stream.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::app {

struct StorageConfig {
  std::filesystem::path path;  ///< of the SQLite database; absolute once loaded
  std::size_t threads = 4;     ///< that wait for the store
  std::size_t queue = 256;     ///< requests that wait for such a thread before 503 is answered
};

/// Where the key-encryption key comes from. It is read when the keys are, so commands that need no keys need no key.
struct SealingKeyConfig {
  std::filesystem::path file;   ///< absolute once loaded; empty where there is none
  std::optional<Secret> value;  ///< MINTMARK_SEALING_KEY: base64 of 32 bytes, several of them in lines
  bool was_given = false;       ///< by that variable, which a service forgets when it has read it
};

struct KeyConfig {
  keys::KeyPeriods periods;  ///< longest_lifetime is `tokens.max_lifetime`
  std::size_t rsa_bits = 2048;
};

struct PasswordConfig {
  crypto::Argon2Parameters argon2;
  std::uint64_t memory_budget_bytes = 256ULL * 1024 * 1024;  ///< of all hashes that run at once
  std::size_t queue = 64;                                    ///< logins that wait for memory before 503 is answered
};

struct FetchConfig {
  http::AllowedAddresses addresses = http::AllowedAddresses::public_only;  ///< of the key sets of resources
};

struct ReloadConfig {
  bool watch = true;  ///< whether a changed file is taken over by itself
};

/// Files, by their path, as they were just before they were read.
using FileStamps = std::map<std::filesystem::path, FileStamp>;

struct Config {
  std::filesystem::path file;  ///< that it was read from
  FileStamps files;            ///< all that were read for it, and the one with the sealing key
  /// By the path of each setting that the environment gave: the variable.
  std::map<std::string, std::string, std::less<>> variables;
  oauth::Issuer issuer;
  http::ServerOptions server;
  StorageConfig storage;
  SealingKeyConfig sealing_key;
  KeyConfig keys;
  PasswordConfig passwords;
  accounts::GuardLimits guard;
  oauth::RequestLimits limits;
  FetchConfig fetch;
  ReloadConfig reload;
  oauth::DefaultLoginClient default_client;
  oauth::AssertionAudience assertion_audience = oauth::AssertionAudience::issuer;
  bool dpop_requires_nonce = false;
  ops::LogOptions log;
  ops::AuditOptions audit;
  std::vector<oauth::Client> clients;
  std::vector<oauth::Resource> resources;
  std::map<ResourceId, Secret> resource_secrets;  ///< of declared HS* resources that bring their own
  std::vector<accounts::User> users;
  std::vector<oauth::TrustedIssuer> trusted_issuers;
};

/// Reads, overrides, checks. Relative paths inside the file are relative to its folder, those in the environment to the
/// working directory.
Result<Config> load_config(const std::filesystem::path& file, const Environment& environment);

/// Likewise, once more, for a service that runs. `read` becomes all files that were read for it, or were to be, also
/// where this fails. Errors: those above; unavailable for what is no regular file, which could keep us waiting.
Result<Config> load_config_again(const std::filesystem::path& file, const Environment& environment, FileStamps& read);

/// How the content of a file that the configuration names is had: read_secret_file(), or what stands for it in a test.
using ReadSecret = std::function<Result<Secret>(const std::filesystem::path& file)>;

/// load_config() of `text`, as if it stood in `file`.
Result<Config> parse_config(std::string_view text, const std::filesystem::path& file, const Environment& environment,
                            const ReadSecret& read_secret);

/// The rules between settings, which load_config() applies last. Errors: invalid, with the path of the key, or with the
/// variable that gave it.
Result<void> check_config(const Config& config);

/// The effective configuration as a JSON document that load_config() reads. Left out, and to be given again, is what
/// lets somebody in: password hashes, shared secrets of resources, the sealing key. The hash of a client's secret is
/// there: from a long random secret it leads nowhere.
std::string render_config(const Config& config);

/// The JSON Schema (draft 2020-12) of the file: config/mintmark.schema.json.
std::string render_config_schema();

}  // namespace mintmark::app
