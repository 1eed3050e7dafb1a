#include "mintmark/app/cli.hpp"

#include <algorithm>
#include <ostream>

#include "cli/commands.hpp"

namespace mintmark::app {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;

/// The last command that the arguments named.
const CLI::App& deepest_command(const CLI::App& app) {
  const std::vector<CLI::App*> named = app.get_subcommands();
  return named.empty() ? app : deepest_command(*named.front());
}

/// "mintmark key list"
std::string command_line(const CLI::App& command) {
  const CLI::App* const parent = command.get_parent();
  return parent == nullptr ? command.get_name() : command_line(*parent) + " " + command.get_name();
}

int explain(const CLI::App& app, const CLI::ParseError& problem, const CliIo& io) {
  // Requests for help and for the version arrive as exceptions too.
  if (problem.get_exit_code() == 0) return app.exit(problem, io.out, io.err);
  const CLI::App& command = deepest_command(app);
  const std::vector<std::string> unknown = command.remaining();
  const bool is_group = !command.get_subcommands({}).empty();
  const std::string what =
      is_group && !unknown.empty() ? "there is no command \"" + unknown.front() + "\"" : problem.what();
  cli::print_error(io.err, what + " (see " + command_line(command) + " --help)");
  return kUsage;
}

void describe(CLI::App& app, cli::Session& session) {
  app.require_subcommand(1);
  app.set_version_flag("--version", "mintmark " MINTMARK_VERSION);
  cli::add_config_option(app, session);
  cli::add_service_commands(app, session);
  cli::add_backup_commands(app, session);
  cli::add_health_command(app, session);
  cli::add_key_commands(app, session);
  cli::add_user_commands(app, session);
  cli::add_client_commands(app, session);
  cli::add_resource_commands(app, session);
  cli::add_token_commands(app, session);
  cli::add_audit_commands(app, session);
  cli::add_jose_commands(app, session);
}

}  // namespace

int run_cli(std::vector<std::string> arguments, const CliIo& io, Environment environment, const Clock& clock) {
  const auto configured = environment.find("MINTMARK_CONFIG");
  cli::Session session{io, environment, clock, configured == environment.end() ? "" : configured->second};
  CLI::App app("A standalone token mint", "mintmark");
  describe(app, session);
  try {
    std::ranges::reverse(arguments);  // the parser takes them from the back
    app.parse(std::move(arguments));
  } catch (const CLI::ParseError& problem) {
    return explain(app, problem, io);
  }
  const int code = session.command();
  io.out.flush();
  if (io.out.good()) return code;
  cli::print_error(io.err, "standard output cannot be written");
  return kFailed;
}

}  // namespace mintmark::app
