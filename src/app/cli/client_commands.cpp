// client: the programs that ask for tokens.

#include <ostream>

#include "cli/client_admin.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/output.hpp"
#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::app::cli {
namespace {

struct AddOptions {
  std::string id;
  std::string name;
  std::vector<std::string> grants;
  std::vector<std::string> scopes;
  std::vector<std::string> resources;
  std::vector<std::string> auth_methods;
  std::vector<std::string> cors_origins;
  std::vector<std::string> attributes;
  bool is_public = false;
  bool json = false;
};

/// Through the document, so that a client made here and a declared one obey the same rules.
Result<oauth::Client> make_client(const AddOptions& options, Instant now) {
  Json document = {{"client_id", options.id},        {"client_name", options.name},
                   {"grant_types", options.grants},  {"scopes", options.scopes},
                   {"resources", options.resources}, {"cors_origins", options.cors_origins}};
  if (options.is_public) {
    document["auth_methods"] = {oauth::name(oauth::ClientAuthMethod::none)};
  } else {
    document["auth_methods"] = options.auth_methods;
  }
  Json attributes = Json::object();
  if (Result<void> set = set_attributes(attributes, options.attributes); !set) return set.error();
  document["attributes"] = std::move(attributes);
  JsonReader in(document, "");
  oauth::Client client = oauth::read_client(in);
  if (Result<void> read = in.finish(); !read) return read.error();
  client.sessions_valid_from = now;  // an earlier client of this id has left families that are not this one's
  return client;
}

/// What only the store and the configuration can say.
Result<void> check_client_fits(const AdminContext& admin, const oauth::Client& client) {
  const std::string& id = client.id.str();
  if (admin.directory->is_declared(client.id)) return refuse_declared(admin.config, "client", id);
  for (const ResourceId& resource : client.resources) {
    if (admin.directory->find_resource(resource) == nullptr) return no_such("resource", resource.str());
  }
  // RFC 9068 §5: one `sub` must not stand for a user here and for a client there.
  const accounts::UserDirectory users(admin.config.users, admin.storage->users());
  const Result<std::optional<accounts::User>> namesake = users.find_by_id(UserId(id));
  if (!namesake) return namesake.error();
  if (*namesake) return conflict("\"" + id + "\" is the id of a user");
  return {};
}

Result<void> add_client(const Session& session, const AddOptions& options) {
  Result<oauth::Client> client = make_client(options, session.clock.now());
  if (!client) return client.error();
  const Result<AdminContext> admin = open_admin(session, IfAbsent::create);
  if (!admin) return admin.error();
  if (Result<void> fits = check_client_fits(*admin, *client); !fits) return fits;
  const GeneratedSecret generated = generate_client_secret(session.clock.now());
  if (!client->is_public()) client->secrets = {generated.stored};
  if (Result<void> added = admin->storage->clients().insert_client(*client); !added) {
    const bool is_taken = added.error().kind == ErrorKind::conflict;
    return is_taken ? conflict("there is a client \"" + options.id + "\" already") : added.error();
  }
  Result<void> audited = admin->audit->changed(
      "client.create", options.id,
      {{"public", client->is_public()},
       {"secret_id", client->is_public() ? std::string_view("-") : std::string_view(generated.stored.id)},
       {"grants", join(options.grants, ",")},
       {"scopes", join(options.scopes, ",")},
       {"resources", join(options.resources, ",")}});
  if (!client->is_public()) {
    print_generated(session, options.id, generated, options.json);
  } else if (options.json) {
    print_json(session.io.out, {{"client_id", options.id}});
  } else {
    session.io.out << "client_id  " << options.id << "\n";
  }
  return audited;  // last: the secret is shown this once, and the client is there
}

/// Without the hashes of the secrets, which are nobody's business.
Json describe(const oauth::Client& client) {
  Json item = oauth::render_client(client);
  for (Json& secret : item["secrets"])
    secret.erase("sha256");
  item["source"] = source_name(client.version == 0);
  return item;
}

template <class Values>
std::string join_names(const Values& values) {
  std::vector<std::string> names;
  for (const auto& value : values)
    names.emplace_back(oauth::name(value));
  return join(names, ",");
}

std::vector<std::string> row(const oauth::Client& client) {
  std::vector<std::string> resources;
  for (const ResourceId& resource : client.resources)
    resources.push_back(resource.str());
  return {client.id.str(),
          std::string(source_name(client.version == 0)),
          client.disabled ? "disabled" : "enabled",
          join_names(client.auth_methods),
          join_names(client.grant_types),
          join(client.scopes, ","),
          join(resources, ",")};
}

Result<void> list_clients(const Session& session, bool json) {
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  const Result<std::vector<oauth::Client>> stored =
      list_all<oauth::Client>([&](const oauth::Client* after, std::size_t limit) {
        return admin->storage->clients().list_clients(after == nullptr ? ClientId() : after->id, limit);
      });
  if (!stored) return stored.error();
  Json items = Json::array();
  Table table({"CLIENT_ID", "SOURCE", "STATE", "AUTHENTICATION", "GRANTS", "SCOPES", "RESOURCES"});
  for (const std::vector<oauth::Client>* clients : {&admin->config.clients, &*stored}) {
    for (const oauth::Client& client : *clients) {
      items.push_back(describe(client));
      table.add(row(client));
    }
  }
  print_listing(session.io.out, json, items, table);
  return {};
}

Result<void> set_disabled(const Session& session, const std::string& id, bool disabled) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  const auto change = [&](oauth::Client& client) -> Result<void> {
    client.disabled = disabled;
    return {};
  };
  if (Result<void> changed = change_client(*admin, id, change); !changed) return changed;
  return admin->audit->changed(disabled ? "client.disable" : "client.enable", id);
}

Result<void> delete_client(const Session& session, const std::string& id) {
  const Result<AdminContext> admin = open_admin(session, IfAbsent::refuse);
  if (!admin) return admin.error();
  if (admin->directory->is_declared(ClientId(id))) return refuse_declared(admin->config, "client", id);
  Result<void> erased = admin->storage->clients().erase_client(ClientId(id));
  if (!erased && erased.error().kind == ErrorKind::not_found) return no_such("client", id);
  if (!erased) return erased;
  return admin->audit->changed("client.delete", id);
}

void register_add(CLI::App& group, Session& session) {
  const auto options = std::make_shared<AddOptions>();
  CLI::App& add = add_service_command(group, session, "add", "Add a client, and print its secret this once",
                                      [&session, options] { return add_client(session, *options); });
  add.add_option("CLIENT_ID", options->id)->required();
  add.add_option("--name", options->name, "For people");
  add_repeated(add, "--grant", options->grants, "password, client_credentials or refresh_token; may repeat").required();
  add_repeated(add, "--resource", options->resources, "What its tokens are for; may repeat")
      .required()
      ->type_name("URI");
  add_repeated(add, "--scope", options->scopes, "What it may ask for; may repeat");
  CLI::Option& methods =
      add_repeated(add, "--auth-method", options->auth_methods, "client_secret_basic or client_secret_post; else both");
  add.add_flag("--public", options->is_public, "It can keep no secret: a browser's or a phone's")->excludes(&methods);
  add_repeated(add, "--cors-origin", options->cors_origins, "Pages that may call us; may repeat").type_name("ORIGIN");
  add_repeated(add, "--attribute", options->attributes, "For claims: NAME=TEXT or NAME:=JSON");
  add.add_flag("--json", options->json, "As JSON");
  add.footer(
      "Example:\n  mintmark client add billing --grant client_credentials --scope invoices:read "
      "--resource https://api.example.com");
}

void register_list(CLI::App& group, Session& session) {
  const auto json = std::make_shared<bool>(false);
  CLI::App& list = add_service_command(group, session, "list", "All clients, declared ones first",
                                       [&session, json] { return list_clients(session, *json); });
  add_json_flag(list, *json);
}

template <class Action>
void register_plain(CLI::App& group, Session& session, const std::string& name, const std::string& description,
                    const Action& action) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command =
      add_service_command(group, session, name, description, [&session, id, action] { return action(session, *id); });
  command.add_option("CLIENT_ID", *id)->required();
}

}  // namespace

void add_client_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "client", "Clients of the store");
  register_add(group, session);
  register_list(group, session);
  register_plain(group, session, "disable", "Refuse it everything",
                 [](const Session& s, const std::string& id) { return set_disabled(s, id, true); });
  register_plain(group, session, "enable", "Serve it again",
                 [](const Session& s, const std::string& id) { return set_disabled(s, id, false); });
  register_plain(group, session, "delete", "Delete it for good", delete_client);
  add_client_secret_commands(group, session);
}

}  // namespace mintmark::app::cli
