#pragma once
// The one place that decides whether an Authorization becomes a token, and which (invariant 1).
// Thread safety: admit() from any thread.

#include <atomic>
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
  /// no longer (invariant 3).
  explicit Policy(Duration longest_lifetime) noexcept : longest_lifetime_(longest_lifetime) {}

  /// Requires: keys are kept for so long already.
  void set_longest_lifetime(Duration longest_lifetime) noexcept {
    longest_lifetime_.store(longest_lifetime, std::memory_order_relaxed);
  }

  /// Whether the client may ask for anything. Errors: unauthorized_client (disabled).
  [[nodiscard]] OAuthResult<void> admit_client(const Client& client) const;
  /// Before the grant looks at any credential of a user. Errors: unauthorized_client (disabled, or not for this grant).
  [[nodiscard]] OAuthResult<void> admit_client(const Client& client, GrantType grant) const;

  /// Whether what was proved is still worth something: the user's state, and the session's that goes on. Errors:
  /// invalid_grant.
  [[nodiscard]] OAuthResult<void> admit_session(const Authorization& authorization) const;

  /// `known` are the resources of the view that the client comes from. Errors: invalid_grant (disabled user, a session
  /// that has been ended, or is bound to another key), invalid_dpop_proof (none where one is required), invalid_target
  /// (RFC 8707 §2: unknown, removed, foreign, ambiguous), invalid_scope (RFC 6749 §3.3).
  [[nodiscard]] OAuthResult<Admission> admit(Authorization authorization, const TokenRequest& request,
                                             const Directory::ResourceMap& known) const;

 private:
  std::atomic<Duration> longest_lifetime_;
};

}  // namespace mintmark::oauth
