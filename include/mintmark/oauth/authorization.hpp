#pragma once
// What a grant proved, on its way to Policy. No grant issues anything itself.
// Thread safety: values.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/accounts/user.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/oauth/client.hpp"
#include "mintmark/oauth/refresh_family.hpp"

namespace mintmark::oauth {

/// A family that goes on: rotated by TokenIssuer once everything else has succeeded.
struct RefreshContinuation {
  RefreshFamily family;
  Secret presented;  ///< the token as it came
};

struct Authorization {
  GrantType grant;
  std::shared_ptr<const Client> client;
  std::optional<accounts::User> user;  ///< none where the client acts for itself
  Instant authenticated_at;            ///< of the user: `auth_time`
  std::optional<RefreshContinuation> refresh;
};

}  // namespace mintmark::oauth
