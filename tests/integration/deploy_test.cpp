// What container engines and service managers see of the real binary.

#include <gtest/gtest.h>
#include <signal.h>

#include "integration/service_process.hpp"
#include "support/datagram_socket.hpp"

namespace mintmark::testing {
namespace {

using namespace std::chrono_literals;

TEST(Health, FollowsTheService) {
  MintConfig config;
  {
    ServiceProcess service(config);
    EXPECT_EQ(run_command(config, {"health"}).exit_code, 0);
    EXPECT_EQ(run_command(config, {"health", "--ready"}).exit_code, 0);
    const std::string url = "http://127.0.0.1:" + std::to_string(service.port()) + "/readyz";
    EXPECT_EQ(run_mintmark({.arguments = {"health", "--url", url}}).exit_code, 0);
  }
  const ProcessResult gone = run_command(config, {"health"});
  EXPECT_EQ(gone.exit_code, 1);
  EXPECT_TRUE(gone.standard_error.ends_with("/healthz: Connection refused\n")) << gone.standard_error;
}

// Its file may be changed to something bad: the service goes on, and so is not restarted for it.
TEST(Health, AConfigurationThatIsBrokenNowDoesNotCondemnTheService) {
  MintConfig config;
  ServiceProcess service(config);
  config.folder().write("mintmark.json", "{");
  const ProcessResult asked = run_command(config, {"health"});
  EXPECT_NE(asked.standard_error.find("mintmark.json"), std::string::npos) << asked.standard_error;
  EXPECT_NE(asked.standard_error.find("asking the default address"), std::string::npos) << asked.standard_error;
}

TEST(ServiceManager, IsToldOfTheStartAndOfTheEnd) {
  MintConfig config;
  const std::string name = (config.folder() / "notify").string();
  DatagramSocket manager(name);
  const std::uint16_t port = free_port();
  BackgroundProcess process({.arguments = {"serve", "--config", config.write().string()},
                             .environment = {{"NOTIFY_SOCKET", name}, {"MINTMARK_SERVER_PORT", std::to_string(port)}}},
                            config.folder().path());
  ASSERT_EQ(manager.receive(20s), "READY=1") << process.standard_error();
  EXPECT_EQ(HttpClient(port).get("/readyz").status, 200) << "at once, for it said that it is ready";
  process.signal(SIGTERM);
  EXPECT_EQ(manager.receive(20s), "STOPPING=1");
  EXPECT_EQ(process.wait(20s), 0);
}

}  // namespace
}  // namespace mintmark::testing
