#pragma once
// RFC 7523 §2.1: a token of a trusted issuer, for a user of ours whom that issuer's rules name. No session begins.
// Thread safety: as Grant.

#include "mintmark/oauth/grants/grant.hpp"
#include "mintmark/oauth/trusted_subjects.hpp"

namespace mintmark::oauth {

class JwtBearerGrant final : public Grant {
 public:
  /// Requires: `subjects` outlives the grant.
  explicit JwtBearerGrant(const TrustedSubjects& subjects) : subjects_(subjects) {}

  [[nodiscard]] GrantType type() const noexcept override { return GrantType::jwt_bearer; }
  [[nodiscard]] Work work() const noexcept override { return Work::storage; }
  /// Nobody guesses a signature.
  [[nodiscard]] std::optional<PresentedCredential> credential(const TokenRequest&) const override {
    return std::nullopt;
  }
  [[nodiscard]] OAuthResult<Authorization> authorize(const TokenRequest& request, std::shared_ptr<const Client> client,
                                                     const RequestContext& context) const override;

 private:
  const TrustedSubjects& subjects_;
};

}  // namespace mintmark::oauth
