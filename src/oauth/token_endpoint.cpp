#include "mintmark/oauth/token_endpoint.hpp"

#include <algorithm>
#include <iterator>

namespace mintmark::oauth {
TokenEndpoint::TokenEndpoint(Directory& directory, const Policy& policy, const TokenIssuer& issuer,
                             std::vector<std::unique_ptr<Grant>> grants, const keys::PublishedKeyRing& ring,
                             const RecipientKeys& recipients, const ClientGate& gate, const Dpop& dpop,
                             const Gatekeeper& gatekeeper, TokenEvents& events)
    : directory_(directory),
      policy_(policy),
      issuer_(issuer),
      grants_(std::move(grants)),
      ring_(ring),
      recipients_(recipients),
      gate_(gate),
      dpop_(dpop),
      gatekeeper_(gatekeeper),
      events_(events) {}

const Grant* TokenEndpoint::find_grant(std::string_view grant_type) const {
  const auto found =
      std::ranges::find_if(grants_, [&](const auto& grant) { return name(grant->type()) == grant_type; });
  return found == grants_.end() ? nullptr : found->get();
}

std::vector<GrantType> TokenEndpoint::grant_types() const {
  std::vector<GrantType> types;
  for (const auto& grant : grants_)
    types.push_back(grant->type());
  return types;
}

Work TokenEndpoint::work_for(const TokenRequest& request, Instant now) const {
  const OAuthResult<PresentedClient> presented = read_presented_client(request);
  if (!presented) return Work::immediate;
  const Grant* grant = find_grant(request.grant_type);
  const Work work = grant == nullptr ? Work::immediate : grant->work();
  if (work != Work::immediate) return work;
  if (presented->assertion || request.dpop) return Work::storage;  // a `jti` is consumed

  const std::shared_ptr<const Directory::View> known = directory_.view();
  const std::shared_ptr<const Client> client = directory_.find_cached_client(presented->id, *known);
  if (!client) return Work::storage;
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  const std::vector<ResourceId>& targets = request.resources.empty() ? client->resources : request.resources;
  for (const ResourceId& id : targets) {
    const auto resource = known->resources.find(id);
    if (resource != known->resources.end() && is_slow(*resource->second, *ring, now)) return Work::storage;
  }
  return Work::immediate;
}

/// Whether a token for the resource takes longer than a network thread should be kept from its other connections.
bool TokenEndpoint::is_slow(const Resource& resource, const keys::KeyRing& ring, Instant now) const {
  if (resource.format == TokenFormat::opaque) return true;  // the store
  const keys::Signer* signer = jose::is_symmetric(resource.alg) ? nullptr : ring.find_signer(resource.alg, now);
  if (signer != nullptr && signer->is_slow()) return true;
  if (!resource.encryption) return false;
  const std::optional<jose::EncryptionKey> recipient = recipients_.find(*resource.encryption);
  return recipient && recipient->is_slow();
}

OAuthResult<void> TokenEndpoint::admit_source(const RequestContext& context) const {
  OAuthResult<void> admitted = gatekeeper_.admit_source(context);
  if (!admitted) events_.token_refused({admitted.error(), std::nullopt, nullptr}, context);
  return admitted;
}

std::optional<TokenOutcome> TokenEndpoint::refuse_early(const TokenRequest& request,
                                                        const RequestContext& context) const {
  const OAuthResult<PresentedClient> presented = read_presented_client(request);
  if (!presented) return std::nullopt;
  const Grant* grant = find_grant(request.grant_type);
  for (const auto& credential :
       {credential_of(*presented), grant == nullptr ? std::nullopt : grant->credential(request)}) {
    if (!credential) continue;
    OAuthResult<void> checked = gatekeeper_.check_attempt(*credential, context);
    if (!checked) return refuse_unproven(checked.error(), request, context);
  }
  return std::nullopt;
}

TokenOutcome TokenEndpoint::refuse_overload(const TokenRequest& request, Duration retry_after,
                                            const RequestContext& context) const {
  return refuse_unproven({OAuthCode::temporarily_unavailable, "too many logins at once", retry_after, std::nullopt,
                          RefusalReason::overload},
                         request, context);
}

TokenOutcome TokenEndpoint::refuse_unproven(OAuthError error, const TokenRequest& request,
                                            const RequestContext& context) const {
  const OAuthResult<PresentedClient> presented = read_presented_client(request);
  std::shared_ptr<const Client> client = presented ? directory_.find_cached_client(presented->id) : nullptr;
  const Grant* grant = find_grant(request.grant_type);
  const std::optional<GrantType> type = grant == nullptr ? std::nullopt : std::optional(grant->type());
  events_.token_refused({error, type, client.get()}, context);
  return {std::move(error), std::move(client), type};
}

/// The one caller of Grant::authorize.
OAuthResult<Authorization> TokenEndpoint::authorize(const Grant& grant, const TokenRequest& request,
                                                    const std::shared_ptr<const Client>& client,
                                                    const RequestContext& context) const {
  const std::optional<PresentedCredential> credential = grant.credential(request);
  if (!credential) return grant.authorize(request, client, context);
  OAuthResult<accounts::AttemptGuard::Attempt> attempt = gatekeeper_.begin_attempt(*credential, context);
  if (!attempt) return attempt.error();
  OAuthResult<Authorization> authorization = grant.authorize(request, client, context);
  settle(*attempt, authorization ? nullptr : &authorization.error());
  return authorization;
}

TokenOutcome TokenEndpoint::handle(const TokenRequest& request, const RequestContext& context) const {
  std::optional<GrantType> reached;
  std::shared_ptr<const Client> client;
  const std::optional<std::string> nonce = request.dpop ? dpop_.next_nonce(context.now) : std::nullopt;
  const auto refuse = [&](OAuthError error) {
    events_.token_refused({error, reached, client.get()}, context);
    return TokenOutcome{std::move(error), client, reached, nonce};
  };

  const std::shared_ptr<const Directory::View> known = directory_.view();
  Identification asker = gate_.identify(request, *known, context);
  client = std::move(asker.client);
  OAuthResult<ClientProof>& proof = asker.proof;
  if (!proof) return refuse(proof.error());

  const Grant* grant = find_grant(request.grant_type);
  if (grant == nullptr) return refuse({OAuthCode::unsupported_grant_type, "the grant type is not supported"});
  reached = grant->type();
  const OAuthResult<void> allowed = policy_.admit_client(*client, grant->type());
  if (!allowed) return refuse(allowed.error());

  std::optional<DpopProof> possession;
  if (request.dpop) {
    OAuthResult<DpopProof> verified = dpop_.verify(*request.dpop, context.now);
    if (!verified) return refuse(verified.error());
    possession = *std::move(verified);
  }

  OAuthResult<Authorization> authorization = authorize(*grant, request, client, context);
  if (!authorization) return refuse(authorization.error());
  std::ranges::move(proof->one_time, std::back_inserter(authorization->one_time));
  if (request.certificate && is_good_at(*request.certificate, context.now))
    authorization->x5t = thumbprint(*request.certificate);
  if (possession) {
    authorization->jkt = std::move(possession->jkt);
    authorization->one_time.push_back(std::move(possession->value));
  }
  OAuthResult<Admission> admission = policy_.admit(*std::move(authorization), request, known->resources);
  if (!admission) return refuse(admission.error());
  OAuthResult<TokenResponse> response = issuer_.issue(*admission, context);
  if (!response) return refuse(response.error());
  return TokenOutcome{*std::move(response), std::move(client), reached, nonce};
}

}  // namespace mintmark::oauth
