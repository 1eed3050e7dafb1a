#pragma once
// A token request as sent: parameters parsed and bounded, nothing believed yet.
// Thread safety: values.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/form.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/json.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/oauth/client_parameters.hpp"
#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::oauth {

struct TokenRequest : ClientParameters {
  std::string grant_type;
  // Of a token exchange (RFC 8693 §2.1); null or none where absent.
  std::shared_ptr<const ForeignToken> subject_token;
  std::optional<std::string> subject_token_type;
  std::shared_ptr<const ForeignToken> actor_token;
  std::optional<std::string> actor_token_type;
  std::optional<std::string> requested_token_type;

  std::shared_ptr<const ForeignToken> assertion;  ///< of a grant (RFC 7521 §4.1); null where there is none
  std::optional<std::string> dpop;                ///< the header DPoP (RFC 9449 §4.1)
  std::optional<std::string> scope;
  std::vector<ResourceId> resources;  ///< of an exchange also what `audience` names (RFC 8693 §2.1)
  std::optional<std::string> username;
  std::optional<Secret> password;
  std::optional<Secret> refresh_token;
};

/// For login-style JSON requests that name no client (and no grant): the public client that they are from.
using DefaultLoginClient = std::optional<ClientId>;

/// Every parameter at most once, `resource` and `audience` excepted (RFC 6749 §3.2, RFC 8707 §2, RFC 8693 §2.1); an
/// empty one counts as absent; an unknown one is ignored, as is `audience` where no token is exchanged; an oversized
/// one is refused, never cut.
OAuthResult<TokenRequest> parse_token_request(Parameters parameters, std::optional<Secret> authorization);

/// The same names as members of one JSON object, strings all, `resource` and `audience` also arrays of strings. With
/// `default_client`, a username and a password alone are a password grant.
OAuthResult<TokenRequest> parse_json_token_request(std::string_view body, std::optional<Secret> authorization,
                                                   const DefaultLoginClient& default_client);

}  // namespace mintmark::oauth
