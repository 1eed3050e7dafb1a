// serve, config, db: the service itself.

#include <ostream>

#include "cli/admin_context.hpp"
#include "cli/commands.hpp"
#include "config_change.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/app/serve.hpp"

namespace mintmark::app::cli {
namespace {

/// The service runs for long, and what it is given of secrets is not to lie about for as long.
void forget_sealing_key(Environment& environment) {
  const auto found = environment.find("MINTMARK_SEALING_KEY");
  if (found == environment.end()) return;
  wipe(found->second.data(), found->second.size());
  environment.erase(found);
}

int serve_configured(const Session& session) {
  Result<Config> config = load_config(session);
  forget_sealing_key(session.environment);
  if (config) return serve(*std::move(config), session.environment);
  print_error(session.io.err, config.error().detail);
  return 1;
}

/// With the resources and keys of the store, where there is one already: a check does not make one.
Result<std::string> preview_metadata(const Config& config, Instant now) {
  const Result<std::unique_ptr<storage::Storage>> storage = open_storage_to_read(config);
  if (!storage) return storage.error();
  const Result<std::unique_ptr<oauth::Directory>> directory = open_directory(config, **storage);
  if (!directory) return directory.error();
  if (Result<void> opens = check_sealing_key(config, **storage, now); !opens) return opens.error();
  return make_metadata(config, **directory);
}

/// What a service that runs with `running_file` would refuse, and only a restart can change.
Result<void> check_against_running(const Session& session, const Config& config, const std::string& running_file) {
  const Result<Config> running = app::load_config(running_file, session.environment);
  return running ? check_needs_no_restart(*running, config) : running.error();
}

Result<void> check_configuration(const Session& session, const std::string& running_file) {
  const Result<Config> config = load_config(session);
  if (!config) return config.error();
  if (config->server.tls.enabled()) {
    if (const Result<http::CertificateInfo> tls = http::check_tls(config->server.tls); !tls) return tls.error();
  }
  const Result<std::string> metadata = preview_metadata(*config, session.clock.now());
  if (!metadata) return metadata.error();
  if (!running_file.empty()) {
    if (Result<void> live = check_against_running(session, *config, running_file); !live) return live;
  }
  // In the order of the document itself, which Json would not keep.
  session.io.out << nlohmann::ordered_json::parse(*metadata, nullptr, false).dump(2) << '\n';
  return {};
}

Result<void> show_configuration(const Session& session) {
  const Result<Config> config = load_config(session);
  if (!config) return config.error();
  session.io.out << render_config(*config);
  return {};
}

Result<void> migrate(const Session& session) {
  const Result<Config> config = load_config(session);
  if (!config) return config.error();
  const Result<std::unique_ptr<AdminAudit>> audit = AdminAudit::open(session, *config);
  if (!audit) return audit.error();
  const Result<storage::Migration> done = storage::migrate_sqlite({.path = config->storage.path});
  if (!done) return done.error();
  session.io.out << config->storage.path.string();
  if (done->from == done->to) {
    session.io.out << ": schema " << done->to << ", nothing to do\n";
  } else {
    session.io.out << ": schema " << done->from << " -> " << done->to << '\n';
    return (*audit)->changed("db.migrate", "-", {{"from", std::int64_t{done->from}}, {"to", std::int64_t{done->to}}});
  }
  return {};
}

}  // namespace

void add_service_commands(CLI::App& app, Session& session) {
  add_service_command(app, session, "serve", "Run the service until SIGTERM or SIGINT", [&session] {
    return serve_configured(session);
  }).footer("Example:\n  mintmark serve --config /etc/mintmark/mintmark.json");

  CLI::App& config = add_group(app, "config", "Look at the configuration");
  const auto running_file = std::make_shared<std::string>();
  CLI::App& check =
      add_service_command(config, session, "check", "Check it, and print the metadata document that clients will see",
                          [&session, running_file] { return check_configuration(session, *running_file); });
  add_value(check, "--running", *running_file,
            "The file that a service runs with: fails also where changing over to --config takes a restart")
      .type_name("FILE");
  add_service_command(config, session, "show", "Print what is in effect: file, environment and defaults, no secrets",
                      [&session] { return show_configuration(session); });
  add_command(config, session, "schema", "Print the JSON Schema of the file, for editors",
              [&session]() -> Result<void> {
                session.io.out << render_config_schema();
                return {};
              });

  CLI::App& db = add_group(app, "db", "The database");
  add_service_command(db, session, "migrate", "Create its schema, or bring it up to date",
                      [&session] { return migrate(session); });
}

}  // namespace mintmark::app::cli
