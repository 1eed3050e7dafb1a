#pragma once
// The one place that decides whether an Authorization becomes a token, and which (invariant 1).
// Thread safety: admit() from any thread.

#include <memory>
#include <string>
#include <vector>

#include "mintmark/oauth/authorization.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::oauth {

/// An Authorization that passed, and the profile of its token. Only Policy makes one.
class Admission {
 public:
  [[nodiscard]] const Authorization& authorization() const noexcept { return authorization_; }
  /// At least one; of several, which agree in algorithm, type and claims, none is encrypted to.
  [[nodiscard]] const std::vector<std::shared_ptr<const Resource>>& resources() const noexcept { return resources_; }
  [[nodiscard]] const std::vector<std::string>& scopes() const noexcept { return scopes_; }
  /// The shortest of the resources'.
  [[nodiscard]] Duration lifetime() const noexcept { return lifetime_; }

 private:
  friend class Policy;
  Admission() = default;
  Authorization authorization_;
  std::vector<std::shared_ptr<const Resource>> resources_;
  std::vector<std::string> scopes_;
  Duration lifetime_{};
};

class Policy {
 public:
  /// No token lives for longer than `longest_lifetime`, whatever its resource asks for: keys are kept for so long and
  /// no longer (invariant 3). Requires: the directory outlives the policy.
  Policy(const Directory& directory, Duration longest_lifetime) noexcept
      : directory_(directory), longest_lifetime_(longest_lifetime) {}

  /// Before the grant looks at any credential of a user. Errors: unauthorized_client (disabled, or not for this grant).
  [[nodiscard]] OAuthResult<void> admit_client(const Client& client, GrantType grant) const;

  /// Errors: invalid_grant (disabled user, a session that has been ended), invalid_target (RFC 8707 §2: unknown,
  /// removed, foreign, ambiguous), invalid_scope (RFC 6749 §3.3).
  [[nodiscard]] OAuthResult<Admission> admit(Authorization authorization, const TokenRequest& request) const;

 private:
  const Directory& directory_;
  const Duration longest_lifetime_;
};

}  // namespace mintmark::oauth
