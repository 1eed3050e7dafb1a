// Invariants 4 and 8 through real sockets.

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "integration/mint_server.hpp"

namespace mintmark::testing {
namespace {

TEST(RefreshOverSockets, TwoHundredConcurrentUsesOfOneTokenGetOneSuccessor) {
  MintServer mint([](Json& config) { config["storage"]["queue"] = 1000; });
  const std::string token = mint.login().json().at("refresh_token");
  constexpr int kUses = 200;
  std::vector<HttpAnswer> answers(kUses);
  std::atomic<int> connected{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kUses; ++i) {
      threads.emplace_back([&, i] {
        HttpClient client(mint.port());
        connected.fetch_add(1);
        while (connected.load() < kUses)
          std::this_thread::yield();
        answers[static_cast<std::size_t>(i)] = client.post_form(
            "/token", {{"grant_type", "refresh_token"}, {"client_id", "app"}, {"refresh_token", token}});
      });
    }
  }
  std::set<std::string> successors;
  for (const HttpAnswer& answer : answers) {
    ASSERT_EQ(answer.status, 200) << answer.raw;
    successors.insert(answer.json().at("refresh_token"));
  }
  EXPECT_EQ(successors.size(), 1u);
  EXPECT_EQ(mint.refresh(*successors.begin()).status, 200) << "and the family goes on";
}

TEST(RefreshOverSockets, ReuseAfterTheGraceEndsTheFamilyAndOnlyIt) {
  MintServer mint;
  const std::string first = mint.login().json().at("refresh_token");
  const std::string other = mint.login().json().at("refresh_token");
  const std::string second = mint.refresh(first).json().at("refresh_token");
  mint.clock.advance(std::chrono::seconds(11));
  EXPECT_EQ(mint.refresh(first).error(), "invalid_grant");
  EXPECT_EQ(mint.refresh(second).error(), "invalid_grant");
  EXPECT_EQ(mint.refresh(other).status, 200);
}

}  // namespace
}  // namespace mintmark::testing
