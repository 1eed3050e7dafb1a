#pragma once
// A request about one token, at the introspection (RFC 7662 §2.1) or the revocation endpoint (RFC 7009 §2.1):
// parameters parsed and bounded, nothing believed yet. `token_type_hint` is not among them: our tokens say what they
// are. Thread safety: values.

#include "mintmark/base/form.hpp"
#include "mintmark/oauth/client_parameters.hpp"
#include "mintmark/oauth/oauth_error.hpp"

namespace mintmark::oauth {

struct TokenQuestion : ClientParameters {
  Secret token;
};

/// By the rules of parse_token_request(); `token` must be there.
OAuthResult<TokenQuestion> parse_token_question(Parameters parameters, std::optional<Secret> authorization);

}  // namespace mintmark::oauth
