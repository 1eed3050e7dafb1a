#pragma once
// A way of asking for a token: proves an Authorization and writes nothing irrevocable.
// Thread safety: authorize() from any thread.

#include <memory>

#include "mintmark/oauth/authorization.hpp"
#include "mintmark/oauth/token_events.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::oauth {

/// What a request will wait for, so that the server runs it where waiting harms nobody.
enum class Work {
  immediate,  ///< memory and a signature
  storage,    ///< the database, or a slow signature
  password,   ///< a password hash: milliseconds and MiB
};

class Grant {
 public:
  virtual ~Grant() = default;
  [[nodiscard]] virtual GrantType type() const noexcept = 0;
  [[nodiscard]] virtual Work work() const noexcept = 0;
  [[nodiscard]] virtual OAuthResult<Authorization> authorize(const TokenRequest& request,
                                                             std::shared_ptr<const Client> client,
                                                             const RequestContext& context) const = 0;
};

}  // namespace mintmark::oauth
