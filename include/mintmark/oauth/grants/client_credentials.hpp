#pragma once
// RFC 6749 §4.4: the client asks for itself. Its authentication is the whole proof.
// Thread safety: as Grant.

#include "mintmark/oauth/grants/grant.hpp"

namespace mintmark::oauth {

class ClientCredentialsGrant final : public Grant {
 public:
  [[nodiscard]] GrantType type() const noexcept override { return GrantType::client_credentials; }
  [[nodiscard]] Work work() const noexcept override { return Work::immediate; }
  /// The client's own is checked before.
  [[nodiscard]] std::optional<PresentedCredential> credential(const TokenRequest&) const override {
    return std::nullopt;
  }
  [[nodiscard]] OAuthResult<Authorization> authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const override;
};

}  // namespace mintmark::oauth
