#pragma once
// What the commands of clients and of their secrets share. Thread safety: none.

#include "cli/admin_context.hpp"

namespace mintmark::app::cli {

/// A new client secret: 256 random bits, so what is stored of it can be a plain hash.
struct GeneratedSecret {
  oauth::ClientSecret stored;
  Secret text;  ///< "mms_" and base64url; to be printed once
};
/// For client_secret_jwt it is derived from the refresh key of `keys`, which is null for other methods.
GeneratedSecret generate_client_secret(const ClientId& client, const keys::KeyManager* keys, Instant now);

/// The store, and beside it the keys where secrets of such a client are derived from one. Errors: as open_admin() and
/// open_keys().
Result<KeyContext> open_for_secret(const Session& session, bool derives, IfAbsent if_absent);
/// On standard output, with the ids; that it is for this once, on standard error.
void print_generated(const Session& session, const std::string& client, const GeneratedSecret& secret, bool json);

/// Whether the client is as one from a configuration file would have to be. Errors: invalid, with the member.
Result<void> check_client(const oauth::Client& client);

/// Errors: not_found; conflict, for a declared client; those of `change`, of check_client() and of the store.
template <class Change>
Result<void> change_client(const AdminContext& admin, const std::string& id, const Change& change) {
  const auto find = [&]() -> Result<oauth::Client> {
    if (admin.directory->is_declared(ClientId(id))) return refuse_declared(admin.config, "client", id);
    Result<std::optional<oauth::Client>> found = admin.storage->clients().find_client(ClientId(id));
    if (!found) return found.error();
    if (!*found) return no_such("client", id);
    return **std::move(found);
  };
  const auto change_and_check = [&](oauth::Client& client) -> Result<void> {
    if (Result<void> changed = change(client); !changed) return changed;
    return check_client(client);
  };
  return change_stored(find, change_and_check,
                       [&](const oauth::Client& client) { return admin.storage->clients().update_client(client); });
}

void add_client_secret_commands(CLI::App& client_group, Session& session);

}  // namespace mintmark::app::cli
