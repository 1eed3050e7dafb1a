#include "mintmark/oauth/token_endpoint.hpp"

#include <algorithm>

namespace mintmark::oauth {
TokenEndpoint::TokenEndpoint(Directory& directory, const Policy& policy, const TokenIssuer& issuer,
                             std::vector<std::unique_ptr<Grant>> grants, const keys::PublishedKeyRing& ring,
                             const RecipientKeys& recipients, TokenEvents& events)
    : directory_(directory),
      policy_(policy),
      issuer_(issuer),
      grants_(std::move(grants)),
      ring_(ring),
      recipients_(recipients),
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
  const keys::Signer* signer = jose::is_symmetric(resource.alg) ? nullptr : ring.find_signer(resource.alg, now);
  if (signer != nullptr && signer->is_slow()) return true;
  if (!resource.encryption) return false;
  const std::optional<jose::EncryptionKey> recipient = recipients_.find(*resource.encryption);
  return recipient && recipient->is_slow();
}

TokenOutcome TokenEndpoint::handle(const TokenRequest& request, const RequestContext& context) const {
  std::optional<GrantType> reached;
  std::shared_ptr<const Client> client;
  const auto refuse = [&](OAuthError error) {
    events_.token_refused({error, reached, client.get()}, context);
    return TokenOutcome{std::move(error), client, reached};
  };

  const OAuthResult<PresentedClient> presented = read_presented_client(request);
  if (!presented) return refuse(presented.error());
  const std::shared_ptr<const Directory::View> known = directory_.view();
  Result<std::shared_ptr<const Client>> registered = directory_.find_client(presented->id, *known);
  if (!registered) return refuse(from_error(registered.error()));
  client = *std::move(registered);

  OAuthResult<void> authenticated = authenticate_client(*presented, client.get(), context.now);
  if (!authenticated) return refuse(authenticated.error());

  const Grant* grant = find_grant(request.grant_type);
  if (grant == nullptr) return refuse({OAuthCode::unsupported_grant_type, "the grant type is not supported"});
  reached = grant->type();
  const OAuthResult<void> allowed = policy_.admit_client(*client, grant->type());
  if (!allowed) return refuse(allowed.error());

  OAuthResult<Authorization> authorization = grant->authorize(request, client, context);
  if (!authorization) return refuse(authorization.error());
  OAuthResult<Admission> admission = policy_.admit(*std::move(authorization), request, known->resources);
  if (!admission) return refuse(admission.error());
  OAuthResult<TokenResponse> response = issuer_.issue(*admission, context);
  if (!response) return refuse(response.error());
  return TokenOutcome{*std::move(response), std::move(client), reached};
}

}  // namespace mintmark::oauth
