// A clock that jumps: what was signed stays good, what is new is good, and keys do not multiply.

#include <gtest/gtest.h>

#include "integration/mint_server.hpp"

namespace mintmark::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration kDay = hours(24);

std::size_t keys_in(MintServer& mint) {
  return mint.store().keys().load_keys().value().records.size();
}

/// A token of now that a resource server takes now, and that is not from the future.
void expect_a_good_token(MintServer& mint) {
  const HttpAnswer answer = mint.client_credentials();
  ASSERT_EQ(answer.status, 200) << answer.raw;
  const std::string token = answer.json().at("access_token");
  const auto verified = mint.verify(token);
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_LE(verified->claims().at("iat").get<std::int64_t>(), to_numeric_date(mint.clock.now()));
}

TEST(ClockJump, ForwardsByDaysKeysGoOnAndRotateOnce) {
  MintServer mint;
  const std::string session = mint.login().json().at("refresh_token");
  const std::size_t before = keys_in(mint);
  mint.clock.advance(40 * kDay);
  expect_a_good_token(mint);
  for (int i = 0; i < 20; ++i)
    mint.tick();
  expect_a_good_token(mint);
  EXPECT_LE(keys_in(mint), before + 1) << "one successor, published ahead in full";
  EXPECT_EQ(mint.refresh(session).error(), "invalid_grant") << "it has expired by this clock";
  EXPECT_EQ(mint.login().status, 200);
  EXPECT_EQ(mint.get("/readyz").status, 200);
}

TEST(ClockJump, BackwardsByDaysTokensAreOfNowAndKeysDoNotMultiply) {
  MintServer mint;
  const std::string session = mint.login().json().at("refresh_token");
  const std::size_t before = keys_in(mint);
  mint.clock.advance(-3 * kDay);
  for (int i = 0; i < 20; ++i)
    mint.tick();
  expect_a_good_token(mint);
  EXPECT_EQ(keys_in(mint), before);
  const HttpAnswer refreshed = mint.refresh(session);
  EXPECT_EQ(refreshed.status, 200) << refreshed.raw;
  EXPECT_EQ(mint.get("/readyz").status, 200);
  mint.clock.advance(3 * kDay);
  mint.tick();
  expect_a_good_token(mint);
}

TEST(ClockJump, FarAheadAndBackLeavesWhatWasSignedBeforeGood) {
  MintServer mint;
  const std::string token = mint.client_credentials().json().at("access_token");
  const std::size_t before = keys_in(mint);
  mint.clock.advance(3650 * kDay);
  for (int i = 0; i < 20; ++i)
    mint.tick();
  expect_a_good_token(mint);
  mint.clock.advance(-3650 * kDay);
  for (int i = 0; i < 20; ++i)
    mint.tick();
  expect_a_good_token(mint);
  EXPECT_TRUE(mint.verify(token));
  EXPECT_LE(keys_in(mint), before + 2);
  EXPECT_EQ(mint.login().status, 200);
}

}  // namespace
}  // namespace mintmark::testing
