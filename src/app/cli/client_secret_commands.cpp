// client secret: several at once, so that a new one can be handed out before the old one goes.

#include <algorithm>
#include <ostream>

#include "cli/client_admin.hpp"
#include "cli/output.hpp"
#include "mintmark/base/duration.hpp"

namespace mintmark::app::cli {
namespace {

struct ClientSecretOptions {
  std::string client;
  std::string expires;
  bool json = false;
};

/// Whether its secrets must be such as can be made again. A client that is not there is for the change to miss.
Result<bool> derives_secrets(const Session& session, const std::string& id) {
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  const Result<std::shared_ptr<const oauth::Client>> client = admin->directory->find_client(ClientId(id));
  if (!client) return client.error();
  return *client != nullptr && (*client)->may_use(oauth::ClientAuthMethod::client_secret_jwt);
}

Result<void> add_secret(const Session& session, const ClientSecretOptions& options) {
  const Result<bool> derives = derives_secrets(session, options.client);
  if (!derives) return derives.error();
  const Result<KeyContext> keys = open_for_secret(session, *derives, IfAbsent::refuse);
  if (!keys) return keys.error();
  const AdminContext* const admin = &keys->admin;
  GeneratedSecret generated =
      generate_client_secret(ClientId(options.client), keys->manager.get(), session.clock.now());
  if (!options.expires.empty()) {
    const Result<Duration> lifetime = parse_duration(options.expires);
    if (!lifetime) return invalid("--expires: expected a duration such as \"30d\"");
    generated.stored.expires_at = generated.stored.created_at + *lifetime;
  }
  const auto change = [&](oauth::Client& client) -> Result<void> {
    if (std::ranges::none_of(client.auth_methods, oauth::uses_secret)) {
      return invalid("client \"" + options.client + "\" has no authentication method that uses a secret");
    }
    client.secrets.push_back(generated.stored);
    return {};
  };
  if (Result<void> changed = change_client(*admin, options.client, change); !changed) return changed;
  print_generated(session, options.client, generated, options.json);
  return admin->audit->changed("client.secret.create", options.client,
                               {{"secret_id", generated.stored.id}, {"expires", cell(generated.stored.expires_at)}});
}

/// None where it was not used, or long ago.
std::optional<Instant> find_use(const std::vector<oauth::SecretUse>& uses, const std::string& secret_id) {
  const auto found = std::ranges::find(uses, secret_id, &oauth::SecretUse::secret_id);
  return found == uses.end() ? std::nullopt : std::optional(found->at);
}

Result<void> list_secrets(const Session& session, const std::string& id, bool json) {
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  const Result<std::shared_ptr<const oauth::Client>> client = admin->directory->find_client(ClientId(id));
  if (!client) return client.error();
  if (*client == nullptr) return no_such("client", id);
  const Result<std::vector<oauth::SecretUse>> uses = admin->storage->secret_uses().find_uses(ClientId(id));
  if (!uses) return uses.error();
  const Instant now = session.clock.now();
  Json items = Json::array();
  Table table({"SECRET_ID", "STATE", "CREATED", "EXPIRES", "LAST_USED"});
  for (const oauth::ClientSecret& secret : (*client)->secrets) {
    const std::optional<Instant> used_at = find_use(*uses, secret.id);
    const std::string state = secret.expires_at && *secret.expires_at <= now ? "expired" : "good";
    items.push_back({{"id", secret.id},
                     {"state", state},
                     {"created_at", format_instant(secret.created_at)},
                     {"expires_at", json_instant(secret.expires_at)},
                     {"last_used_at", json_instant(used_at)}});
    table.add({secret.id, state, format_instant(secret.created_at), cell(secret.expires_at), cell(used_at)});
  }
  print_listing(session.io.out, json, items, table);
  return {};
}

Result<void> revoke_secret(const Session& session, const std::string& id, const std::string& secret_id) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  const auto change = [&](oauth::Client& client) -> Result<void> {
    const auto same = [&](const oauth::ClientSecret& secret) { return secret.id == secret_id; };
    if (std::erase_if(client.secrets, same) == 0) return no_such("secret", secret_id);
    return {};
  };
  if (Result<void> changed = change_client(*admin, id, change); !changed) return changed;
  return admin->audit->changed("client.secret.revoke", id, {{"secret_id", secret_id}});
}

}  // namespace

void add_client_secret_commands(CLI::App& client_group, Session& session) {
  CLI::App& group = add_group(client_group, "secret", "The secrets of a client");
  const auto options = std::make_shared<ClientSecretOptions>();
  CLI::App& add = add_service_command(group, session, "add", "Generate one more secret, and print it this once",
                                      [&session, options] { return add_secret(session, *options); });
  add.add_option("CLIENT_ID", options->client)->required();
  add_value(add, "--expires", options->expires, "When it stops being good, from now: 30d; else never")
      .type_name("DURATION");
  add.add_flag("--json", options->json, "As JSON");
  add.footer(
      "Example, a change of secrets without a gap:\n"
      "  mintmark client secret add shop --expires 90d\n"
      "  mintmark client secret revoke shop 5f1c09aa");

  const auto listed = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  CLI::App& list = add_service_command(group, session, "list", "Their ids and times; never the secrets",
                                       [&session, listed, json] { return list_secrets(session, *listed, *json); });
  list.add_option("CLIENT_ID", *listed)->required();
  add_json_flag(list, *json);

  const auto owner = std::make_shared<std::string>();
  const auto secret_id = std::make_shared<std::string>();
  CLI::App& revoke =
      add_service_command(group, session, "revoke", "Make a secret good for nothing",
                          [&session, owner, secret_id] { return revoke_secret(session, *owner, *secret_id); });
  revoke.add_option("CLIENT_ID", *owner)->required();
  revoke.add_option("SECRET_ID", *secret_id, "See client secret list")->required();
}

}  // namespace mintmark::app::cli
