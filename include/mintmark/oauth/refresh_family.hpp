#pragma once
// Refresh families: one row per family, not per token, so that the table grows with sessions and not with time.
// Thread safety: all functions of the port from any thread. Errors: conflict, unavailable, corrupt.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::oauth {

struct RefreshFamily {
  FamilyId id;
  ClientId client;
  UserId user;
  std::vector<std::string> scopes;    ///< as granted; a refresh may narrow, never widen
  std::vector<ResourceId> resources;  ///< likewise
  Instant authenticated_at;           ///< when the user proved who he is
  Instant user_valid_from;            ///< User::sessions_valid_from as it was read for that
  Instant client_valid_from;          ///< Client::sessions_valid_from likewise
  Instant created_at;
  Instant absolute_expires_at;
  Instant idle_expires_at;                 ///< moves with each rotation
  std::uint32_t generation = 0;            ///< how often it rotated
  Bytes token_hash;                        ///< of the one token that is good now, see RefreshToken::hash()
  Instant rotated_at;                      ///< when it became so
  std::vector<Instant> earlier_rotations;  ///< when those before it became so, the latest first; as far as they matter
  std::optional<Instant> revoked_at;
  std::optional<std::string> jkt;  ///< of the key without which none of its tokens is good (RFC 9449 §5)
  std::optional<std::string> x5t;  ///< of the certificate likewise (RFC 8705 §4)

  bool operator==(const RefreshFamily&) const = default;
};

/// One rotation: `expected_*` is what the caller has seen.
struct RefreshRotation {
  FamilyId family;
  std::uint32_t expected_generation;
  Bytes expected_hash;
  Bytes next_hash;
  Instant now;
  Instant idle_expires_at;
  std::vector<Instant> earlier_rotations;
};

class RefreshFamilyRepository {
 public:
  virtual ~RefreshFamilyRepository() = default;

  /// On disk when it returns (invariant 8).
  virtual Result<void> insert_family(const RefreshFamily& family) = 0;
  virtual Result<std::optional<RefreshFamily>> find_family(const FamilyId& id) = 0;
  /// Atomic, one statement, on disk when it returns: generation, hash and times move on if generation and hash are the
  /// expected ones and the family is not revoked. False if they are not: somebody else was first.
  virtual Result<bool> rotate_family(const RefreshRotation& rotation) = 0;
  /// On disk when it returns; no error if it is revoked or gone already.
  virtual Result<void> revoke_family(const FamilyId& id, Instant now) = 0;
  /// All families of a user: a changed password, a deleted user. Returns how many.
  virtual Result<std::size_t> revoke_families_of(const UserId& user, Instant now) = 0;
};

}  // namespace mintmark::oauth
