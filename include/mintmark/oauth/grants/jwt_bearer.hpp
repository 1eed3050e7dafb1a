#pragma once
// RFC 7523 §2.1: a token of a trusted issuer, for a user of ours whom that issuer's rules name. No session begins.
// Thread safety: as Grant.

#include <string>

#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/oauth/foreign_token.hpp"
#include "mintmark/oauth/grants/grant.hpp"

namespace mintmark::oauth {

class JwtBearerGrant final : public Grant {
 public:
  /// `issuer` is this service's URL. Requires: the references outlive the grant.
  JwtBearerGrant(std::string issuer, const Directory& directory, const accounts::UserDirectory& users,
                 VerificationKeySets& key_sets)
      : issuer_(std::move(issuer)), directory_(directory), users_(users), key_sets_(key_sets) {}

  [[nodiscard]] GrantType type() const noexcept override { return GrantType::jwt_bearer; }
  [[nodiscard]] Work work() const noexcept override { return Work::storage; }
  /// Nobody guesses a signature.
  [[nodiscard]] std::optional<PresentedCredential> credential(const TokenRequest&) const override {
    return std::nullopt;
  }
  [[nodiscard]] OAuthResult<Authorization> authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const override;

 private:
  [[nodiscard]] Result<jose::VerifiedJwt> verify(const ForeignToken& assertion, const JwtBearerRules& rules,
                                                 const TrustedIssuerMap& trusted, Instant now) const;
  [[nodiscard]] OAuthResult<accounts::User> find_user(const JwtBearerRules& rules, const Json& claims) const;

  const std::string issuer_;
  const Directory& directory_;
  const accounts::UserDirectory& users_;
  VerificationKeySets& key_sets_;
};

}  // namespace mintmark::oauth
