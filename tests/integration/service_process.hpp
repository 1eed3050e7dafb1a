#pragma once
// The real binary, serving.

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "integration/mint_config.hpp"
#include "support/http_client.hpp"
#include "support/process.hpp"

namespace mintmark::testing {

/// A TCP port of 127.0.0.1 that nobody listens on now.
std::uint16_t free_port();

/// `mintmark serve` with `config`, on a port of its own.
class ServiceProcess {
 public:
  /// Starts; returns when the service answers. Fails the test if it does not within 20 s.
  /// `error` is where its standard error goes; empty: to a file of the folder.
  explicit ServiceProcess(MintConfig& config, const std::filesystem::path& error = {},
                          const std::map<std::string, std::string>& environment = {});

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  BackgroundProcess& process() noexcept { return *process_; }
  HttpAnswer token(const HttpFields& parameters, const HttpFields& fields = {});

 private:
  std::uint16_t port_;
  std::unique_ptr<BackgroundProcess> process_;
};

/// Runs `mintmark --config FILE arguments…`.
ProcessResult run_command(const MintConfig& config, std::vector<std::string> arguments,
                          std::string standard_input = {});

}  // namespace mintmark::testing
