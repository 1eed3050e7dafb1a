#include "mintmark/oauth/followed_key_sets.hpp"

namespace mintmark::oauth {

Duration time_to_refresh(const std::optional<Duration>& max_age) noexcept {
  constexpr Duration kAssumedMaxAge = std::chrono::hours(1);
  constexpr Duration kLeastMaxAge = std::chrono::minutes(1);
  constexpr Duration kMostMaxAge = std::chrono::hours(24);
  return std::clamp(max_age.value_or(kAssumedMaxAge), kLeastMaxAge, kMostMaxAge) * 3 / 4;
}

}  // namespace mintmark::oauth
