#include "mintmark/oauth/token_inquiries.hpp"

namespace mintmark::oauth {

TokenInquiries::TokenInquiries(std::string issuer, Directory& directory, const Policy& policy, const ClientGate& gate,
                               const keys::PublishedKeyRing& ring, const accounts::UserDirectory& users,
                               const AccessTokens& access_tokens, const RefreshFamilies& families,
                               OneTimeStore& one_time, TokenEvents& events)
    : issuer_(std::move(issuer)),
      directory_(directory),
      policy_(policy),
      gate_(gate),
      ring_(ring),
      users_(users),
      access_tokens_(access_tokens),
      families_(families),
      one_time_(one_time),
      events_(events) {}

OAuthResult<TokenInquiries::Asker> TokenInquiries::admit(Identification identified) const {
  if (!identified.proof) return identified.proof.error();
  if (OAuthResult<void> admitted = policy_.admit_client(*identified.client); !admitted) return admitted.error();
  return Asker{std::move(identified.client), std::move(identified.proof->one_time)};
}

}  // namespace mintmark::oauth
