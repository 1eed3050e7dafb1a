#include "mintmark/oauth/grants/client_credentials.hpp"

namespace mintmark::oauth {

OAuthResult<Authorization> ClientCredentialsGrant::authorize(const TokenRequest&, std::shared_ptr<const Client> client,
                                                             const RequestContext& context) const {
  return Authorization{GrantType::client_credentials, std::move(client), std::nullopt, context.now, std::nullopt};
}

}  // namespace mintmark::oauth
