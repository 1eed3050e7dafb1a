#include "mintmark/keys/key_periods.hpp"

#include "key_world.hpp"

namespace mintmark::keys::testing {
namespace {

std::string refusal_of(const KeyPeriods& periods) {
  const Result<void> checked = check_periods(periods);
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
  return checked.error().detail;
}

void expect_refused(const KeyPeriods& periods, const std::string& period) {
  const std::string refusal = refusal_of(periods);
  EXPECT_EQ(refusal.substr(0, refusal.find(':')), period) << refusal;
}

TEST(KeyPeriods, DefaultsHold) {
  EXPECT_EQ(refusal_of({}), "");
  EXPECT_EQ(KeyPeriods{}.retention(), 24h + 1min);
}

TEST(KeyPeriods, RetentionFollowsTheLongestLifetime) {
  KeyPeriods periods;
  periods.longest_lifetime = 48h;
  periods.clock_skew = 2min;
  EXPECT_EQ(periods.retention(), 48h + 2min);
  periods.retain = 72h;
  EXPECT_EQ(periods.retention(), 72h);
  EXPECT_EQ(refusal_of(periods), "");
}

TEST(KeyPeriods, PublishAheadMustOutlastEveryCache) {
  KeyPeriods periods;
  periods.publish_ahead = 6min + 2s;  // jwks_max_age, clock_skew and kPropagation
  EXPECT_EQ(refusal_of(periods), "");
  periods.publish_ahead = 6min + 2s - 1ms;
  expect_refused(periods, "publish_ahead");
  periods.publish_ahead = 24h;
  periods.jwks_max_age = 24h;
  expect_refused(periods, "publish_ahead");
}

TEST(KeyPeriods, RetainMustOutlastEveryToken) {
  KeyPeriods periods;
  periods.retain = 24h + 1min;
  EXPECT_EQ(refusal_of(periods), "");
  periods.retain = 24h + 1min - 1ms;
  expect_refused(periods, "retain");
}

TEST(KeyPeriods, RotationMustBeSlowerThanPublication) {
  KeyPeriods periods;
  periods.rotate_every = 24h + 1ms;
  EXPECT_EQ(refusal_of(periods), "");
  periods.rotate_every = 24h;
  expect_refused(periods, "rotate_every");
}

TEST(KeyPeriods, NothingIsZeroNegativeOrEndless) {
  for (const Duration wrong : {Duration(0), Duration(-1), Duration(Duration::max())}) {
    KeyPeriods periods;
    periods.rotate_every = wrong;
    expect_refused(periods, "rotate_every");
    periods = {};
    periods.publish_ahead = wrong;
    expect_refused(periods, "publish_ahead");
    periods = {};
    periods.jwks_max_age = wrong;
    expect_refused(periods, "jwks_max_age");
    periods = {};
    periods.longest_lifetime = wrong;
    expect_refused(periods, "longest_lifetime");
    periods = {};
    periods.clock_skew = wrong;
    expect_refused(periods, "clock_skew");
    periods = {};
    periods.retain = wrong;
    expect_refused(periods, "retain");
  }
}

}  // namespace
}  // namespace mintmark::keys::testing
