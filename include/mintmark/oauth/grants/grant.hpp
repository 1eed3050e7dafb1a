#pragma once
// A way of asking for a token: proves an Authorization and writes nothing irrevocable.
// Thread safety: authorize() from any thread.

#include <memory>

#include "mintmark/accounts/attempt_guard.hpp"
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

/// A credential that a request brings beside the client's, and whose it would be.
struct PresentedCredential {
  accounts::Credential kind;
  std::string account;
};

class Grant {
 public:
  virtual ~Grant() = default;
  [[nodiscard]] virtual GrantType type() const noexcept = 0;
  [[nodiscard]] virtual Work work() const noexcept = 0;
  /// What authorize() will check and somebody could guess; none where there is nothing of the kind in the request. The
  /// endpoint counts it as an attempt before it calls authorize(), so that no grant can forget to; authorize() says by
  /// RefusalReason::wrong_credential that it was a wrong one.
  [[nodiscard]] virtual std::optional<PresentedCredential> credential(const TokenRequest& request) const = 0;
  [[nodiscard]] virtual OAuthResult<Authorization> authorize(const TokenRequest& request,
                                                             std::shared_ptr<const Client> client,
                                                             const RequestContext& context) const = 0;
};

}  // namespace mintmark::oauth
