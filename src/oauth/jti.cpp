#include "jti.hpp"

namespace mintmark::oauth {

Result<OneTimeValue> read_jti(const Json& claims, OneTimeKind kind, std::string issuer, Instant expires_at) {
  constexpr std::size_t kMaxBytes = 255;
  const std::optional<std::string> jti = find_string(claims, "jti");
  if (!jti || jti->empty() || jti->size() > kMaxBytes) return invalid("no \"jti\", or one that is too long");
  return make_one_time_value(kind, std::move(issuer), *jti, expires_at);
}

}  // namespace mintmark::oauth
