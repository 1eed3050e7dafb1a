#pragma once
// The token endpoint as ordered steps (design: from socket to signed token). Knows no HTTP.
// Thread safety: all functions from any thread.

#include <memory>
#include <optional>
#include <vector>

#include "mintmark/oauth/client_gate.hpp"
#include "mintmark/oauth/dpop.hpp"
#include "mintmark/oauth/grants/grant.hpp"
#include "mintmark/oauth/policy.hpp"
#include "mintmark/oauth/token_issuer.hpp"

namespace mintmark::oauth {

struct TokenOutcome {
  OAuthResult<TokenResponse> result;
  /// The client that the request names, proven or not: whose CORS origins the answer may be read from. Null if unknown.
  std::shared_ptr<const Client> client;
  std::optional<GrantType> grant = {};         ///< none where it was unknown or not reached
  std::optional<std::string> dpop_nonce = {};  ///< for the client's next proof (RFC 9449 §8.2)
};

class TokenEndpoint {
 public:
  /// Requires: the references outlive the endpoint.
  TokenEndpoint(Directory& directory, const Policy& policy, const TokenIssuer& issuer,
                std::vector<std::unique_ptr<Grant>> grants, const keys::PublishedKeyRing& ring,
                const RecipientKeys& recipients, const ClientGate& gate, const Dpop& dpop, const Gatekeeper& gatekeeper,
                TokenEvents& events);

  /// Before anything else is done for a request, even reading it. Never blocks. Errors: slow_down.
  [[nodiscard]] OAuthResult<void> admit_source(const RequestContext& context) const;

  /// Where handle() should run. Never blocks. An answer of `immediate` may become untrue before handle() runs, which
  /// then reads the store where it should not: rare, and only slow.
  [[nodiscard]] Work work_for(const TokenRequest& request, Instant now) const;

  /// What can be refused before the request waits for a pool: an attempt that comes too soon. Never blocks; none where
  /// handle() should decide. The outcome's client is null where it is not in memory.
  [[nodiscard]] std::optional<TokenOutcome> refuse_early(const TokenRequest& request,
                                                         const RequestContext& context) const;
  /// A request that its pool would not come to in time. Never blocks; likewise.
  [[nodiscard]] TokenOutcome refuse_overload(const TokenRequest& request, Duration retry_after,
                                             const RequestContext& context) const;

  [[nodiscard]] TokenOutcome handle(const TokenRequest& request, const RequestContext& context) const;

  /// Of the grants that it was given, for the metadata.
  [[nodiscard]] std::vector<GrantType> grant_types() const;

 private:
  [[nodiscard]] const Grant* find_grant(std::string_view grant_type) const;
  [[nodiscard]] OAuthResult<Authorization> authorize(const Grant& grant, const TokenRequest& request,
                                                     const std::shared_ptr<const Client>& client,
                                                     const RequestContext& context) const;
  [[nodiscard]] TokenOutcome refuse_unproven(OAuthError error, const TokenRequest& request,
                                             const RequestContext& context) const;
  [[nodiscard]] bool is_slow(const Resource& resource, const keys::KeyRing& ring, Instant now) const;

  Directory& directory_;
  const Policy& policy_;
  const TokenIssuer& issuer_;
  const std::vector<std::unique_ptr<Grant>> grants_;
  const keys::PublishedKeyRing& ring_;
  const RecipientKeys& recipients_;
  const ClientGate& gate_;
  const Dpop& dpop_;
  const Gatekeeper& gatekeeper_;
  TokenEvents& events_;
};

}  // namespace mintmark::oauth
