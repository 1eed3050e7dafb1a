#include "mintmark/oauth/policy.hpp"

#include <algorithm>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::oauth {
namespace {

using Resources = std::vector<std::shared_ptr<const Resource>>;

/// The client is told less than the log: which resources and scopes there are is not for everybody to know.
OAuthError invalid_target(ClientText why, std::string cause) {
  return {OAuthCode::invalid_target, why, std::nullopt, invalid(std::move(cause))};
}
OAuthError invalid_scope(ClientText why, std::string cause) {
  return {OAuthCode::invalid_scope, why, std::nullopt, invalid(std::move(cause))};
}

OAuthResult<void> admit_user(const Authorization& authorization) {
  if (authorization.user && authorization.user->disabled) return refuse_grant("the user is disabled");
  return {};
}

/// Begun too early, or by a login that was under way meanwhile: that one may be later by the clock, but what it read is
/// from before.
bool is_ended(Instant began, Instant read_valid_from, Instant valid_from) {
  return began <= valid_from || read_valid_from < valid_from;
}

/// What began before a password was changed, or before the client of that name existed, does not go on.
OAuthResult<void> admit_family(const Authorization& authorization) {
  if (!authorization.refresh) return {};
  const RefreshFamily& family = authorization.refresh->family;
  const Instant began = family.authenticated_at;
  const bool ended =
      is_ended(began, family.client_valid_from, authorization.client->sessions_valid_from) ||
      (authorization.user && is_ended(began, family.user_valid_from, authorization.user->sessions_valid_from));
  if (ended) return refuse_grant("the session has been ended");
  return {};
}

/// RFC 9449 §5: who must show a key has shown one, and what is bound to a key goes on with that one alone.
OAuthResult<void> admit_key(const Authorization& authorization, const Resources& resources) {
  const std::optional<std::string>& key =
      authorization.refresh ? authorization.refresh->family.jkt : authorization.bound_to;
  const bool is_bound = key.has_value();
  const bool is_required =
      is_bound || authorization.client->dpop_bound_access_tokens ||
      std::ranges::any_of(resources, [](const auto& resource) { return resource->dpop_bound_access_tokens; });
  if (is_required && !authorization.jkt) return OAuthError{OAuthCode::invalid_dpop_proof, "a DPoP proof is required"};
  if (is_bound && authorization.jkt != key) return refuse_grant("bound to another key");
  return {};
}

/// RFC 8705 §3, §4: likewise with certificates. A token is bound to one where the client or a resource wants that.
OAuthResult<void> admit_certificate(Authorization& authorization, const Resources& resources) {
  const std::optional<std::string>& certificate =
      authorization.refresh ? authorization.refresh->family.x5t : authorization.bound_to_certificate;
  const bool is_bound = certificate.has_value();
  const bool is_wanted =
      is_bound || authorization.client->tls_client_certificate_bound_access_tokens ||
      std::ranges::any_of(resources, [](const auto& it) { return it->tls_client_certificate_bound_access_tokens; });
  if (!is_wanted) {
    authorization.x5t.reset();
    return {};
  }
  if (!authorization.x5t) return OAuthError{OAuthCode::invalid_request, "a client certificate is required (RFC 8705)"};
  if (is_bound && authorization.x5t != certificate) return refuse_grant("bound to another certificate");
  return {};
}

/// Why there is no token for the resource; none where there may be. The client's resources may be asked for, and of
/// these only those that the grant gives, or that the family of a refresh was granted. An id that nobody knows may be
/// anything, also a secret in the wrong place, so it is not repeated.
std::optional<std::string> find_obstacle(const Authorization& authorization, const ResourceId& id,
                                         const Resource* resource) {
  if (resource == nullptr) return "there is no such resource";
  if (resource->disabled) return id.str() + ": is disabled";
  if (!contains(authorization.client->resources, id)) return id.str() + ": not among the resources of the client";
  if (authorization.targets && !contains(*authorization.targets, id)) return id.str() + ": not given by the grant";
  if (authorization.refresh && !contains(authorization.refresh->family.resources, id)) {
    return id.str() + ": not among the resources of the session";
  }
  return std::nullopt;
}

/// RFC 8707 §2: the resources named; else those of the family; else the client's only one.
OAuthResult<std::vector<ResourceId>> choose_targets(const Authorization& authorization, const TokenRequest& request) {
  if (!request.resources.empty()) return request.resources;
  if (authorization.refresh) return authorization.refresh->family.resources;
  if (authorization.client->resources.size() == 1) return authorization.client->resources;
  return invalid_target("the client has several resources: name one with the parameter resource",
                        "none is named, and the client has not exactly one");
}

/// One token has one profile; HS* secrets are never shared between resources, and what is encrypted has one recipient.
bool share_profile(const Resource& a, const Resource& b) {
  return a.format == b.format && a.alg == b.alg && !jose::is_symmetric(a.alg) && a.typ == b.typ &&
         a.claims == b.claims && !a.encryption && !b.encryption;
}

OAuthResult<Resources> admit_resources(const Authorization& authorization, const TokenRequest& request,
                                       const Directory::ResourceMap& known) {
  OAuthResult<std::vector<ResourceId>> targets = choose_targets(authorization, request);
  if (!targets) return targets.error();
  Resources resources;
  for (const ResourceId& id : *targets) {
    const auto found = known.find(id);
    std::shared_ptr<const Resource> resource = found == known.end() ? nullptr : found->second;
    // One text for all three: which resources exist is not for a client that may not use them to know.
    if (std::optional<std::string> obstacle = find_obstacle(authorization, id, resource.get())) {
      return invalid_target("the resource is unknown, or not for this client or grant", *std::move(obstacle));
    }
    if (std::ranges::any_of(resources, [&](const auto& other) { return other->id == id; })) continue;
    if (!resources.empty() && !share_profile(*resources.front(), *resource)) {
      return invalid_target("these resources cannot share one token: ask for one at a time",
                            "they differ in algorithm, type or claims, or one has secrets or encryption of its own");
    }
    resources.push_back(std::move(resource));
  }
  if (resources.empty()) return invalid_target("the grant names no resource", "the session has none");
  return resources;
}

/// Whether what the grant proved is good for the scope.
bool gives(const Authorization& authorization, const std::string& scope) {
  if (authorization.scopes && !contains(*authorization.scopes, scope)) return false;
  return !authorization.refresh || contains(authorization.refresh->family.scopes, scope);
}

/// What this client may have at these resources, in the client's order.
std::vector<std::string> available_scopes(const Authorization& authorization, const Resources& resources) {
  std::vector<std::string> available;
  for (const std::string& scope : authorization.client->scopes) {
    const bool offered = std::ranges::any_of(resources, [&](const auto& it) { return contains(it->scopes, scope); });
    if (offered && gives(authorization, scope)) available.push_back(scope);
  }
  return available;
}

/// Why a scope is not available. Likewise only what is registered is repeated.
std::string obstacle_of(const Authorization& authorization, const Resources& resources, const std::string& scope) {
  const bool offered = std::ranges::any_of(resources, [&](const auto& it) { return contains(it->scopes, scope); });
  const bool registered = contains(authorization.client->scopes, scope);
  if (!offered && !registered) return "a scope that neither the client nor the resource has";
  if (!registered) return scope + ": not among the scopes of the client";
  if (!offered) return scope + ": not among the scopes of the resource";
  return scope + ": not given by the grant";
}

/// RFC 6749 §3.3: space-separated; each one asked for must be available, and all that is available is the default.
OAuthResult<std::vector<std::string>> admit_scopes(const Authorization& authorization, const TokenRequest& request,
                                                   const Resources& resources) {
  std::vector<std::string> available = available_scopes(authorization, resources);
  if (!request.scope) return available;
  std::vector<std::string> scopes;
  for (const std::string_view token : split(*request.scope, ' ')) {
    std::string scope(token);
    if (!is_scope_token(scope)) return invalid_scope("scope is malformed (RFC 6749 section 3.3)", "not a scope token");
    if (!contains(available, scope)) {
      return invalid_scope("a scope is unknown, or not for this client, resource or grant",
                           obstacle_of(authorization, resources, scope));
    }
    if (!contains(scopes, scope)) scopes.push_back(std::move(scope));
  }
  return scopes;
}

}  // namespace

OAuthResult<void> Policy::admit_client(const Client& client) const {
  if (client.disabled) return OAuthError{OAuthCode::unauthorized_client, "the client is disabled"};
  return {};
}

OAuthResult<void> Policy::admit_client(const Client& client, GrantType grant) const {
  if (OAuthResult<void> admitted = admit_client(client); !admitted) return admitted;
  if (!client.may_use(grant)) return OAuthError{OAuthCode::unauthorized_client, "the client may not use this grant"};
  return {};
}

OAuthResult<void> Policy::admit_session(const Authorization& authorization) const {
  if (OAuthResult<void> admitted = admit_user(authorization); !admitted) return admitted;
  return admit_family(authorization);
}

OAuthResult<Admission> Policy::admit(Authorization authorization, const TokenRequest& request,
                                     const Directory::ResourceMap& known) const {
  if (OAuthResult<void> admitted = admit_session(authorization); !admitted) return admitted.error();
  OAuthResult<Resources> resources = admit_resources(authorization, request, known);
  if (!resources) return resources.error();
  if (authorization.issued_token_type == IssuedTokenType::jwt && resources->front()->format == TokenFormat::opaque) {
    return invalid_target("the resource has no JWTs", resources->front()->id.str() + ": has opaque tokens");
  }
  if (OAuthResult<void> admitted = admit_key(authorization, *resources); !admitted) return admitted.error();
  if (OAuthResult<void> admitted = admit_certificate(authorization, *resources); !admitted) return admitted.error();
  OAuthResult<std::vector<std::string>> scopes = admit_scopes(authorization, request, *resources);
  if (!scopes) return scopes.error();

  Admission admission;
  admission.lifetime_ = longest_lifetime_.load(std::memory_order_relaxed);
  for (const auto& resource : *resources)
    admission.lifetime_ = std::min(admission.lifetime_, resource->lifetime);
  if (authorization.max_lifetime) admission.lifetime_ = std::min(admission.lifetime_, *authorization.max_lifetime);
  admission.authorization_ = std::move(authorization);
  admission.resources_ = *std::move(resources);
  admission.scopes_ = *std::move(scopes);
  return admission;
}

}  // namespace mintmark::oauth
