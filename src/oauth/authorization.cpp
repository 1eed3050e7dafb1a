#include "mintmark/oauth/authorization.hpp"

namespace mintmark::oauth {

std::string_view name(IssuedTokenType type) noexcept {
  return type == IssuedTokenType::jwt ? "urn:ietf:params:oauth:token-type:jwt"
                                      : "urn:ietf:params:oauth:token-type:access_token";
}

}  // namespace mintmark::oauth
