// health: the program as its own health check, where there is neither a shell nor curl.

#include <optional>
#include <ostream>

#include "cli/commands.hpp"
#include "mintmark/http/fetch.hpp"
#include "mintmark/http/probe.hpp"

namespace mintmark::app::cli {
namespace {

/// Below what container engines give a health check.
constexpr Duration kDeadline = std::chrono::seconds(5);

struct HealthOptions {
  std::string url;
  bool ready = false;
};

/// The private side is for probes, is never TLS, and has room when clients have taken all there is. A port that only
/// the running service knows cannot be asked.
std::optional<http::ProbeAddress> address_to_ask(const http::ServerOptions& options) {
  const http::PrivateOptions& own = options.private_side;
  if (own.port.value_or(0) != 0) return http::ProbeAddress{.address = own.address, .port = *own.port};
  if (!options.port || options.tls.enabled()) return std::nullopt;
  return http::ProbeAddress{.address = options.address, .port = *options.port};
}

/// Where the service listens for probes. A file that cannot be used now says nothing of a service that runs with what
/// the file said before, so the default stands in for it, and a check does not fail for a file being edited.
std::optional<http::ProbeAddress> probe_address(const Session& session) {
  Config config;
  if (!session.config_file.empty()) {
    Result<Config> loaded = load_config(session);
    if (loaded) {
      config = *std::move(loaded);
    } else {
      print_error(session.io.err, loaded.error().detail + "; asking the default address");
    }
  }
  return address_to_ask(config.server);
}

Result<void> check_health(const Session& session, const HealthOptions& options) {
  if (!options.url.empty()) {
    const Result<http::FetchedDocument> answer = http::fetch(options.url, {.deadline = kDeadline});
    return answer ? Result<void>() : answer.error();
  }
  const std::optional<http::ProbeAddress> address = probe_address(session);
  if (!address) return invalid("the service has no TCP port in clear to be asked at: expected --url, or private.port");
  return http::probe(*address, options.ready ? "/readyz" : "/healthz", kDeadline);
}

}  // namespace

void add_health_command(CLI::App& app, Session& session) {
  const auto options = std::make_shared<HealthOptions>();
  CLI::App& command = add_command(app, session, "health", "Ask a running service whether it lives: exit code 0 or 1",
                                  [&session, options] { return check_health(session, *options); });
  add_config_option(command, session);
  CLI::Option& url = add_value(command, "--url", options->url, "Ask this URL instead: https, or http on this machine");
  command.add_flag("--ready", options->ready, "Ask whether it can issue tokens")->excludes(&url);
  command.footer("Example:\n  mintmark health --ready --config /etc/mintmark/mintmark.json");
}

}  // namespace mintmark::app::cli
