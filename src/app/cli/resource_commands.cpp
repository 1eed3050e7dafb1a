// resource: the APIs that accept our tokens.

#include <algorithm>
#include <ostream>

#include "cli/admin_context.hpp"
#include "cli/algorithm.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "cli/output.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/duration.hpp"
#include "mintmark/base/text.hpp"
#include "recipient_file.hpp"

namespace mintmark::app::cli {
namespace {

struct ResourceOptions {
  std::string id;
  std::string alg;
  std::string lifetime;
  std::string typ;
  std::string claims_file;
  std::vector<std::string> scopes;
  std::string recipient;  ///< of encrypted tokens: a file or a URL
  std::string encryption_alg;
  std::string enc;
  bool is_opaque = false;
};

Result<Json> load_claims(const Session& session, const std::string& file) {
  const Result<Secret> text = read_file_or_input(session.io, file);
  if (!text) return text.error();
  Result<Json> claims = parse_json_object(text->reveal_text());
  if (!claims) return Error{claims.error().kind, file + ": " + claims.error().detail};
  return claims;
}

/// The member `encryption` of a resource.
Result<Json> make_encryption(const Session& session, const ResourceOptions& options) {
  Json encryption = {{"alg", options.encryption_alg}};
  if (!options.enc.empty()) encryption["enc"] = options.enc;
  if (is_url(options.recipient)) {
    encryption["jwks_uri"] = options.recipient;
    return encryption;
  }
  const Result<jose::KeyManagement> alg = oauth::parse_public_key_management(options.encryption_alg);
  if (!alg) return Error{alg.error().kind, "--encryption-alg: " + alg.error().detail};
  const Result<Secret> text = read_file_or_input(session.io, options.recipient);
  if (!text) return text.error();
  Result<Json> jwk = read_recipient_jwk(*text, *alg);
  if (!jwk) return Error{jwk.error().kind, options.recipient + ": " + jwk.error().detail};
  encryption["jwk"] = *std::move(jwk);
  return encryption;
}

/// Through the document, so that a resource made here and a declared one obey the same rules and defaults.
Result<oauth::Resource> make_resource(const Session& session, const ResourceOptions& options) {
  Json document = {{"id", options.id}, {"scopes", options.scopes}};
  if (!options.alg.empty()) document["alg"] = options.alg;
  if (!options.lifetime.empty()) document["lifetime"] = options.lifetime;
  if (!options.typ.empty()) document["typ"] = options.typ;
  if (!options.claims_file.empty()) {
    Result<Json> claims = load_claims(session, options.claims_file);
    if (!claims) return claims.error();
    document["claims"] = *std::move(claims);
  }
  if (!options.recipient.empty()) {
    Result<Json> encryption = make_encryption(session, options);
    if (!encryption) return encryption.error();
    if (options.is_opaque) return invalid("--opaque: an opaque token is not encrypted");
    document["format"] = "jwt+jwe";
    document["encryption"] = *std::move(encryption);
  }
  if (options.is_opaque) document["format"] = "opaque";
  JsonReader in(document, "");
  oauth::Resource resource = oauth::read_resource(in);
  if (Result<void> read = in.finish(); !read) return read.error();
  return resource;
}

Result<void> check_resource_fits(const AdminContext& admin, const oauth::Resource& resource) {
  if (admin.directory->is_declared(resource.id)) return refuse_declared(admin.config, "resource", resource.id.str());
  if (!jose::is_available(resource.alg)) {
    return unsupported(std::string(jose::name(resource.alg)) + " is not available in the OpenSSL of this machine");
  }
  const Duration longest = admin.config.keys.periods.longest_lifetime;
  if (resource.lifetime > longest) {
    return invalid("lifetime: expected at most " + format_duration(longest) + ", which is tokens.max_lifetime in " +
                   admin.config.file.string());
  }
  return {};
}

/// An HS* secret is to be handed over; the first key of an algorithm signs when verifiers have had time to see it.
void print_what_is_next(const Session& session, const KeyContext& context, const oauth::Resource& resource) {
  const Instant now = session.clock.now();
  const std::shared_ptr<const keys::KeyRing> ring = context.manager->ring().load();
  if (jose::is_symmetric(resource.alg)) {
    session.io.out << "its secret: mintmark resource secret " << resource.id.str() << '\n';
  } else if (ring->find_signer(resource.alg, now) == nullptr) {
    session.io.out << "the first key for it signs from " << cell(ring->next_activation(resource.alg, now)) << '\n';
  }
}

Result<void> add_resource(const Session& session, const ResourceOptions& options) {
  const Result<oauth::Resource> resource = make_resource(session, options);
  if (!resource) return resource.error();
  Result<KeyContext> context = open_keys(session, IfAbsent::create);
  if (!context) return context.error();
  const AdminContext& admin = context->admin;
  if (Result<void> fits = check_resource_fits(admin, *resource); !fits) return fits;
  if (Result<void> added = admin.storage->resources().insert_resource(*resource); !added) {
    const bool is_taken = added.error().kind == ErrorKind::conflict;
    return is_taken ? conflict("there is a resource \"" + options.id + "\" already") : added.error();
  }
  if (Result<void> followed = follow_resources(*context, session.clock.now()); !followed) return followed;
  session.io.out << "added " << options.id << ": " << jose::name(resource->alg) << ", "
                 << format_duration(resource->lifetime);
  if (resource->format == oauth::TokenFormat::opaque) session.io.out << ", opaque";
  if (resource->encryption) {
    session.io.out << ", encrypted with " << jose::name(resource->encryption->alg) << " and "
                   << jose::name(resource->encryption->enc);
  }
  session.io.out << '\n';
  print_what_is_next(session, *context, *resource);
  return admin.audit->changed("resource.create", options.id,
                              {{"alg", jose::name(resource->alg)},
                               {"lifetime", format_duration(resource->lifetime)},
                               {"scopes", join(resource->scopes, ",")},
                               {"format", oauth::format_name(*resource)}});
}

Result<void> list_resources(const Session& session, bool json) {
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  Json items = Json::array();
  Table table({"RESOURCE", "SOURCE", "STATE", "ALG", "LIFETIME", "TYP", "FORMAT", "SCOPES"});
  const auto resources = admin->directory->resources();
  for (const auto& [id, resource] : *resources) {
    const std::string source(source_name(admin->directory->is_declared(id)));
    Json item = oauth::render_resource(*resource);
    item["source"] = source;
    items.push_back(std::move(item));
    table.add({id.str(), source, resource->disabled ? "disabled" : "enabled", std::string(jose::name(resource->alg)),
               format_duration(resource->lifetime), std::string(oauth::name(resource->typ)),
               std::string(oauth::format_name(*resource)), join(resource->scopes, ",")});
  }
  print_listing(session.io.out, json, items, table);
  return {};
}

/// Secrets outlive their resource only until here: the next resource of that name must not find one that is known.
Result<void> revoke_secrets_of(keys::KeyManager& manager, const ResourceId& resource, Instant now) {
  const Result<std::vector<keys::KeyRecord>> records = manager.list();
  if (!records) return records.error();
  for (const keys::KeyRecord& record : *records) {
    const bool is_secret = record.purpose == keys::KeyPurpose::resource_secret && record.resource == resource;
    if (!is_secret || record.revoked_at) continue;
    if (Result<void> revoked = manager.revoke(record.kid, now); !revoked) return revoked;
  }
  return {};
}

Result<void> delete_resource(const Session& session, const std::string& name) {
  Result<KeyContext> context = open_keys(session, IfAbsent::refuse);
  if (!context) return context.error();
  const AdminContext& admin = context->admin;
  const ResourceId id(name);
  if (admin.directory->is_declared(id)) return refuse_declared(admin.config, "resource", name);
  for (const oauth::Client& client : admin.config.clients) {
    if (std::ranges::find(client.resources, id) == client.resources.end()) continue;
    return conflict("client \"" + client.id.str() + "\", declared in " + admin.config.file.string() +
                    ", names it: the service would not start");
  }
  if (Result<void> erased = admin.storage->resources().erase_resource(id); !erased) {
    return erased.error().kind == ErrorKind::not_found ? no_such("resource", name) : erased.error();
  }
  const Instant now = session.clock.now();
  if (Result<void> followed = follow_resources(*context, now); !followed) return followed;
  const Result<void> revoked = revoke_secrets_of(*context->manager, id, now);
  Result<void> audited = admin.audit->changed("resource.delete", name);
  return audited ? revoked : audited;
}

struct ResourceSecretOptions {
  std::string id;
  bool replace = false;
  bool raw = false;
};

Result<void> export_secret(const Session& session, const ResourceSecretOptions& options) {
  Result<KeyContext> context = open_keys(session, IfAbsent::create);
  if (!context) return context.error();
  const ResourceId id(options.id);
  const std::shared_ptr<const oauth::Resource> resource = context->admin.directory->find_resource(id);
  if (resource == nullptr) return no_such("resource", options.id);
  if (!jose::is_symmetric(resource->alg)) {
    return invalid(std::string(jose::name(resource->alg)) + " has no shared secret: the API verifies with the JWKS, " +
                   context->admin.config.issuer.jwks_uri());
  }
  const Instant now = session.clock.now();
  if (options.replace) {
    if (Result<void> replaced = context->manager->replace_resource_secret(id, now); !replaced) return replaced;
  }
  const Result<Secret> secret = context->manager->export_resource_secret(id, now);
  if (!secret && secret.error().kind == ErrorKind::conflict) {
    return conflict(secret.error().detail + ": --replace makes a new one");
  }
  if (!secret) return secret.error();
  Result<void> audited =
      context->admin.audit->changed("resource.secret.export", options.id, {{"replaced", options.replace}});
  if (options.raw) {
    session.io.out << secret->reveal_text();
    return audited;
  }
  session.io.out << encode_base64url(secret->reveal()) << '\n';
  session.io.err << "This is base64url, as \"k\" of a JWK: the key is the " << secret->size()
                 << " bytes that it decodes to. It is shown this once.\n";
  return audited;
}

void add_encryption_options(CLI::App& add, ResourceOptions& options) {
  CLI::Option& recipient = add_value(
      add, "--encrypt-to", options.recipient,
      "Encrypt its tokens to this public key: a JWK, a JWKS or PEM, or the URL of its JWKS (https, or http on "
      "this machine)");
  recipient.type_name("FILE|URL");
  CLI::Option& alg =
      add_value(add, "--encryption-alg", options.encryption_alg, "With --encrypt-to: RSA-OAEP-256, ECDH-ES+A128KW, …");
  recipient.needs(&alg);
  alg.needs(&recipient);
  add_value(add, "--enc", options.enc, "With --encrypt-to: how the content is encrypted; default A256GCM")
      .needs(&recipient);
}

void register_resource_add(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ResourceOptions>();
  CLI::App& add = add_service_command(group, session, "add", "Add an API, and say what its tokens are like",
                                      [&session, options] { return add_resource(session, *options); });
  add.add_option("RESOURCE", options->id, "Its identifier, an absolute URI: the aud of its tokens")->required();
  add_alg_option(add, options->alg, "What they are signed with; default ES256");
  add_value(add, "--lifetime", options->lifetime, "How long they are good; default 15m").type_name("DURATION");
  add.add_flag("--opaque", options->is_opaque, "Its tokens say nothing: it asks the introspection endpoint about each");
  add_value(add, "--typ", options->typ, "at+jwt (RFC 9068), the default, or JWT");
  add_repeated(add, "--scope", options->scopes, "A scope of it; may repeat");
  add_value(add, "--claims", options->claims_file,
            "Claims beside the registered ones, a JSON object; - is standard input")
      .type_name("FILE");
  add_encryption_options(add, *options);
  add.footer(
      "Example:\n  echo '{\"userId\":\"{user.id}\",\"role\":\"{user.attributes.role}\"}' > claims.json\n"
      "  mintmark resource add https://api.example.com --alg RS256 --lifetime 1h --claims claims.json");
}

void register_resource_list(CLI::App& group, Session& session) {
  const auto json = std::make_shared<bool>(false);
  CLI::App& list = add_service_command(group, session, "list", "All resources, by identifier",
                                       [&session, json] { return list_resources(session, *json); });
  add_json_flag(list, *json);
}

void register_resource_delete(CLI::App& group, Session& session) {
  const auto id = std::make_shared<std::string>();
  CLI::App& command = add_service_command(group, session, "delete", "Issue no more tokens for it; revokes its secret",
                                          [&session, id] { return delete_resource(session, *id); });
  command.add_option("RESOURCE", *id)->required();
}

void register_resource_secret(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ResourceSecretOptions>();
  CLI::App& secret =
      add_service_command(group, session, "secret", "Print the secret of an HS* resource this once, to be given to it",
                          [&session, options] { return export_secret(session, *options); });
  secret.add_option("RESOURCE", options->id)->required();
  secret.add_flag("--replace", options->replace, "Make a new one; tokens of the old one are good for nothing at once");
  secret.add_flag("--raw", options->raw, "The bytes themselves, not base64url");
}

}  // namespace

void add_resource_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "resource", "Resources, the APIs that accept our tokens");
  register_resource_add(group, session);
  register_resource_list(group, session);
  register_resource_delete(group, session);
  register_resource_secret(group, session);
}

}  // namespace mintmark::app::cli
