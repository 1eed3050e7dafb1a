#pragma once
// The times of a key's life, and the rules between them (invariant 3).
// Thread safety: values.

#include <optional>
#include <string>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::keys {

/// How long a replica may take to see what another one has stored: the service promises two seconds.
inline constexpr Duration kPropagation = std::chrono::seconds(2);

struct KeyPeriods {
  Duration rotate_every = std::chrono::hours(24 * 30);
  Duration publish_ahead = std::chrono::hours(24);     ///< in the JWKS before the first signature
  Duration jwks_max_age = std::chrono::minutes(5);     ///< how long a verifier may cache the JWKS
  Duration longest_lifetime = std::chrono::hours(24);  ///< of any token of any resource
  Duration clock_skew = std::chrono::minutes(1);       ///< between us and a verifier
  std::optional<Duration> retain;  ///< after the last signature; default longest_lifetime + clock_skew

  [[nodiscard]] Duration retention() const { return retain.value_or(longest_lifetime + clock_skew); }
  /// From a change of the key table until no verifier can hold a JWKS from before it, whichever replica it asked.
  [[nodiscard]] Duration longest_cached() const { return jwks_max_age + clock_skew + kPropagation; }
};

/// What whoever sets the periods calls them.
struct PeriodNames {
  std::string rotate_every = "rotate_every";
  std::string publish_ahead = "publish_ahead";
  std::string jwks_max_age = "jwks_max_age";
  std::string longest_lifetime = "longest_lifetime";
  std::string clock_skew = "clock_skew";
  std::string retain = "retain";
};

/// Errors: invalid, naming the period, where a verifier could meet an unknown key: publish_ahead below jwks_max_age +
/// clock_skew + kPropagation, retain below longest_lifetime + clock_skew, rotate_every not above publish_ahead,
/// anything not positive.
Result<void> check_periods(const KeyPeriods& periods, const PeriodNames& names = {});

}  // namespace mintmark::keys
