#pragma once
// Refresh tokens as text. A token names its family and generation and carries 256 secret bits; the successor's bits are
// an HMAC of its own under a key that never leaves the service, so a replay can be given the same successor although
// only a hash is stored (invariant 4). Thread safety: pure functions.

#include <cstdint>
#include <optional>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/keys/key_ring.hpp"

namespace mintmark::oauth {

class RefreshToken {
 public:
  /// The first of a new family.
  static RefreshToken generate();
  /// None for anything that we cannot have written.
  static std::optional<RefreshToken> parse(const Secret& text);

  [[nodiscard]] const FamilyId& family() const noexcept { return family_; }
  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  /// What the store holds: an HMAC of the whole token under the refresh key, so that a stolen database helps to guess
  /// nothing, and revoking that key ends every family.
  [[nodiscard]] Bytes hash(const keys::KeyRing& ring) const;
  [[nodiscard]] RefreshToken successor(const keys::KeyRing& ring) const;
  /// "mmr_" and 70 characters of base64url.
  [[nodiscard]] Secret text() const;

 private:
  RefreshToken(FamilyId family, std::uint32_t generation, Secret bits)
      : family_(std::move(family)), generation_(generation), bits_(std::move(bits)) {}
  [[nodiscard]] Secret encode() const;

  FamilyId family_;
  std::uint32_t generation_;
  Secret bits_;
};

}  // namespace mintmark::oauth
