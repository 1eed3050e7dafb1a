#pragma once
// Who asks, and whether he has proven it: what every endpoint does with a request before anything else (RFC 6749 §2.3).
// Thread safety: all functions from any thread.

#include <memory>
#include <optional>

#include "mintmark/oauth/client_auth.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/gatekeeper.hpp"
#include "mintmark/oauth/secret_uses.hpp"

namespace mintmark::oauth {

/// What a client presents to prove itself, as the guard counts it; none for one that proves nothing.
std::optional<PresentedCredential> credential_of(const PresentedClient& presented);

struct Identification {
  std::shared_ptr<const Client> client;  ///< that the request names, proven or not; null if there is none
  OAuthResult<ClientProof> proof;
};

class ClientGate {
 public:
  /// Requires: the references outlive the gate.
  ClientGate(Directory& directory, const keys::PublishedKeyRing& ring, const ClientAssertions& assertions,
             SecretUses& secret_uses, const Gatekeeper& gatekeeper)
      : directory_(directory),
        ring_(ring),
        assertions_(assertions),
        secret_uses_(secret_uses),
        gatekeeper_(gatekeeper) {}

  /// May read the store. Whether the client is disabled is for Policy to say. Errors: invalid_request, invalid_client,
  /// slow_down, temporarily_unavailable, server_error.
  [[nodiscard]] Identification identify(const ClientParameters& request, const Directory::View& view,
                                        const RequestContext& context) const;

 private:
  [[nodiscard]] OAuthResult<ClientProof> check(const PresentedClient& presented, const Client* registered,
                                               const TrustedIssuerMap& trusted, const RequestContext& context) const;
  /// Of a client that has proven to be it.
  [[nodiscard]] OAuthResult<ClientProof> admit_rate(ClientProof proof, const ClientId& client,
                                                    const RequestContext& context) const;

  Directory& directory_;
  const keys::PublishedKeyRing& ring_;
  const ClientAssertions& assertions_;
  SecretUses& secret_uses_;
  const Gatekeeper& gatekeeper_;
};

}  // namespace mintmark::oauth
