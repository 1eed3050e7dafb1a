#pragma once
// Client authentication (RFC 6749 §2.3): exactly one method, and one of those that the client is registered for.
// Thread safety: all functions from any thread.

#include <memory>
#include <vector>

#include "mintmark/oauth/client_assertion.hpp"
#include "mintmark/oauth/client_parameters.hpp"

namespace mintmark::oauth {

/// What the request claims about its client, and how.
struct PresentedClient {
  ClientId id;
  ClientAuthMethod method;
  Secret secret;                                            ///< empty without one
  std::shared_ptr<const ForeignToken> assertion;            ///< null without one
  std::shared_ptr<const PresentedCertificate> certificate;  ///< of the connection; null without one
};

/// Errors: invalid_request for several methods at once, or half an assertion; invalid_client for a header that cannot
/// be read, another kind of assertion, or no client at all.
OAuthResult<PresentedClient> read_presented_client(const ClientParameters& request);

/// Unknown client, wrong, expired or missing secret and foreign method are all told the same: invalid_client.
/// Whether the client is disabled is for Policy to say.
/// `registered` is the client of that id, null if there is none. Also temporarily_unavailable, where the keys of an
/// assertion are not known yet.
OAuthResult<ClientProof> authenticate_client(const PresentedClient& presented, const Client* registered,
                                             const ClientAssertions& assertions, const AssertionContext& context);

}  // namespace mintmark::oauth
