#pragma once
// DPoP (RFC 9449) at the token endpoint: a client proves with each request that it has a key, and its tokens are good
// with that key alone.
// Thread safety: all functions from any thread.

#include <atomic>
#include <string>
#include <string_view>

#include "mintmark/jose/possession.hpp"
#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/metadata.hpp"
#include "mintmark/oauth/oauth_error.hpp"
#include "mintmark/oauth/one_time_store.hpp"

namespace mintmark::oauth {

/// Nonces (RFC 9449 §8) that need no memory: a MAC of the time under a key that comes from the refresh key, so that
/// every replica on one store knows those of all. Each is good for five minutes at least, and ten at most.
class DpopNonces {
 public:
  static constexpr Duration kWindow = std::chrono::minutes(5);

  /// Requires: `ring` outlives this object.
  explicit DpopNonces(const keys::PublishedKeyRing& ring) noexcept : ring_(ring) {}

  [[nodiscard]] std::string current(Instant now) const;
  [[nodiscard]] bool is_good(std::string_view nonce, Instant now) const;

 private:
  [[nodiscard]] std::string make(std::int64_t window) const;

  const keys::PublishedKeyRing& ring_;
};

struct DpopProof {
  std::string jkt;  ///< thumbprint of the key
  OneTimeValue value;
};

class Dpop {
 public:
  static constexpr std::size_t kMaxProofBytes = 8192;

  /// Requires: `ring` outlives this object.
  Dpop(const Issuer& issuer, const keys::PublishedKeyRing& ring, bool requires_nonce);

  void require_nonce(bool required) noexcept { requires_nonce_.store(required, std::memory_order_relaxed); }
  /// For the next proof; none where nonces are not required.
  [[nodiscard]] std::optional<std::string> next_nonce(Instant now) const;

  /// RFC 9449 §4.3, for a POST to the token endpoint; `iat` may be 60 s old and 10 s ahead, and with a nonce five
  /// minutes either way. Errors: invalid_dpop_proof, use_dpop_nonce.
  [[nodiscard]] OAuthResult<DpopProof> verify(std::string_view proof, Instant now) const;

 private:
  /// Signature, `typ`, `htm` and `htu`.
  [[nodiscard]] Result<jose::PossessionProof> check_binding(std::string_view proof) const;

  const std::string target_;  ///< `htu`, normalised
  const DpopNonces nonces_;
  std::atomic<bool> requires_nonce_;
};

}  // namespace mintmark::oauth
