#pragma once
// RFC 8693: a token for another one, by a client that may do so. The new token is good for no more than the old one:
// not for other scopes, nor for longer, nor for other resources but those that the client's TokenExchange adds. It says
// who acts (§4.1) unless the client may impersonate. No session begins. Thread safety: as Grant.

#include "mintmark/oauth/access_tokens.hpp"
#include "mintmark/oauth/grants/grant.hpp"
#include "mintmark/oauth/trusted_subjects.hpp"

namespace mintmark::oauth {

class TokenExchangeGrant final : public Grant {
 public:
  /// `issuer` is `iss`. Requires: the references outlive the grant.
  TokenExchangeGrant(std::string issuer, const AccessTokens& access_tokens, const TrustedSubjects& trusted,
                     const accounts::UserDirectory& users, const Directory& directory)
      : issuer_(std::move(issuer)),
        access_tokens_(access_tokens),
        trusted_(trusted),
        users_(users),
        directory_(directory) {}

  [[nodiscard]] GrantType type() const noexcept override { return GrantType::token_exchange; }
  [[nodiscard]] Work work() const noexcept override { return Work::storage; }
  /// Nobody guesses a signature.
  [[nodiscard]] std::optional<PresentedCredential> credential(const TokenRequest&) const override {
    return std::nullopt;
  }
  [[nodiscard]] OAuthResult<Authorization> authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const override;

 private:
  /// Who acts (RFC 8693 §4.1), as we name him, and as the issuer of his token does.
  struct Actor {
    std::string subject;
    std::string named_by;
    std::string name;
  };
  /// What a token was good for, as the Authorization that the new one begins with.
  struct Subject {
    Authorization authorization;
    std::string issuer;
    Json claims;
  };

  [[nodiscard]] OAuthResult<AccessToken> read_own(const ForeignToken& token, Instant now) const;
  [[nodiscard]] OAuthResult<Subject> find_own_subject(const ForeignToken& token, std::shared_ptr<const Client> client,
                                                      Instant now) const;
  [[nodiscard]] OAuthResult<Subject> find_trusted_subject(const ForeignToken& token,
                                                          std::shared_ptr<const Client> client, Instant now) const;
  [[nodiscard]] OAuthResult<Subject> find_subject(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                  Instant now) const;
  [[nodiscard]] OAuthResult<Actor> find_actor(const TokenRequest& request, const Client& client,
                                              std::vector<OneTimeValue>& one_time, Instant now) const;

  /// `act` of the new token; null where there is none.
  [[nodiscard]] static Json find_act(const Subject& subject, const std::string& actor, bool impersonates);

  const std::string issuer_;
  const AccessTokens& access_tokens_;
  const TrustedSubjects& trusted_;
  const accounts::UserDirectory& users_;
  const Directory& directory_;
};

}  // namespace mintmark::oauth
