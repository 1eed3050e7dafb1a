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
#include "mintmark/oauth/one_time_store.hpp"
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
  std::optional<accounts::User> user = {};       ///< none where the client acts for itself
  std::optional<Instant> authenticated_at = {};  ///< of the user: `auth_time`; none where nobody says
  std::optional<RefreshContinuation> refresh = {};
  /// All that the grant gives; none where all that the client may have.
  std::optional<std::vector<std::string>> scopes = {};
  std::optional<std::string> jkt = {};  ///< thumbprint of the key that the client has shown to have (RFC 9449 §6)
  /// What the request proved itself with that is good for once: consumed by TokenIssuer, when all else is good.
  std::vector<OneTimeValue> one_time = {};
};

}  // namespace mintmark::oauth
