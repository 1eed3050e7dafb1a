#pragma once
// The one primitive by which single-use values are consumed (invariant 2): one atomic step, never find-then-save.
// Thread safety: from any thread. Errors: unavailable.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::oauth {

/// A value of one kind is never a value of another.
/// `revoked_token` is none that is used: an access token that has been ended, remembered until it expires.
enum class OneTimeKind { authorization_code, client_assertion, dpop_proof, assertion_grant, revoked_token };

std::string_view name(OneTimeKind kind) noexcept;

/// A value that may be used once, until it expires.
struct OneTimeValue {
  OneTimeKind kind;
  std::string issuer;  ///< separates values of the same kind that different parties made up
  Bytes hash;          ///< SHA-256 of the value
  Instant expires_at;  ///< when the row may go, for the value is good no more
};

OneTimeValue make_one_time_value(OneTimeKind kind, std::string issuer, std::string_view value, Instant expires_at);

class OneTimeStore {
 public:
  virtual ~OneTimeStore() = default;

  /// All of the values or none of them, on disk when it returns: none where all were unused, else the kind of the first
  /// that was not, and then the others are as they were. Requires: no value twice.
  virtual Result<std::optional<OneTimeKind>> consume(std::span<const OneTimeValue> values, Instant now) = 0;

  /// Whether the value is there: for a list of what has been ended. Never a question before consume(), which answers
  /// it.
  virtual Result<bool> contains(const OneTimeValue& value, Instant now) = 0;
};

}  // namespace mintmark::oauth
