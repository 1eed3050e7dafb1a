#include "cli/session.hpp"

#include <algorithm>
#include <ostream>

namespace mintmark::app::cli {
namespace {

/// `run` as something that prints why it failed and returns an exit code.
std::function<int()> with_exit_code(const Session& session, const std::function<Result<void>()>& run) {
  return [&session, run] {
    const Result<void> done = run();
    if (!done) print_error(session.io.err, done.error().detail);
    return done ? 0 : 1;
  };
}

}  // namespace

std::string printable(std::string_view text) {
  std::string clean(text);
  std::ranges::replace_if(
      clean, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; }, '?');
  return clean;
}

void print_error(std::ostream& err, std::string_view detail) {
  err << "mintmark: " << printable(detail) << '\n';
}

Result<Config> load_config(const Session& session) {
  return app::load_config(session.config_file, session.environment);
}

CLI::App& add_group(CLI::App& parent, const std::string& name, const std::string& description) {
  CLI::App& group = *parent.add_subcommand(name, description);
  group.require_subcommand(1);
  return group;
}

CLI::App& add_command(CLI::App& parent, Session& session, const std::string& name, const std::string& description,
                      const std::function<Result<void>()>& run) {
  CLI::App& command = *parent.add_subcommand(name, description);
  command.callback([&session, run] { session.command = with_exit_code(session, run); });
  return command;
}

CLI::App& add_service_command(CLI::App& parent, Session& session, const std::string& name,
                              const std::string& description, const std::function<int()>& run) {
  CLI::App& command = *parent.add_subcommand(name, description);
  add_config_option(command, session);
  command.callback([&session, run] {
    if (session.config_file.empty()) throw CLI::RequiredError("--config FILE, or MINTMARK_CONFIG,");
    session.command = run;
  });
  return command;
}

CLI::App& add_service_command(CLI::App& parent, Session& session, const std::string& name,
                              const std::string& description, const std::function<Result<void>()>& run) {
  return add_service_command(parent, session, name, description, with_exit_code(session, run));
}

void add_config_option(CLI::App& command, Session& session) {
  add_value(command, "--config", session.config_file, "The configuration of the service; else $MINTMARK_CONFIG")
      .type_name("FILE");
}

void add_json_flag(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "As a JSON array");
}

CLI::Option& add_value(CLI::App& command, const std::string& name, std::string& value, const std::string& description) {
  const auto check = [](const std::string& text) { return text.empty() ? "expected a value" : std::string(); };
  return *command.add_option(name, value, description)->check(check);
}

CLI::Option& add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                          const std::string& description) {
  return *command.add_option(name, values, description)->allow_extra_args(false);
}

}  // namespace mintmark::app::cli
