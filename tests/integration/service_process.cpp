#include "integration/service_process.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

bool answers(std::uint16_t port) {
  try {
    return HttpClient(port).get("/healthz").status == 200;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool bound = ::bind(fd, generic, size) == 0 && ::getsockname(fd, generic, &size) == 0;
  ::close(fd);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

ServiceProcess::ServiceProcess(MintConfig& config, const std::filesystem::path& error,
                               const std::map<std::string, std::string>& environment)
    : port_(free_port()) {
  config.document["server"]["port"] = port_;
  process_ = std::make_unique<BackgroundProcess>(
      ProcessOptions{.arguments = {"serve", "--config", config.write().string()}, .environment = environment},
      config.folder().path(), error);
  bool ended = false;
  const bool is_serving = eventually([&] {
    ended = process_->wait(std::chrono::seconds(0)).has_value();
    return ended || answers(port_);
  });
  if (ended || !is_serving) ADD_FAILURE() << "the service did not start: " << process_->standard_error();
}

HttpAnswer ServiceProcess::token(const HttpFields& parameters, const HttpFields& fields) {
  return HttpClient(port_).post_form("/token", parameters, fields);
}

ProcessResult run_command(const MintConfig& config, std::vector<std::string> arguments, std::string standard_input) {
  arguments.insert(arguments.end(), {"--config", config.file().string()});
  return run_mintmark({.arguments = std::move(arguments), .standard_input = std::move(standard_input)});
}

}  // namespace mintmark::testing
