#pragma once
// What happens at the token endpoint, told to whoever logs, counts and audits.
// Thread safety: the functions are called from any thread, must return soon and must not throw.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mintmark/base/trace_context.hpp"
#include "mintmark/oauth/client.hpp"
#include "mintmark/oauth/oauth_error.hpp"
#include "mintmark/oauth/policy.hpp"

namespace mintmark::oauth {

/// Who asks, for logs alone; no rule depends on it.
struct RequestContext {
  std::string_view request_id;
  std::string_view remote_address;
  Instant now;
  TraceContext trace = {};
};

struct Issuance {
  const Admission& admission;
  std::string_view jti;
  const KeyId* kid;                   ///< that signed; null where the token is opaque
  std::optional<jose::Alg> alg;       ///< likewise
  const TokenEncryption* encryption;  ///< null where the token is signed alone
  bool with_refresh_token;
  const FamilyId* family = nullptr;  ///< of the refresh token; null without
};

/// Where a request was sent.
enum class Endpoint { token, introspection, revocation };

/// The enumerator as it is spelt.
std::string_view name(Endpoint endpoint) noexcept;

struct Refusal {
  const OAuthError& error;
  std::optional<GrantType> grant;  ///< none where it was unknown or not reached
  /// The one that the request names, proven or not. Null where there is none: what stands in its place may be a secret
  /// that somebody put into the wrong field, so nobody is told.
  const Client* client;
  Endpoint endpoint = Endpoint::token;
};

/// What a client has ended: one access token, or a family of refresh tokens.
struct Revocation {
  const Client& client;
  std::string_view jti;    ///< of the access token; empty for a family
  const FamilyId* family;  ///< null for an access token
};

class TokenEvents {
 public:
  virtual ~TokenEvents() = default;
  virtual void token_issued(const Issuance& issuance, const RequestContext& context) noexcept = 0;
  virtual void token_refused(const Refusal& refusal, const RequestContext& context) noexcept = 0;
  virtual void token_revoked(const Revocation& revocation, const RequestContext& context) noexcept = 0;
  /// A refresh token came back after its grace: somebody else may have it. The family is revoked.
  virtual void refresh_reused(const RefreshFamily& family, const RequestContext& context) noexcept = 0;
};

}  // namespace mintmark::oauth
