#pragma once
// The one primitive by which single-use values are consumed (invariant 2): one atomic statement, never find-then-save.
// Thread safety: from any thread. Errors: unavailable.

#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::oauth {

/// A value of one kind is never a value of another.
enum class OneTimeKind { authorization_code, client_assertion, dpop_proof };

std::string_view name(OneTimeKind kind) noexcept;

class OneTimeStore {
 public:
  virtual ~OneTimeStore() = default;

  /// True for the first caller, on disk when it returns; false for every later one until `expires_at`, when the row may
  /// go. `issuer` separates values of the same kind that different parties made up; `value_hash` is a SHA-256 of the
  /// value.
  virtual Result<bool> consume(OneTimeKind kind, std::string_view issuer, ByteView value_hash, Instant now,
                               Instant expires_at) = 0;
};

}  // namespace mintmark::oauth
