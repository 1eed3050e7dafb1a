#include "token_reach.hpp"

#include <algorithm>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::oauth {

std::shared_ptr<const Resource> find_in_use(const Directory::View& view, const ResourceId& id) {
  const auto found = view.resources.find(id);
  return found == view.resources.end() || found->second->disabled ? nullptr : found->second;
}

ReachedResources resources_in_reach(const AccessToken& token, const Client& client,
                                    std::span<const ResourceId> speaks_for, const Directory::View& view) {
  const bool is_owner = token.client == client.id;
  ReachedResources reached;
  for (const ResourceId& id : token.audience) {
    std::shared_ptr<const Resource> resource = find_in_use(view, id);
    if (resource && (is_owner || contains(speaks_for, id))) reached.push_back(std::move(resource));
  }
  return reached;
}

std::vector<std::string> scopes_at(const ReachedResources& resources, const Json& claims) {
  std::vector<std::string> scopes;
  const std::string given = find_string(claims, "scope").value_or("");
  for (const std::string_view token : split(given, ' ')) {
    std::string scope(token);
    const auto offers = [&](const auto& resource) { return contains(resource->scopes, scope); };
    if (std::ranges::any_of(resources, offers)) scopes.push_back(std::move(scope));
  }
  return scopes;
}

std::optional<std::string> find_confirmation(const Json& claims, const char* kind) {
  const auto confirmation = claims.find("cnf");
  if (confirmation == claims.end() || !confirmation->is_object()) return std::nullopt;
  return find_string(*confirmation, kind);
}

}  // namespace mintmark::oauth
