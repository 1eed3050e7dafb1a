#pragma once
// RFC 6749 §4.3: a user's name and password, posted.
// Thread safety: as Grant.

#include "mintmark/accounts/password_authenticator.hpp"
#include "mintmark/oauth/grants/grant.hpp"

namespace mintmark::oauth {

class PasswordGrant final : public Grant {
 public:
  /// Requires: `authenticator` outlives the grant.
  explicit PasswordGrant(const accounts::PasswordAuthenticator& authenticator) noexcept
      : authenticator_(authenticator) {}

  [[nodiscard]] GrantType type() const noexcept override { return GrantType::password; }
  [[nodiscard]] Work work() const noexcept override { return Work::password; }
  [[nodiscard]] std::optional<PresentedCredential> credential(const TokenRequest& request) const override;
  [[nodiscard]] OAuthResult<Authorization> authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const override;

 private:
  const accounts::PasswordAuthenticator& authenticator_;
};

}  // namespace mintmark::oauth
