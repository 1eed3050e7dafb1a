#pragma once
// The end of every request that was proven with values that are good for once.

#include <span>

#include "mintmark/oauth/oauth_error.hpp"
#include "mintmark/oauth/one_time_store.hpp"

namespace mintmark::oauth {

/// Last but for what cannot fail any more (invariant 2). Errors: that of what was proved with a value that has been
/// used; temporarily_unavailable, server_error.
OAuthResult<void> consume(OneTimeStore& store, std::span<const OneTimeValue> values, Instant now);

}  // namespace mintmark::oauth
