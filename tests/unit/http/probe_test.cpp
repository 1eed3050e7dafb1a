// A health check's one request.

#include "mintmark/http/probe.hpp"

#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

using namespace std::chrono_literals;

std::string problem(const ProbeAddress& at, std::string_view target, Duration deadline = 10s) {
  const Result<void> answered = probe(at, target, deadline);
  return answered ? "" : answered.error().detail;
}

TEST(Probe, FindsAServiceThatLives) {
  TestServer server;
  EXPECT_EQ(problem({"127.0.0.1", server.port()}, "/healthz"), "");
  EXPECT_EQ(problem({"127.0.0.1", server.port()}, "/readyz"), "");
}

TEST(Probe, ReachesWhoListensOnAllAddresses) {
  TestServer server({.address = "::"});
  EXPECT_EQ(problem({"::", server.port()}, "/healthz"), "");
  EXPECT_EQ(problem({"0.0.0.0", server.port()}, "/healthz"), "");
}

TEST(Probe, TellsWhatTheAnswerIs) {
  TestServer server({}, {.readiness = []() -> Result<void> { return unavailable("the store is gone"); }});
  EXPECT_EQ(problem({"127.0.0.1", server.port()}, "/readyz"),
            "http://127.0.0.1:" + std::to_string(server.port()) + "/readyz: the answer has status 503, not 200");
}

TEST(Probe, TellsThatNobodyListens) {
  std::uint16_t port = 0;
  {
    const TestServer gone;
    port = gone.port();
  }
  EXPECT_EQ(problem({"127.0.0.1", port}, "/healthz"),
            "http://127.0.0.1:" + std::to_string(port) + "/healthz: Connection refused");
}

TEST(Probe, DoesNotWaitForever) {
  Gate gate;
  TestServer server({}, {.readiness = [&gate] {
                      gate.pass();
                      return Result<void>();
                    }});
  EXPECT_TRUE(problem({"127.0.0.1", server.port()}, "/readyz", 50ms).ends_with("/readyz: no answer in time"));
  gate.open();
}

TEST(Probe, TakesAddressesAlone) {
  EXPECT_EQ(problem({"localhost", 1}, "/healthz"), "localhost: expected an IPv4 or IPv6 address");
}

}  // namespace
}  // namespace mintmark::http::testing
