#pragma once
// What a refused request is told: RFC 6749 §5.2 and its extensions, one table for codes and HTTP statuses.
// Thread safety: values.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/error.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::oauth {

/// Text for clients. Only a literal can become one, so that neither attacker's input nor internals can reach an answer
/// (invariant 6), and only in the characters of RFC 6749 §5.2.
class ClientText {
 public:
  template <std::size_t N>
  consteval ClientText(const char (&text)[N]) : text_(text, N - 1) {  // NOLINT(google-explicit-constructor)
    for (const char c : text_) {
      if (c < 0x20 || c > 0x7e || c == '"' || c == '\\') throw "not in the character set of RFC 6749 §5.2";
    }
  }
  [[nodiscard]] constexpr std::string_view str() const noexcept { return text_; }

 private:
  std::string_view text_;
};

/// Spelt as on the wire.
enum class OAuthCode {
  invalid_request,
  invalid_client,
  invalid_grant,
  unauthorized_client,
  unsupported_grant_type,
  invalid_scope,
  invalid_target,          ///< RFC 8707 §2
  invalid_dpop_proof,      ///< RFC 9449 §5
  use_dpop_nonce,          ///< RFC 9449 §8
  unsupported_token_type,  ///< RFC 7009 §2.2.1
  slow_down,
  temporarily_unavailable,
  server_error,
};

std::string_view name(OAuthCode code) noexcept;
/// 400, 401, 429, 500 or 503.
unsigned http_status(OAuthCode code) noexcept;

/// What a code alone does not tell those who count refusals.
enum class RefusalReason {
  other,
  wrong_credential,  ///< a password, a secret or a refresh token that is not the one: what the guard counts
  account_delay,     ///< too many failures at this account from this source
  source_delay,      ///< too many failures from this source
  source_rate,       ///< more requests than a source may send
  client_rate,       ///< more requests than a client may send
  overload,          ///< a login that could not be answered in time
  replay,            ///< a single-use value that has been used
};

/// The enumerator as it is spelt.
std::string_view name(RefusalReason reason) noexcept;

struct OAuthError {
  OAuthCode code;
  ClientText description;
  std::optional<Duration> retry_after = {};  ///< for slow_down and temporarily_unavailable
  std::optional<Error> cause = {};           ///< for the log alone
  RefusalReason reason = RefusalReason::other;
};

template <class T>
using OAuthResult = Result<T, OAuthError>;

/// invalid_grant with the one text that every refusal of a password, a refresh token or a user has, so that none tells
/// which part was right (RFC 6749 §5.2). `reason` is for the log.
OAuthError refuse_grant(std::string reason);
/// The same for one that does not belong to what it was presented for: a guess.
OAuthError refuse_guess(std::string reason);
/// invalid_client with the one text that every failed authentication of a client has (RFC 6749 §5.2): a guess.
/// `reason` is for the log.
OAuthError refuse_client(std::string reason);

/// The one place where an infrastructure error becomes a protocol error: unavailable is 503, everything else 500.
OAuthError from_error(Error error);

}  // namespace mintmark::oauth
