#include "mintmark/oauth/client_gate.hpp"

namespace mintmark::oauth {

std::optional<PresentedCredential> credential_of(const PresentedClient& presented) {
  if (presented.method == ClientAuthMethod::none) return std::nullopt;
  return PresentedCredential{accounts::Credential::client_secret, presented.id.str()};
}

Identification ClientGate::identify(const ClientParameters& request, const Directory::View& view,
                                    const RequestContext& context) const {
  const OAuthResult<PresentedClient> presented = read_presented_client(request);
  if (!presented) return {nullptr, presented.error()};
  Result<std::shared_ptr<const Client>> registered = directory_.find_client(presented->id, view);
  if (!registered) return {nullptr, from_error(registered.error())};
  OAuthResult<ClientProof> proof = check(*presented, registered->get(), view.trusted_issuers, context);
  return {*std::move(registered), std::move(proof)};
}

/// Each presented secret or assertion is an attempt, whether there is such a client or not.
OAuthResult<ClientProof> ClientGate::check(const PresentedClient& presented, const Client* registered,
                                           const TrustedIssuerMap& trusted, const RequestContext& context) const {
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  const AssertionContext against{.trusted = trusted, .ring = *ring, .now = context.now};
  const std::optional<PresentedCredential> credential = credential_of(presented);
  if (!credential) {
    // Nobody guesses the key of a certificate.
    OAuthResult<ClientProof> proof = authenticate_client(presented, registered, assertions_, against);
    return proof && !registered->is_public() ? admit_rate(*std::move(proof), presented.id, context) : proof;
  }
  OAuthResult<accounts::AttemptGuard::Attempt> attempt = gatekeeper_.begin_attempt(*credential, context);
  if (!attempt) return attempt.error();
  OAuthResult<ClientProof> proof = authenticate_client(presented, registered, assertions_, against);
  settle(*attempt, proof ? nullptr : &proof.error());
  if (!proof) return proof;
  if (proof->secret != nullptr) secret_uses_.note(presented.id, *proof->secret, context.now);
  return admit_rate(*std::move(proof), presented.id, context);
}

OAuthResult<ClientProof> ClientGate::admit_rate(ClientProof proof, const ClientId& client,
                                                const RequestContext& context) const {
  if (OAuthResult<void> admitted = gatekeeper_.admit_client(client, context); !admitted) return admitted.error();
  return proof;
}

}  // namespace mintmark::oauth
