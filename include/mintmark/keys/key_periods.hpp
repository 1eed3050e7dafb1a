#pragma once
// The times of a key's life, and the rules between them (invariant 3).
// Thread safety: values.

#include <optional>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::keys {

struct KeyPeriods {
  Duration rotate_every = std::chrono::hours(24 * 30);
  Duration publish_ahead = std::chrono::hours(24);     ///< in the JWKS before the first signature
  Duration jwks_max_age = std::chrono::minutes(5);     ///< how long a verifier may cache the JWKS
  Duration longest_lifetime = std::chrono::hours(24);  ///< of any token of any resource
  Duration clock_skew = std::chrono::minutes(1);       ///< between us and a verifier
  std::optional<Duration> retain;  ///< after the last signature; default longest_lifetime + clock_skew

  [[nodiscard]] Duration retention() const { return retain.value_or(longest_lifetime + clock_skew); }
};

/// Errors: invalid, naming the period, where a verifier could meet an unknown key: publish_ahead below jwks_max_age +
/// clock_skew, retain below longest_lifetime + clock_skew, rotate_every not above publish_ahead, anything not positive.
Result<void> check_periods(const KeyPeriods& periods);

}  // namespace mintmark::keys
