#pragma once
// What commands share: their streams, the configuration they were given, and how they are hung into the parser.
// Thread safety: none.

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "mintmark/app/cli.hpp"
#include "mintmark/app/config.hpp"

namespace mintmark::app::cli {

struct Session {
  const CliIo& io;
  Environment& environment;
  const Clock& clock;
  std::string config_file;            ///< --config, or MINTMARK_CONFIG
  std::function<int()> command = {};  ///< what was asked for; set while the arguments are parsed
};

/// One line on `err`: "mintmark: detail". What could move a terminal's cursor is left out.
void print_error(std::ostream& err, std::string_view detail);
/// `text` without control characters, each replaced by a question mark.
std::string printable(std::string_view text);

Result<Config> load_config(const Session& session);

/// A command that only has commands under it.
CLI::App& add_group(CLI::App& parent, const std::string& name, const std::string& description);

/// A command that `run` carries out once all arguments have been read.
CLI::App& add_command(CLI::App& parent, Session& session, const std::string& name, const std::string& description,
                      const std::function<Result<void>()>& run);
/// Likewise, of the service that --config names. An `int` is the exit code.
CLI::App& add_service_command(CLI::App& parent, Session& session, const std::string& name,
                              const std::string& description, const std::function<Result<void>()>& run);
CLI::App& add_service_command(CLI::App& parent, Session& session, const std::string& name,
                              const std::string& description, const std::function<int()>& run);

/// --config
void add_config_option(CLI::App& command, Session& session);
/// --json, for listings.
void add_json_flag(CLI::App& command, bool& json);
/// An option with one value, which must not be empty: where a script's variable is unset, a check is not left out.
CLI::Option& add_value(CLI::App& command, const std::string& name, std::string& value, const std::string& description);
/// An option that is given once for each value: `--scope read --scope write`.
CLI::Option& add_repeated(CLI::App& command, const std::string& name, std::vector<std::string>& values,
                          const std::string& description);

}  // namespace mintmark::app::cli
