#pragma once
// How much of a token of ours is somebody's to know or to use: where it is good for him, and with which scopes.
// Thread safety: pure functions.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mintmark/oauth/access_tokens.hpp"

namespace mintmark::oauth {

using ReachedResources = std::vector<std::shared_ptr<const Resource>>;

/// Null where there is none that is in use.
std::shared_ptr<const Resource> find_in_use(const Directory::View& view, const ResourceId& id);

/// Where the token is good, as far as that is the client's: everywhere where it was issued to the client, else what the
/// client speaks for. What is not in use is good nowhere.
ReachedResources resources_in_reach(const AccessToken& token, const Client& client,
                                    std::span<const ResourceId> speaks_for, const Directory::View& view);

/// Those of the token that mean something at the resources: others were given for elsewhere.
std::vector<std::string> scopes_at(const ReachedResources& resources, const Json& claims);

/// What a token is bound to: "jkt" (RFC 9449 §6.1) or "x5t#S256" (RFC 8705 §3.1).
std::optional<std::string> find_confirmation(const Json& claims, const char* kind);

}  // namespace mintmark::oauth
