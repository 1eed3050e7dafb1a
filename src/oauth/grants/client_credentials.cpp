#include "mintmark/oauth/grants/client_credentials.hpp"

namespace mintmark::oauth {

OAuthResult<Authorization> ClientCredentialsGrant::authorize(const TokenRequest&, std::shared_ptr<const Client> client,
                                                             const RequestContext&) const {
  return Authorization{.grant = GrantType::client_credentials, .client = std::move(client)};
}

}  // namespace mintmark::oauth
