#include "mintmark/keys/key_periods.hpp"

#include <array>
#include <string>

#include "mintmark/base/duration.hpp"

namespace mintmark::keys {
namespace {

/// Far beyond any use, and far from where adding two of them to an Instant overflows.
constexpr Duration kLongest = std::chrono::hours(24 * 3650);

struct Named {
  const std::string& name;
  Duration value;
};

Result<void> check_range(const Named& period) {
  if (period.value <= Duration::zero()) return invalid(period.name + ": must be longer than 0s");
  if (period.value > kLongest) return invalid(period.name + ": must be at most " + format_duration(kLongest));
  return {};
}

Result<void> require_at_least(const Named& period, Duration least, const std::string& why) {
  if (period.value >= least) return {};
  return invalid(period.name + ": is " + format_duration(period.value) + ", must be at least " +
                 format_duration(least) + ", " + why);
}

}  // namespace

Result<void> check_periods(const KeyPeriods& periods, const PeriodNames& names) {
  const Named rotate_every{names.rotate_every, periods.rotate_every};
  const Named publish_ahead{names.publish_ahead, periods.publish_ahead};
  const Named retain{names.retain, periods.retention()};
  // `retain` comes last: its default is a sum of two others.
  for (const Named& period : std::array{rotate_every, publish_ahead, Named{names.jwks_max_age, periods.jwks_max_age},
                                        Named{names.longest_lifetime, periods.longest_lifetime},
                                        Named{names.clock_skew, periods.clock_skew}}) {
    if (Result<void> range = check_range(period); !range) return range;
  }
  if (periods.retain) {
    if (Result<void> range = check_range(retain); !range) return range;
  }
  if (Result<void> ahead =
          require_at_least(publish_ahead, periods.longest_cached(),
                           names.jwks_max_age + ", " + names.clock_skew + " and " + format_duration(kPropagation) +
                               " for other replicas together, or a verifier may meet a key that its copy of the JWKS "
                               "lacks");
      !ahead) {
    return ahead;
  }
  if (Result<void> retained = require_at_least(
          retain, periods.longest_lifetime + periods.clock_skew,
          names.longest_lifetime + " and " + names.clock_skew + " together, or a good token may outlive its key");
      !retained) {
    return retained;
  }
  if (periods.rotate_every <= periods.publish_ahead) {
    return invalid(names.rotate_every + ": is " + format_duration(periods.rotate_every) + ", must be longer than " +
                   names.publish_ahead + ", " + format_duration(periods.publish_ahead));
  }
  return {};
}

}  // namespace mintmark::keys
