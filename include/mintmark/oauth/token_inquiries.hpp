#pragma once
// What is done with tokens that exist: introspection (RFC 7662, RFC 9701) and revocation (RFC 7009). Knows no HTTP.
// Thread safety: all functions from any thread; they may block.

#include <memory>
#include <string>

#include "mintmark/oauth/access_tokens.hpp"
#include "mintmark/oauth/client_gate.hpp"
#include "mintmark/oauth/policy.hpp"
#include "mintmark/oauth/refresh_families.hpp"
#include "mintmark/oauth/token_question.hpp"

namespace mintmark::oauth {

enum class IntrospectionFormat {
  json,
  jwt,  ///< signed (RFC 9701)
};

struct IntrospectionResponse {
  std::string body;
  IntrospectionFormat format;  ///< json, where no key of ours signs for everybody to verify
};

struct RevocationOutcome {
  OAuthResult<void> result;
  /// The one that the request names, proven or not: whose CORS origins the answer may be read from. Null if unknown.
  std::shared_ptr<const Client> client;
};

class TokenInquiries {
 public:
  /// `issuer` is `iss`. Requires: the references outlive this object.
  TokenInquiries(std::string issuer, Directory& directory, const Policy& policy, const ClientGate& gate,
                 const keys::PublishedKeyRing& ring, const accounts::UserDirectory& users,
                 const AccessTokens& access_tokens, const RefreshFamilies& families, OneTimeStore& one_time,
                 TokenEvents& events);

  /// `{"active":false}` for whatever is not good now, and for whatever the asker has nothing to do with: who holds no
  /// token of another resource learns nothing about it (RFC 7662 §4). A client is told of the tokens that it was
  /// issued, and of those for Client::introspects what is for these resources. Errors: those of ClientGate,
  /// invalid_client for a public client (RFC 7662 §2.1), unauthorized_client, temporarily_unavailable, server_error.
  [[nodiscard]] OAuthResult<IntrospectionResponse> introspect(const TokenQuestion& question, IntrospectionFormat format,
                                                              const RequestContext& context) const;

  /// Ends a token of the client that asks, on disk when it returns: an access token alone, a refresh token with its
  /// family. Success for what is no token, or good no more (RFC 7009 §2.2). Errors: those of ClientGate,
  /// unauthorized_client, invalid_grant for another client's token (RFC 7009 §2.1), unsupported_token_type for an
  /// encrypted one, temporarily_unavailable, server_error.
  [[nodiscard]] RevocationOutcome revoke(const TokenQuestion& question, const RequestContext& context) const;

 private:
  /// Proven and admitted.
  struct Asker {
    std::shared_ptr<const Client> client;
    std::vector<OneTimeValue> one_time;
  };
  [[nodiscard]] OAuthResult<Asker> admit(Identification identified) const;
  [[nodiscard]] OAuthResult<Json> describe(const TokenQuestion& question, const Client& asker,
                                           const Directory::View& view, Instant now) const;
  [[nodiscard]] OAuthResult<Json> describe_access_token(const AccessToken& token, const Client& asker,
                                                        const Directory::View& view, Instant now) const;
  [[nodiscard]] OAuthResult<Json> describe_refresh_token(const TokenQuestion& question, const Client& asker,
                                                         Instant now) const;
  [[nodiscard]] OAuthResult<IntrospectionResponse> render(const Json& answer, const Client& asker,
                                                          const Directory::View& view, Instant now) const;
  [[nodiscard]] OAuthResult<void> end(const TokenQuestion& question, const Asker& asker,
                                      const RequestContext& context) const;

  const std::string issuer_;
  Directory& directory_;
  const Policy& policy_;
  const ClientGate& gate_;
  const keys::PublishedKeyRing& ring_;
  const accounts::UserDirectory& users_;
  const AccessTokens& access_tokens_;
  const RefreshFamilies& families_;
  OneTimeStore& one_time_;
  TokenEvents& events_;
};

}  // namespace mintmark::oauth
