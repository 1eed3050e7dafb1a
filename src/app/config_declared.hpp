#pragma once
// The clients, resources and users that the configuration file declares. Thread safety: pure functions.

#include <map>
#include <memory>

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// The files that a configuration names.
struct NamedFiles {
  std::filesystem::path folder;  ///< that relative paths are relative to
  ReadSecret read;
};

/// Secrets of clients that the document gave, by what stands for them in it.
using GivenSecrets = std::map<std::string, std::shared_ptr<const Secret>, std::less<>>;

/// Replaces `secret_file` of every client secret in `document` by the secret's SHA-256, `password_hash_file` of every
/// user by the hash, `jwks_file` of every client and trusted issuer by the key set, and `encryption.jwk_file` of every
/// resource by the public key. Gives the secrets. Errors: invalid, not_found, unavailable, with the path of the key.
/// Members of a wrong type are left for the reader to refuse.
Result<GivenSecrets> resolve_files(Json& document, const NamedFiles& files);

/// Reads the members `clients`, `resources`, `trusted_issuers` and `users` of the document; problems are recorded in
/// `root`. Clients that need the text of their secrets (client_secret_jwt) get it from `secrets`.
void read_declared(JsonReader& root, const NamedFiles& files, const GivenSecrets& secrets, Config& config);

}  // namespace mintmark::app
