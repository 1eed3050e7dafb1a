#pragma once
// What a grant proved, on its way to Policy. No grant issues anything itself.
// Thread safety: values.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/accounts/user.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/json.hpp"
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

/// What a token exchange issues (RFC 8693 §3).
enum class IssuedTokenType { access_token, jwt };

/// The URN.
std::string_view name(IssuedTokenType type) noexcept;

struct Authorization {
  GrantType grant;
  std::shared_ptr<const Client> client;
  std::optional<accounts::User> user = {};       ///< none where the client acts for itself
  std::optional<Instant> authenticated_at = {};  ///< of the user: `auth_time`; none where nobody says
  std::optional<RefreshContinuation> refresh = {};
  /// All that the grant gives; none where all that the client may have.
  std::optional<std::vector<std::string>> scopes = {};
  std::optional<std::vector<ResourceId>> targets = {};  ///< likewise
  std::optional<Duration> max_lifetime = {};            ///< of the token; none where nothing but its profile bounds it
  /// `sub` of a token that was exchanged; none where it is the user's id, or the client's.
  std::optional<std::string> exchanged_subject = {};
  std::optional<FamilyId> session = {};  ///< of a token that was exchanged, with which an opaque one ends too
  Json actor = {};                       ///< `act` (RFC 8693 §4.1); null where nobody acts for the subject
  std::optional<IssuedTokenType> issued_token_type = {};
  std::optional<std::string> bound_to = {};              ///< the only key that what was proved is good with
  std::optional<std::string> bound_to_certificate = {};  ///< likewise
  /// Of the certificate that the client has shown, while it is not known whether the token is to be bound to it.
  std::optional<std::string> x5t = {};
  std::optional<std::string> jkt = {};  ///< thumbprint of the key that the client has shown to have (RFC 9449 §6)
  /// What the request proved itself with that is good for once: consumed by TokenIssuer, when all else is good.
  std::vector<OneTimeValue> one_time = {};

  /// RFC 9068 §2.2: whom the token is about: the user, or the client where it acts for itself.
  [[nodiscard]] const std::string& subject() const noexcept {
    if (exchanged_subject) return *exchanged_subject;
    return user ? user->id.str() : client->id.str();
  }
};

}  // namespace mintmark::oauth
