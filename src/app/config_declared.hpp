#pragma once
// The clients, resources and users that the configuration file declares. Thread safety: pure functions.

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// The files that a configuration names.
struct NamedFiles {
  std::filesystem::path folder;  ///< that relative paths are relative to
  ReadSecret read;
};

/// Replaces `secret_file` of every client secret in `document` by the secret's SHA-256, `password_hash_file` of every
/// user by the hash, and `encryption.jwk_file` of every resource by the public key. Errors: invalid,
/// not_found, unavailable, with the path of the key. Members of a wrong type are left for the reader to refuse.
Result<void> resolve_files(Json& document, const NamedFiles& files);

/// Reads the members `clients`, `resources` and `users` of the document; problems are recorded in `root`.
void read_declared(JsonReader& root, const NamedFiles& files, Config& config);

}  // namespace mintmark::app
