#pragma once
// Refresh tokens as text. A token names its family and generation and carries the 256 secret bits of its family and a
// MAC of it all under a key that never leaves the service. So a token shows by itself that it is ours, however long ago
// it was used; a replay can be given the same successor although only a hash is stored (invariant 4); and whoever has
// one token cannot make the next. Thread safety: pure functions.

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
  static RefreshToken generate(const keys::KeyRing& ring);
  /// None for anything that we cannot have written; is_genuine() says whether we have.
  static std::optional<RefreshToken> parse(const Secret& text);

  [[nodiscard]] const FamilyId& family() const noexcept { return family_; }
  [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
  [[nodiscard]] bool is_genuine(const keys::KeyRing& ring) const;
  /// What the store holds: an HMAC of the whole token under the refresh key, so that a stolen database helps to guess
  /// nothing, and revoking that key ends every family.
  [[nodiscard]] Bytes hash(const keys::KeyRing& ring) const;
  /// The token of the same family in another generation, if this one is genuine.
  [[nodiscard]] RefreshToken at(std::uint32_t generation, const keys::KeyRing& ring) const;
  [[nodiscard]] RefreshToken successor(const keys::KeyRing& ring) const { return at(generation_ + 1, ring); }
  /// "mmr_" and 112 characters of base64url.
  [[nodiscard]] Secret text() const;

 private:
  RefreshToken(FamilyId family, std::uint32_t generation, Secret seed, Secret mac)
      : family_(std::move(family)), generation_(generation), seed_(std::move(seed)), mac_(std::move(mac)) {}
  /// Everything before the MAC.
  [[nodiscard]] Secret content() const;
  [[nodiscard]] Secret encode() const;

  FamilyId family_;
  std::uint32_t generation_;
  Secret seed_;
  Secret mac_;
};

}  // namespace mintmark::oauth
