#pragma once
// Who may ask at all: how often requests may come from a source and from a client, and whether somebody who has guessed
// too often may try again. All its refusals are 429 slow_down with Retry-After.
// Thread safety: all functions from any thread.

#include <cstdint>
#include <optional>
#include <string_view>

#include "mintmark/accounts/attempt_guard.hpp"
#include "mintmark/base/hashed_table.hpp"
#include "mintmark/base/published.hpp"
#include "mintmark/oauth/grants/grant.hpp"

namespace mintmark::oauth {

/// A token bucket: `burst` requests at once, and so many a minute in the long run.
struct RequestRate {
  std::uint32_t per_minute = 0;  ///< 0: no limit
  std::uint32_t burst = 1;       ///< at least 1

  bool operator==(const RequestRate&) const = default;
};

/// At the token endpoint. None by default: what is right depends on how many clients share a network and on what the
/// machine can do; and where the proxies in front are not configured as trusted, all clients are one source.
struct RequestLimits {
  RequestRate per_source{.per_minute = 0, .burst = 100};
  RequestRate per_client{.per_minute = 0, .burst = 100};

  bool operator==(const RequestLimits&) const = default;
};

/// The buckets of everybody who asked lately, a fixed number of them. Where one has to go for another, it is the
/// fullest of its set, which loses the least: to get a fresh bucket, somebody would have to empty seven others first.
/// Thread safety: take() from any thread.
class RequestBuckets {
 public:
  RequestBuckets();

  /// One request of `who`: none if it may pass, else when the next one may.
  [[nodiscard]] std::optional<Duration> take(std::string_view who, const RequestRate& rate, Instant now);

 private:
  struct Bucket {
    double used = 0;  ///< of the burst, at `at`
    Instant at;
  };

  static constexpr std::size_t kBuckets = 16'384;
  const Secret salt_;
  HashedTable<Bucket> table_{kBuckets};
};

class Gatekeeper {
 public:
  /// Requires: `guard` outlives this object.
  Gatekeeper(accounts::AttemptGuard& guard, const RequestLimits& limits);

  void set_limits(const RequestLimits& limits);

  /// Before any work is done for a request. Errors: slow_down.
  [[nodiscard]] OAuthResult<void> admit_source(const RequestContext& context) const;
  /// Requires: the client has proven to be that client; or anybody could use up its budget by its name.
  /// Errors: slow_down.
  [[nodiscard]] OAuthResult<void> admit_client(const ClientId& client, const RequestContext& context) const;

  /// Counts the attempt. Errors: slow_down, the same for accounts that exist and that do not.
  [[nodiscard]] OAuthResult<accounts::AttemptGuard::Attempt> begin_attempt(const PresentedCredential& credential,
                                                                           const RequestContext& context) const;
  /// Whether begin_attempt() would refuse now. Counts nothing. Errors: slow_down.
  [[nodiscard]] OAuthResult<void> check_attempt(const PresentedCredential& credential,
                                                const RequestContext& context) const;

 private:
  accounts::AttemptGuard& guard_;
  Published<RequestLimits> limits_;
  mutable RequestBuckets sources_;
  mutable RequestBuckets clients_;
};

/// What the outcome of a check means for its attempt: right, wrong, or nothing was learnt.
void settle(accounts::AttemptGuard::Attempt& attempt, const OAuthError* error);

}  // namespace mintmark::oauth
