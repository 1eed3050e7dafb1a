#pragma once
// RFC 6749 §6: a refresh token. Idempotent inside the client's grace, an alarm after it (invariant 4).
// Thread safety: as Grant.

#include "mintmark/accounts/user_directory.hpp"
#include "mintmark/oauth/grants/grant.hpp"
#include "mintmark/oauth/refresh_families.hpp"

namespace mintmark::oauth {

class RefreshTokenGrant final : public Grant {
 public:
  /// Requires: the references outlive the grant.
  RefreshTokenGrant(const RefreshFamilies& families, const accounts::UserDirectory& users) noexcept
      : families_(families), users_(users) {}

  [[nodiscard]] GrantType type() const noexcept override { return GrantType::refresh_token; }
  [[nodiscard]] Work work() const noexcept override { return Work::storage; }
  /// The account is the family that the token names.
  [[nodiscard]] std::optional<PresentedCredential> credential(const TokenRequest& request) const override;
  [[nodiscard]] OAuthResult<Authorization> authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const override;

 private:
  const RefreshFamilies& families_;
  const accounts::UserDirectory& users_;
};

}  // namespace mintmark::oauth
