#pragma once
// Access tokens that say nothing by themselves (a resource's format "opaque"): a random text, and what it stands for in
// the store, under a hash. Whoever is asked about one looks it up; ending it is forgetting it.
// Thread safety: values and pure functions; all functions of the port from any thread. Errors: unavailable, corrupt.

#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::oauth {

struct OpaqueToken {
  Bytes hash;                      ///< SHA-256 of the text, which has 256 random bits
  std::string claims;              ///< those of RFC 9068, as a JSON object
  std::optional<FamilyId> family;  ///< of the session, with which it ends; none without one
  Instant expires_at;

  bool operator==(const OpaqueToken&) const = default;
};

/// "mma_" and 43 characters of base64url.
std::string make_opaque_text();
/// Whether a text may be of make_opaque_text().
[[nodiscard]] bool looks_opaque(std::string_view text) noexcept;
Bytes hash_opaque_text(std::string_view text);

class OpaqueTokenRepository {
 public:
  virtual ~OpaqueTokenRepository() = default;

  /// On disk when it returns (invariant 8).
  virtual Result<void> insert_token(const OpaqueToken& token) = 0;
  /// None where there is none, or it has expired.
  virtual Result<std::optional<OpaqueToken>> find_token(ByteView hash, Instant now) = 0;
  /// On disk when it returns; no error if it is gone already.
  virtual Result<void> erase_token(ByteView hash) = 0;
};

}  // namespace mintmark::oauth
