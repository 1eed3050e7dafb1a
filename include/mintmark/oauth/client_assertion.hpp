#pragma once
// Clients that authenticate with a JWT (RFC 7521 §4.2, RFC 7523 §2.2): with one that they sign themselves
// (private_key_jwt and client_secret_jwt, OpenID Connect Core §9), or with one that an issuer which is trusted has
// given them. The latter's `iss` is not the client, which `client_id` names. Thread safety: verify() from any thread.

#include <atomic>
#include <string>
#include <vector>

#include "mintmark/keys/key_ring.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/foreign_token.hpp"
#include "mintmark/oauth/metadata.hpp"
#include "mintmark/oauth/oauth_error.hpp"
#include "mintmark/oauth/one_time_store.hpp"

namespace mintmark::oauth {

/// The one value of `client_assertion_type` (RFC 7523 §2.2).
inline constexpr std::string_view kJwtBearerAssertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What RFC 7523 asks clients to be addressed by, and what many of them say instead.
enum class AssertionAudience {
  issuer,
  issuer_or_endpoint,  ///< the URL of the token endpoint too
};

/// What assertions are checked against, of one moment.
struct AssertionContext {
  const TrustedIssuerMap& trusted;  ///< of the view that the client is of
  const keys::KeyRing& ring;        ///< that secrets are derived from
  Instant now;
};

/// What an authenticated client has shown.
struct ClientProof {
  std::vector<OneTimeValue> one_time;    ///< to be consumed, or it is none
  const ClientSecret* secret = nullptr;  ///< of the client, that it knows; null without one
};

class ClientAssertions {
 public:
  /// The most that an assertion of a client's own may have left: its `jti` is remembered for so long.
  static constexpr Duration kMaxLifetime = std::chrono::hours(1);

  /// Requires: `key_sets` outlives this object.
  ClientAssertions(const Issuer& issuer, AssertionAudience audience, VerificationKeySets& key_sets);

  void set_audience(AssertionAudience audience) noexcept { audience_.store(audience, std::memory_order_relaxed); }

  /// Of clients and trusted issuers.
  [[nodiscard]] VerificationKeySets& key_sets() const noexcept { return key_sets_; }

  /// What must be consumed for the proof to be one. Errors: invalid_client; temporarily_unavailable, where the keys are
  /// not known yet.
  [[nodiscard]] OAuthResult<ClientProof> verify(const ForeignToken& assertion, const Client& client,
                                                const AssertionContext& context) const;

 private:
  [[nodiscard]] Result<ClientProof> verify_own(const ForeignToken& assertion, const Client& client,
                                               const AssertionContext& context) const;
  [[nodiscard]] Result<ClientProof> verify_identity(const ForeignToken& assertion, const Client& client,
                                                    const AssertionContext& context) const;
  [[nodiscard]] Result<void> check_audience(const Json& claims) const;

  const std::vector<std::string> audiences_;  ///< the issuer, and its token endpoint
  std::atomic<AssertionAudience> audience_;
  VerificationKeySets& key_sets_;
};

}  // namespace mintmark::oauth
