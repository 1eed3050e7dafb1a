// Invariant 8: kill -9 at any moment loses nothing acknowledged and resurrects nothing revoked.

#include <gtest/gtest.h>
#include <signal.h>

#include <random>
#include <stdexcept>
#include <thread>

#include "integration/service_process.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

/// One session: refreshes as fast as it can until the service is gone, and remembers the last token that was
/// acknowledged.
struct Session {
  std::string token;
  int rotations = 0;

  void run(std::uint16_t port) {
    try {
      HttpClient client(port);
      for (;;) {
        const HttpAnswer answer = client.post_form(
            "/token", {{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", token}});
        if (answer.status != 200) {
          ADD_FAILURE() << answer.raw;
          return;
        }
        token = answer.json().at("refresh_token");
        ++rotations;
      }
    } catch (const std::runtime_error&) {
      // killed in the middle of an answer: what it said last is what counts
    } catch (const Json::exception&) {
    }
  }
};

HttpAnswer refresh_strictly(ServiceProcess& service, const std::string& token) {
  return service.token({{"grant_type", "refresh_token"}, {"client_id", "strict"}, {"refresh_token", token}});
}

TEST(Crash, Invariant8_KilledUnderRefreshLoadNothingAcknowledgedIsLost) {
  MintConfig config;
  Json strict = config.document["clients"][1];
  strict["client_id"] = "strict";
  strict["refresh"] = {{"grace", "0s"}};
  config.document["clients"].push_back(strict);
  std::vector<Session> sessions(4);
  std::string revoked;
  {
    ServiceProcess service(config);
    const HttpFields login{
        {"grant_type", "password"}, {"client_id", "app"}, {"username", "alice"}, {"password", kPassword}};
    for (Session& session : sessions)
      session.token = service.token(login).json().at("refresh_token");
    // A family that a reuse has revoked: of a client without a grace, so that there is none to wait for.
    const std::string used =
        service
            .token(
                {{"grant_type", "password"}, {"client_id", "strict"}, {"username", "alice"}, {"password", kPassword}})
            .json()
            .at("refresh_token");
    revoked = refresh_strictly(service, used).json().at("refresh_token");
    EXPECT_EQ(refresh_strictly(service, used).error(), "invalid_grant");
  }
  std::mt19937 random(7);  // NOLINT(cert-msc51-cpp): the same moments in every run
  int rotations = 0;
  for (int round = 0; round < 8; ++round) {
    ServiceProcess service(config);
    EXPECT_EQ(refresh_strictly(service, revoked).error(), "invalid_grant");
    {
      std::vector<std::jthread> threads;
      for (Session& session : sessions)
        threads.emplace_back([&] { session.run(service.port()); });
      std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 150));  // when to strike
      service.process().signal(SIGKILL);
    }
    service.process().wait(std::chrono::seconds(10));
  }
  ServiceProcess service(config);
  for (Session& session : sessions) {
    const HttpAnswer answer =
        service.token({{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", session.token}});
    EXPECT_EQ(answer.status, 200) << answer.raw;
    rotations += session.rotations;
  }
  EXPECT_GT(rotations, 100 / patience()) << "it was under load";
}

}  // namespace
}  // namespace mintmark::testing
