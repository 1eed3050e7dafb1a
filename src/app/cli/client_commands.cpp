// client: the programs that ask for tokens.

#include <algorithm>
#include <array>
#include <ostream>

#include "cli/client_admin.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "cli/output.hpp"
#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::app::cli {
namespace {

/// Which name of a certificate (RFC 8705 §2.1.2).
constexpr std::array<std::string_view, 5> kCertificateNames{"dn", "dns", "uri", "ip", "email"};

struct ClientOptions {
  std::string id;
  std::string name;
  std::vector<std::string> grants;
  std::vector<std::string> scopes;
  std::vector<std::string> resources;
  std::vector<std::string> introspects;
  std::vector<std::string> exchange_from;
  std::vector<std::string> exchange_to;
  bool impersonation = false;
  std::vector<std::string> auth_methods;
  std::vector<std::string> cors_origins;
  std::vector<std::string> attributes;
  std::string keys;
  std::vector<std::string> signing_algs;
  std::string identity_issuer;
  std::string identity_subject;
  std::string identity_audience;
  std::string certificate_name;
  bool binds_certificate = false;
  bool is_public = false;
  bool json = false;
};

/// What assertions of the client are verified with, or whose they are.
Result<void> add_assertions(const Session& session, const ClientOptions& options, Json& document) {
  if (is_url(options.keys)) {
    document["jwks_uri"] = options.keys;
  } else if (!options.keys.empty()) {
    const Result<Secret> text = read_file_or_input(session.io, options.keys);
    if (!text) return text.error();
    Result<Json> set = parse_json_object(text->reveal_text(), {.max_bytes = oauth::kMaxKeySetBytes});
    if (!set) return Error{set.error().kind, options.keys + ": " + set.error().detail};
    document["jwks"] = *std::move(set);
  }
  if (options.binds_certificate) document["tls_client_certificate_bound_access_tokens"] = true;
  if (!options.certificate_name.empty()) {
    const std::size_t colon = std::min(options.certificate_name.find(':'), options.certificate_name.size());
    const std::string kind = options.certificate_name.substr(0, colon);
    if (!contains(kCertificateNames, kind) || colon == options.certificate_name.size()) {
      return invalid("--certificate-name: expected dns:NAME, uri:URI, ip:ADDRESS, email:ADDRESS or dn:NAME");
    }
    const std::string member = kind == "dn" ? "tls_client_auth_subject_dn" : "tls_client_auth_san_" + kind;
    document[member] = options.certificate_name.substr(colon + 1);
  }
  if (!options.signing_algs.empty()) document["auth_signing_algs"] = options.signing_algs;
  if (options.identity_issuer.empty()) return {};
  Json identity = {{"issuer", options.identity_issuer}, {"subject", options.identity_subject}};
  if (!options.identity_audience.empty()) identity["audience"] = options.identity_audience;
  document["identities"] = Json::array({std::move(identity)});
  return {};
}

/// Through the document, so that a client made here and a declared one obey the same rules.
Result<oauth::Client> make_client(const Session& session, const ClientOptions& options, Instant now) {
  Json document = {{"client_id", options.id},
                   {"client_name", options.name},
                   {"grant_types", options.grants},
                   {"scopes", options.scopes},
                   {"resources", options.resources},
                   {"introspects", options.introspects},
                   {"cors_origins", options.cors_origins}};
  document["token_exchange"] = {
      {"from", options.exchange_from}, {"to", options.exchange_to}, {"impersonation", options.impersonation}};
  if (options.is_public) {
    document["auth_methods"] = {oauth::name(oauth::ClientAuthMethod::none)};
  } else {
    document["auth_methods"] = options.auth_methods;
  }
  if (Result<void> added = add_assertions(session, options, document); !added) return added.error();
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
  for (const auto* resources :
       {&client.resources, &client.introspects, &client.token_exchange.from, &client.token_exchange.to}) {
    for (const ResourceId& resource : *resources) {
      if (admin.directory->find_resource(resource) == nullptr) return no_such("resource", resource.str());
    }
  }
  const std::shared_ptr<const oauth::Directory::View> trusted = admin.directory->view();
  for (const oauth::WorkloadIdentity& identity : client.identities) {
    if (!trusted->trusted_issuers.contains(identity.issuer)) return no_such("trusted issuer", identity.issuer);
  }
  // RFC 9068 §5: one `sub` must not stand for a user here and for a client there.
  const accounts::UserDirectory users(admin.config.users, admin.storage->users());
  const Result<std::optional<accounts::User>> namesake = users.find_by_id(UserId(id));
  if (!namesake) return namesake.error();
  if (*namesake) return conflict("\"" + id + "\" is the id of a user");
  return {};
}

Result<void> add_client(const Session& session, const ClientOptions& options) {
  Result<oauth::Client> client = make_client(session, options, session.clock.now());
  if (!client) return client.error();
  const bool derives = client->may_use(oauth::ClientAuthMethod::client_secret_jwt);
  const Result<KeyContext> keys = open_for_secret(session, derives, IfAbsent::create);
  if (!keys) return keys.error();
  const AdminContext* const admin = &keys->admin;
  if (Result<void> fits = check_client_fits(*admin, *client); !fits) return fits;
  const GeneratedSecret generated = generate_client_secret(client->id, keys->manager.get(), session.clock.now());
  const bool has_secret = std::ranges::any_of(client->auth_methods, oauth::uses_secret);
  if (has_secret) client->secrets = {generated.stored};
  if (Result<void> added = admin->storage->clients().insert_client(*client); !added) {
    const bool is_taken = added.error().kind == ErrorKind::conflict;
    return is_taken ? conflict("there is a client \"" + options.id + "\" already") : added.error();
  }
  Result<void> audited =
      admin->audit->changed("client.create", options.id,
                            {{"public", client->is_public()},
                             {"secret_id", has_secret ? std::string_view(generated.stored.id) : std::string_view("-")},
                             {"grants", join(options.grants, ",")},
                             {"scopes", join(options.scopes, ",")},
                             {"resources", join(options.resources, ",")},
                             {"introspects", join(options.introspects, ",")}});
  if (has_secret) {
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

void add_assertion_options(CLI::App& add, ClientOptions& options) {
  add_value(
      add, "--keys", options.keys,
      "The public keys of its assertions (private_key_jwt): a JWK or JWKS, or the URL of its JWKS (https, or http "
      "on this machine)")
      .type_name("FILE|URL");
  add_repeated(
      add, "--signing-alg", options.signing_algs,
      "What its own assertions may be signed with, such as ES256; may repeat; else all that its keys can verify")
      .type_name("ALG");
  CLI::Option& issuer =
      add_value(add, "--identity-issuer", options.identity_issuer,
                "A trusted issuer (trusted_issuers of the configuration) that it has tokens of, which "
                "authenticate it");
  CLI::Option& subject = add_value(add, "--identity-subject", options.identity_subject, "Their sub");
  CLI::Option& audience =
      add_value(add, "--identity-audience", options.identity_audience, "Their aud; default the issuer of this service");
  add_value(add, "--certificate-name", options.certificate_name,
            "The name in its TLS certificate, which authenticates it (tls_client_auth): dns:NAME, uri:URI, ip:ADDRESS, "
            "email:ADDRESS or dn:NAME")
      .type_name("KIND:NAME");
  add.add_flag("--certificate-bound-tokens", options.binds_certificate,
               "Its tokens are bound to the certificate of its connection (RFC 8705)");
  issuer.needs(&subject);
  subject.needs(&issuer);
  audience.needs(&issuer);
}

void add_exchange_options(CLI::App& add, ClientOptions& options) {
  add_repeated(add, "--exchange-from", options.exchange_from,
               "A resource that it is or serves: it may exchange tokens for it (RFC 8693); may repeat")
      .type_name("URI");
  add_repeated(add, "--exchange-to", options.exchange_to,
               "A resource of its own that an exchanged token may be for, though the old one was not; may repeat")
      .type_name("URI");
  add.add_flag("--impersonation", options.impersonation, "Exchanged tokens may conceal that it acts");
}

void register_client_add(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ClientOptions>();
  CLI::App& add = add_service_command(group, session, "add", "Add a client, and print its secret this once",
                                      [&session, options] { return add_client(session, *options); });
  add.add_option("CLIENT_ID", options->id)->required();
  add.add_option("--name", options->name, "For people");
  CLI::Option_group& purpose = *add.add_option_group("What it is for");
  purpose.require_option(1, 0);
  CLI::Option& grants = add_repeated(purpose, "--grant", options->grants,
                                     "password, client_credentials, refresh_token or the URN of another; may repeat");
  add_repeated(purpose, "--introspects", options->introspects,
               "A resource that it is or serves: it may ask about the tokens for it; may repeat")
      .type_name("URI");
  CLI::Option& resources = add_repeated(add, "--resource", options->resources, "What its tokens are for; may repeat");
  resources.type_name("URI");
  grants.needs(&resources);
  add_repeated(add, "--scope", options->scopes, "What it may ask for; may repeat");
  CLI::Option& methods = add_repeated(add, "--auth-method", options->auth_methods,
                                      "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, "
                                      "tls_client_auth or self_signed_tls_client_auth; "
                                      "may repeat; else what fits its keys, or the first two");
  add.add_flag("--public", options->is_public, "It can keep no secret: a browser's or a phone's")->excludes(&methods);
  add_assertion_options(add, *options);
  add_exchange_options(add, *options);
  add_repeated(add, "--cors-origin", options->cors_origins, "Pages that may call us; may repeat").type_name("ORIGIN");
  add_repeated(add, "--attribute", options->attributes, "For claims: NAME=TEXT or NAME:=JSON");
  add.add_flag("--json", options->json, "As JSON");
  add.footer(
      "Example:\n  mintmark client add billing --grant client_credentials --scope invoices:read "
      "--resource https://api.example.com");
}

void register_client_list(CLI::App& group, Session& session) {
  const auto json = std::make_shared<bool>(false);
  CLI::App& list = add_service_command(group, session, "list", "All clients, declared ones first",
                                       [&session, json] { return list_clients(session, *json); });
  add_json_flag(list, *json);
}

template <class Action>
void register_client_plain(CLI::App& group, Session& session, const std::string& name, const std::string& description,
                           const Action& action) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command =
      add_service_command(group, session, name, description, [&session, id, action] { return action(session, *id); });
  command.add_option("CLIENT_ID", *id)->required();
}

}  // namespace

void add_client_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "client", "Clients of the store");
  register_client_add(group, session);
  register_client_list(group, session);
  register_client_plain(group, session, "disable", "Refuse it everything",
                        [](const Session& s, const std::string& id) { return set_disabled(s, id, true); });
  register_client_plain(group, session, "enable", "Serve it again",
                        [](const Session& s, const std::string& id) { return set_disabled(s, id, false); });
  register_client_plain(group, session, "delete", "Delete it for good", delete_client);
  add_client_secret_commands(group, session);
}

}  // namespace mintmark::app::cli
