// audit: whether the audit stream is as it was written.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/ops/audit_verifier.hpp"

namespace mintmark::app::cli {
namespace {

struct AuditVerifyOptions {
  std::vector<std::string> files;
  std::vector<std::string> key_files;
  std::vector<std::string> heads;
  bool without_key = false;
};

Result<std::vector<ops::AuditKey>> load_keys_of(const Session& session, const std::string& file) {
  const Result<Secret> text = read_secret(session.io, file);
  if (!text) return text.error();
  const Result<keys::Sealer> sealer = keys::Sealer::from_base64(*text);
  if (!sealer) return Error{sealer.error().kind, file + ": " + sealer.error().detail};
  return ops::make_audit_keys(*sealer);
}

Result<ops::AuditVerifier::Options> prepare(const Session& session, const AuditVerifyOptions& options,
                                            const std::optional<Config>& config) {
  ops::AuditVerifier::Options prepared{.keys = {}, .checks_keyed = !options.without_key, .anchors = {}};
  for (const std::string& text : options.heads) {
    Result<ops::AuditHead> head = ops::parse_audit_head(text);
    if (!head) return Error{head.error().kind, "--head: " + head.error().detail};
    prepared.anchors.push_back(*std::move(head));
  }
  if (options.without_key) return prepared;
  for (const std::string& file : options.key_files) {
    Result<std::vector<ops::AuditKey>> keys = load_keys_of(session, file);
    if (!keys) return keys.error();
    std::ranges::move(*keys, std::back_inserter(prepared.keys));
  }
  if (config) {
    const Result<keys::Sealer> sealer = load_sealer(*config);
    if (sealer) std::ranges::move(ops::make_audit_keys(*sealer), std::back_inserter(prepared.keys));
    if (!sealer && prepared.keys.empty()) return sealer.error();
  }
  if (prepared.keys.empty()) {
    return invalid("which sealing key? give --config or --key-file; or --without-key, which proves less");
  }
  return prepared;
}

void print_report(const CliIo& io, const ops::AuditReport& report, std::size_t files, bool without_key) {
  std::ostream& out = io.out;
  const bool is_intact = report.problem_count == 0;
  out << (is_intact ? without_key ? "in order, but not checked with the key" : "intact" : "NOT INTACT") << ": "
      << report.lines << " lines of " << report.chains << " chains in " << files << (files == 1 ? " file" : " files");
  if (report.chains_without_key > 0) out << ", " << report.chains_without_key << " chains without a key";
  out << '\n';
  if (!report.first_time.empty()) out << "from   " << report.first_time << "\nto     " << report.last_time << '\n';
  if (report.head) out << "head   " << to_string(*report.head) << '\n';
  for (const std::string& note : report.notes)
    out << "note   " << printable(note) << '\n';
  for (const ops::AuditProblem& problem : report.problems) {
    std::string place;
    if (problem.line > 0) place = problem.file + ":" + std::to_string(problem.line) + ": ";
    print_error(io.err, place + problem.reason);
  }
}

/// Without FILE the one that the configuration names.
Result<void> verify(const Session& session, AuditVerifyOptions options) {
  std::optional<Config> config;
  if (!session.config_file.empty()) {
    Result<Config> loaded = load_config(session);
    if (!loaded) return loaded.error();
    config = *std::move(loaded);
  }
  if (options.files.empty() && config && !config->audit.file.empty()) {
    options.files.push_back(config->audit.file.string());
  }
  if (options.files.empty()) return invalid("there is nothing to verify: give FILE, or --config with audit.file");
  Result<ops::AuditVerifier::Options> prepared = prepare(session, options, config);
  if (!prepared) return prepared.error();
  ops::AuditVerifier verifier(*std::move(prepared));
  for (const std::string& file : options.files) {
    if (file == "-") {
      verifier.read("standard input", session.io.in);
      continue;
    }
    std::ifstream in(file, std::ios::binary);
    if (!in) return not_found(file + ": cannot be read");
    verifier.read(file, in);
    if (in.bad()) return unavailable(file + ": cannot be read to its end");
  }
  const ops::AuditReport report = verifier.finish();
  print_report(session.io, report, options.files.size(), options.without_key);
  if (report.problem_count == 0) return {};
  return invalid(std::to_string(report.problem_count) + (report.problem_count == 1 ? " problem" : " problems") +
                 " in the audit stream");
}

}  // namespace

void add_audit_commands(CLI::App& app, Session& session) {
  CLI::App& group = add_group(app, "audit", "The audit stream");
  const auto options = std::make_shared<AuditVerifyOptions>();
  CLI::App& command =
      add_command(group, session, "verify",
                  "Find lines that were altered, removed, added or moved; exit 1 and say where if there are any",
                  [&session, options] { return verify(session, *options); });
  add_config_option(command, session);
  command.add_option("FILE", options->files, "The files, the oldest first; - is standard input; else audit.file");
  CLI::Option& keys = add_repeated(command, "--key-file", options->key_files,
                                   "A sealing key that chains were made with, beside that of the configuration");
  keys.type_name("FILE");
  add_repeated(command, "--head", options->heads, "A head that was noted earlier: it must be there")
      .type_name("CHAIN:SEQ:HASH");
  command.add_flag("--without-key", options->without_key, "Look at numbers and form alone; proves less")
      ->excludes(&keys);
  command.footer(
      "Example:\n  mintmark audit verify --config /etc/mintmark/mintmark.json audit.log.2 audit.log.1 audit.log");
}

}  // namespace mintmark::app::cli
