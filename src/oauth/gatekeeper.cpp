#include "mintmark/oauth/gatekeeper.hpp"

#include <algorithm>
#include <cmath>

#include "mintmark/base/ip_address.hpp"
#include "mintmark/crypto/keyed_hash.hpp"
#include "mintmark/crypto/random.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kSaltBytes = 32;
constexpr double kMinuteMs = 60'000;

OAuthError too_many_requests(Duration delay, RefusalReason reason) {
  return {OAuthCode::slow_down, "too many requests", delay, std::nullopt, reason};
}

OAuthError too_many_attempts(const accounts::AttemptDelay& delay) {
  const bool by_account = delay.by == accounts::AttemptDelay::By::account;
  return {OAuthCode::slow_down, "too many failed attempts", delay.remaining, std::nullopt,
          by_account ? RefusalReason::account_delay : RefusalReason::source_delay};
}

}  // namespace

RequestBuckets::RequestBuckets() : salt_(crypto::random_secret(kSaltBytes)) {}

std::optional<Duration> RequestBuckets::take(std::string_view who, const RequestRate& rate, Instant now) {
  const double per_ms = rate.per_minute / kMinuteMs;
  const auto used_now = [&](const Bucket& bucket) {
    const auto elapsed = std::max(now - bucket.at, Duration(0));  // a clock may jump
    return std::max(0.0, bucket.used - static_cast<double>(elapsed.count()) * per_ms);
  };
  const crypto::KeyedHash key = crypto::keyed_hash(salt_, {who});
  return table_.with(key, [&](HashedTable<Bucket>::Set& set) -> std::optional<Duration> {
    Bucket& bucket = set.find_or_insert(key, used_now, [](HashedTable<Bucket>::Entry&&) {});
    const double used = used_now(bucket);
    const double over = used + 1 - rate.burst;
    if (over > 0) return Duration(std::llround(std::ceil(over / per_ms)));
    bucket = {used + 1, now};
    return std::nullopt;
  });
}

Gatekeeper::Gatekeeper(accounts::AttemptGuard& guard, const RequestLimits& limits)
    : guard_(guard), limits_(std::make_shared<const RequestLimits>(limits)) {}

void Gatekeeper::set_limits(const RequestLimits& limits) {
  limits_.store(std::make_shared<const RequestLimits>(limits));
}

OAuthResult<void> Gatekeeper::admit_source(const RequestContext& context) const {
  const RequestRate rate = limits_.load()->per_source;
  if (rate.per_minute == 0) return {};
  const std::optional<Duration> delay = sources_.take(source_of(context.remote_address), rate, context.now);
  if (delay) return too_many_requests(*delay, RefusalReason::source_rate);
  return {};
}

OAuthResult<void> Gatekeeper::admit_client(const ClientId& client, const RequestContext& context) const {
  const RequestRate rate = limits_.load()->per_client;
  if (rate.per_minute == 0) return {};
  const std::optional<Duration> delay = clients_.take(client.str(), rate, context.now);
  if (delay) return too_many_requests(*delay, RefusalReason::client_rate);
  return {};
}

OAuthResult<accounts::AttemptGuard::Attempt> Gatekeeper::begin_attempt(const PresentedCredential& credential,
                                                                       const RequestContext& context) const {
  const std::string source = source_of(context.remote_address);
  Result<accounts::AttemptGuard::Attempt, accounts::AttemptDelay> attempt =
      guard_.begin({credential.kind, credential.account, source}, context.now);
  if (!attempt) return too_many_attempts(attempt.error());
  return *std::move(attempt);
}

OAuthResult<void> Gatekeeper::check_attempt(const PresentedCredential& credential,
                                            const RequestContext& context) const {
  const std::string source = source_of(context.remote_address);
  const std::optional<accounts::AttemptDelay> delay =
      guard_.find_delay({credential.kind, credential.account, source}, context.now);
  if (delay) return too_many_attempts(*delay);
  return {};
}

void settle(accounts::AttemptGuard::Attempt& attempt, const OAuthError* error) {
  if (error == nullptr) return attempt.succeed();
  if (error->reason != RefusalReason::wrong_credential) attempt.withdraw();
}

}  // namespace mintmark::oauth
