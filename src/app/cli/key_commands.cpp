// key: the signing keys, and the other secrets that are kept with them.

#include <algorithm>
#include <ostream>

#include "cli/admin_context.hpp"
#include "cli/algorithm.hpp"
#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "cli/key_files.hpp"
#include "cli/output.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/base/duration.hpp"
#include "mintmark/base/file.hpp"
#include "mintmark/jose/jwk.hpp"

namespace mintmark::app::cli {
namespace {

constexpr const char* kDashFooter = "A KID that begins with \"-\" goes behind \"--\".";

/// "first", "older" or, where none of the sealing keys in hand opens the row, "unknown".
std::string_view name_sealing_key(const keys::Sealer& sealer, const keys::KeyRecord& record) {
  const std::optional<std::size_t> sealing_key = sealer.find_key(record);
  if (!sealing_key) return "unknown";
  return *sealing_key == 0 ? "first" : "older";
}

Json describe(const keys::KeyRecord& record, const Result<keys::Sealer>& sealer, Instant now) {
  return {{"kid", record.kid.str()},
          {"alg", jose::name(record.alg)},
          {"purpose", keys::name(record.purpose)},
          {"state", keys::name(keys::state_at(record, now))},
          {"resource", record.resource.empty() ? Json() : Json(record.resource.str())},
          {"imported", record.imported},
          {"created_at", format_instant(record.created_at)},
          {"activates_at", format_instant(record.activates_at)},
          {"retires_at", json_instant(record.retires_at)},
          {"removes_at", json_instant(record.removes_at)},
          {"revoked_at", json_instant(record.revoked_at)},
          {"exported_at", json_instant(record.exported_at)},
          {"sealing_key", sealer ? Json(name_sealing_key(*sealer, record)) : Json()}};
}

/// From the store: a listing neither needs the sealing key nor creates anything.
Result<void> list_keys(const Session& session, bool json) {
  const Result<AdminContext> admin = open_admin_to_read(session);
  if (!admin) return admin.error();
  const Result<keys::KeyTable> stored = admin->storage->keys().load_keys();
  if (!stored) return stored.error();
  const Result<keys::Sealer> sealer = load_sealer(admin->config);
  const Instant now = session.clock.now();
  Json items = Json::array();
  Table table({"KID", "ALG", "PURPOSE", "STATE", "ACTIVATES", "RETIRES", "GONE", "SEALING KEY", "RESOURCE"});
  for (const keys::KeyRecord& record : stored->records) {
    items.push_back(describe(record, sealer, now));
    table.add({record.kid.str(), std::string(jose::name(record.alg)), std::string(keys::name(record.purpose)),
               std::string(keys::name(keys::state_at(record, now))), format_instant(record.activates_at),
               cell(record.revoked_at ? record.revoked_at : record.retires_at),
               cell(record.revoked_at ? std::nullopt : record.removes_at),
               std::string(sealer ? name_sealing_key(*sealer, record) : "-"), record.resource.str()});
  }
  print_listing(session.io.out, json, items, table);
  return {};
}

void print_new_key(const Session& session, const keys::KeyRecord& record) {
  session.io.out << jose::name(record.alg) << ' ' << record.kid.str() << " signs from "
                 << format_instant(record.activates_at) << '\n';
}

Result<void> rotate_keys(const Session& session, std::optional<jose::Alg> alg) {
  Result<KeyContext> context = open_keys(session, IfAbsent::create);
  if (!context) return context.error();
  const std::vector<jose::Alg> algs =
      alg ? std::vector{*alg} : make_key_demand(context->admin.config, *context->admin.directory).algs;
  if (algs.empty()) return not_found("no resource uses a signing key");
  Result<void> outcome;
  for (const jose::Alg next : algs) {
    Result<keys::KeyRecord> successor = context->manager->rotate(next, session.clock.now());
    if (successor) {
      print_new_key(session, *successor);
      Result<void> audited =
          context->admin.audit->changed("key.rotate", successor->kid.str(), {{"alg", jose::name(successor->alg)}});
      if (!audited && outcome) outcome = std::move(audited);
    } else if (outcome) {
      outcome = successor.error();  // the others are rotated nevertheless
    }
  }
  return outcome;
}

struct ImportOptions {
  std::string alg;
  std::string kid;
  std::string file;
};

Result<jose::SigningKey> load_private_key(const Session& session, const ImportOptions& options) {
  Result<std::vector<jose::Jwk>> found = load_keys(session.io, options.file);
  if (!found) return found.error();
  if (found->size() != 1 || !std::holds_alternative<crypto::PrivateKey>(found->front().key)) {
    return invalid(options.file + ": expected one private key");
  }
  if (!options.kid.empty()) found->front().kid = KeyId(options.kid);
  Result<jose::SigningKey> key = select_signing_key(*found, "", alg_of(options.alg));
  if (!key) return Error{key.error().kind, options.file + ": " + key.error().detail};
  return key;
}

Result<void> import_key(const Session& session, const ImportOptions& options) {
  const Result<jose::SigningKey> key = load_private_key(session, options);
  if (!key) return key.error();
  Result<KeyContext> context = open_keys_to_import(session, key->alg());
  if (!context) return context.error();
  const Result<keys::KeyRecord> record = context->manager->import(
      *key, session.clock.now(), make_key_demand(context->admin.config, *context->admin.directory));
  if (!record) return record.error();
  print_new_key(session, *record);
  return context->admin.audit->changed("key.import", record->kid.str(), {{"alg", jose::name(record->alg)}});
}

Result<void> revoke_key(const Session& session, const std::string& kid) {
  Result<KeyContext> context = open_keys(session, IfAbsent::refuse);
  if (!context) return context.error();
  if (Result<void> revoked = context->manager->revoke(KeyId(kid), session.clock.now()); !revoked) return revoked;
  session.io.out << "revoked " << printable(kid) << '\n';
  return context->admin.audit->changed("key.revoke", kid);
}

Result<void> export_key(const Session& session, const std::string& kid, bool pem) {
  Result<KeyContext> context = open_keys(session, IfAbsent::refuse);
  if (!context) return context.error();
  const Result<Json> jwk = context->manager->export_public(KeyId(kid));
  if (!jwk) return jwk.error();
  if (!pem) {
    print_json(session.io.out, *jwk);
    return {};
  }
  const Result<jose::Jwk> parsed = jose::parse_jwk(*jwk);
  if (!parsed) return parsed.error();
  session.io.out << std::get<crypto::PublicKey>(parsed->key).to_pem();
  return {};
}

Result<void> reseal_older_keys(const Session& session) {
  Result<KeyContext> context = open_keys(session, IfAbsent::refuse);
  if (!context) return context.error();
  const Result<std::size_t> count = context->manager->reseal_older();
  if (!count) return count.error();
  session.io.out << *count << (*count == 1 ? " key was" : " keys were")
                 << " under another sealing key: every key is under the first one now\n";
  return context->admin.audit->changed("key.reseal", "-", {{"keys", static_cast<std::int64_t>(*count)}});
}

Result<void> reseal_keys(const Session& session, const std::string& new_key_file) {
  if (new_key_file.empty()) return reseal_older_keys(session);
  const Result<Secret> text = read_secret(session.io, new_key_file);
  if (!text) return text.error();
  Result<keys::Sealer> sealer = keys::Sealer::from_base64(*text);
  if (!sealer) return Error{sealer.error().kind, new_key_file + ": " + sealer.error().detail};
  Result<KeyContext> context = open_keys(session, IfAbsent::refuse);
  if (!context) return context.error();
  const Result<std::size_t> count = context->manager->reseal(*std::move(sealer));
  if (!count) return count.error();
  session.io.out << *count << (*count == 1 ? " key is" : " keys are")
                 << " sealed under the new sealing key: give it to the service, and start it again\n";
  return context->admin.audit->changed("key.reseal", "-", {{"keys", static_cast<std::int64_t>(*count)}});
}

void add_list(CLI::App& group, Session& session) {
  const auto json = std::make_shared<bool>(false);
  CLI::App& list = add_service_command(group, session, "list", "All keys: what they are for, their state, their times",
                                       [&session, json] { return list_keys(session, *json); });
  add_json_flag(list, *json);
}

void add_rotate(CLI::App& group, Session& session) {
  const auto alg = std::make_shared<std::string>();
  CLI::App& rotate = add_service_command(group, session, "rotate",
                                         "Publish the next signing key now; it signs once verifiers have seen it",
                                         [&session, alg] { return rotate_keys(session, alg_of(*alg)); });
  add_alg_option(rotate, *alg, "Of this algorithm alone; else of each that a resource uses");
}

void add_import(CLI::App& group, Session& session) {
  const auto options = std::make_shared<ImportOptions>();
  CLI::App& import = add_service_command(group, session, "import", "Bring along a private key: PEM or JWK",
                                         [&session, options] { return import_key(session, *options); });
  add_alg_option(import, options->alg, "What it signs with; a key for one algorithm alone need not say it");
  add_value(import, "--kid", options->kid, "Its name; else that of the JWK, else its RFC 7638 thumbprint");
  import.add_option("FILE", options->file, "The key; - is standard input")->required();
  import.footer("Example:\n  mintmark key import --alg RS256 --kid 2024-legacy private.pem");
}

void add_revoke(CLI::App& group, Session& session) {
  const auto kid = std::make_shared<std::string>();
  CLI::App& revoke = add_service_command(group, session, "revoke",
                                         "Take a key out of the JWKS at once; what it signed is good for nothing",
                                         [&session, kid] { return revoke_key(session, *kid); });
  revoke.add_option("KID", *kid, "See key list")->required();
  revoke.footer(kDashFooter);
}

void add_export(CLI::App& group, Session& session) {
  const auto kid = std::make_shared<std::string>();
  const auto pem = std::make_shared<bool>(false);
  CLI::App& exported = add_service_command(group, session, "export", "Print the public key, as JWK",
                                           [&session, kid, pem] { return export_key(session, *kid, *pem); });
  exported.add_option("KID", *kid, "See key list")->required();
  exported.add_flag("--pem", *pem, "As PEM");
  exported.footer(kDashFooter);
}

void add_reseal(CLI::App& group, Session& session) {
  const auto file = std::make_shared<std::string>();
  CLI::App& reseal = add_service_command(group, session, "reseal",
                                         "Store all keys under the first sealing key of the service, or another",
                                         [&session, file] { return reseal_keys(session, *file); });
  add_value(reseal, "--new-key-file", *file,
            "Another sealing key, base64 of 32 bytes, which the service does not have yet; - is standard input")
      .type_name("FILE");
  reseal.footer(
      "A service that runs does this by itself once it has read sealing keys of which the first is a new one.\n"
      "Example, of a service that does not run:\n"
      "  openssl rand -base64 32 > new.key && mintmark key reseal --new-key-file new.key");
}

}  // namespace

void add_key_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "key", "Signing keys and shared secrets");
  add_list(group, session);
  add_rotate(group, session);
  add_import(group, session);
  add_revoke(group, session);
  add_export(group, session);
  add_reseal(group, session);
}

}  // namespace mintmark::app::cli
