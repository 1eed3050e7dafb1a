#include "mintmark/oauth/refresh_families.hpp"

#include <algorithm>

#include "mintmark/crypto/digest.hpp"

namespace mintmark::oauth {
namespace {

/// How many rotations a family remembers beside its last one. Whoever rotates more often within one grace has no lost
/// answer to repeat from before them, so a use of what is older is reuse.
constexpr std::size_t kMaxEarlierRotations = 16;

OAuthError refused() {
  return refuse_grant("no refresh token that is good now");
}

/// When the token of a generation before the current one was used; none where the family does not remember.
std::optional<Instant> used_at(const RefreshFamily& family, std::uint32_t generation) {
  const std::size_t rotations_since = family.generation - generation - std::size_t{1};
  if (rotations_since == 0) return family.rotated_at;
  if (rotations_since > family.earlier_rotations.size()) return std::nullopt;
  return family.earlier_rotations[rotations_since - 1];
}

/// What a family has to remember beside a rotation at `now`: the times before it whose grace is not over.
std::vector<Instant> earlier_rotations(const RefreshFamily& family, const Client& client, Instant now) {
  std::vector<Instant> times{family.rotated_at};
  times.insert(times.end(), family.earlier_rotations.begin(), family.earlier_rotations.end());
  // Only ever cut off at the end, because a time says by its place whose it is.
  times.erase(std::ranges::find_if(times, [&](Instant time) { return now >= time + client.refresh.grace; }),
              times.end());
  times.resize(std::min(times.size(), kMaxEarlierRotations));
  return times;
}

}  // namespace

RefreshFamilies::NewFamily RefreshFamilies::prepare(RefreshFamily family) const {
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  const RefreshToken token = RefreshToken::generate(*ring);
  family.id = token.family();
  family.generation = token.generation();
  family.token_hash = token.hash(*ring);
  return {std::move(family), token.text()};
}

OAuthResult<Secret> RefreshFamilies::start(NewFamily prepared) const {
  if (Result<void> stored = repository_.insert_family(prepared.family); !stored) return from_error(stored.error());
  return std::move(prepared.token);
}

bool RefreshFamilies::is_of(const RefreshFamily& family, const RefreshToken& token) const {
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  if (!token.is_genuine(*ring)) return false;
  return crypto::constant_time_equal(token.at(family.generation, *ring).hash(*ring), family.token_hash);
}

RefreshFamilies::Standing RefreshFamilies::standing(const RefreshFamily& family, const RefreshToken& token,
                                                    const Client& client, Instant now) const {
  if (family.client != client.id || token.generation() > family.generation) return Standing::foreign;
  if (family.revoked_at || now >= family.absolute_expires_at || now >= family.idle_expires_at) return Standing::dead;
  if (!is_of(family, token)) return Standing::foreign;
  if (token.generation() == family.generation) return Standing::current;
  const std::optional<Instant> used = used_at(family, token.generation());
  return used && now < *used + client.refresh.grace ? Standing::replayed : Standing::reused;
}

OAuthError RefreshFamilies::refuse_reuse(const RefreshFamily& family, const RequestContext& context) const {
  // The client is refused either way; a revocation that could not be written must not look like a success.
  if (Result<void> revoked = repository_.revoke_family(family.id, context.now); !revoked) {
    return from_error(revoked.error());
  }
  events_.refresh_reused(family, context);
  return refused();
}

OAuthResult<RefreshContinuation> RefreshFamilies::present(const Secret& text, const Client& client,
                                                          const RequestContext& context) const {
  const std::optional<RefreshToken> token = RefreshToken::parse(text);
  if (!token) return refused();
  // Ours show it by themselves, however long ago their family ended: only somebody who guesses has another.
  if (!token->is_genuine(*ring_.load())) return refuse_guess("a refresh token that is not ours");
  Result<std::optional<RefreshFamily>> family = repository_.find_family(token->family());
  if (!family) return from_error(family.error());
  if (!family->has_value()) return refused();
  switch (standing(**family, *token, client, context.now)) {
    case Standing::current:
    case Standing::replayed:
      return RefreshContinuation{**std::move(family), text};
    case Standing::reused:
      return refuse_reuse(**family, context);
    case Standing::foreign:
    case Standing::dead:
      break;
  }
  return refused();
}

OAuthResult<std::optional<RefreshFamily>> RefreshFamilies::find_any(const Secret& text) const {
  const std::optional<RefreshToken> token = RefreshToken::parse(text);
  if (!token || !token->is_genuine(*ring_.load())) return std::optional<RefreshFamily>();
  Result<std::optional<RefreshFamily>> family = repository_.find_family(token->family());
  if (!family) return from_error(family.error());
  if (!family->has_value() || !is_of(**family, *token)) return std::optional<RefreshFamily>();
  return *std::move(family);
}

OAuthResult<std::optional<RefreshContinuation>> RefreshFamilies::find(const Secret& text, const Client& client,
                                                                      Instant now) const {
  OAuthResult<std::optional<RefreshFamily>> family = find_any(text);
  if (!family) return family.error();
  const std::optional<RefreshToken> token = RefreshToken::parse(text);
  if (!family->has_value() || !token) return std::optional<RefreshContinuation>();
  const Standing is = standing(**family, *token, client, now);
  if (is != Standing::current && is != Standing::replayed) return std::optional<RefreshContinuation>();
  return std::optional(RefreshContinuation{**std::move(family), text});
}

OAuthResult<void> RefreshFamilies::revoke(const FamilyId& family, Instant now) const {
  if (Result<void> revoked = repository_.revoke_family(family, now); !revoked) return from_error(revoked.error());
  return {};
}

OAuthResult<Secret> RefreshFamilies::rotate(const RefreshContinuation& continuation, const Client& client,
                                            const RequestContext& context) const {
  const std::optional<RefreshToken> token = RefreshToken::parse(continuation.presented);
  if (!token) return refused();
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  const RefreshToken next = token->successor(*ring);
  RefreshRotation rotation{.family = token->family(),
                           .expected_generation = token->generation(),
                           .expected_hash = token->hash(*ring),
                           .next_hash = next.hash(*ring),
                           .now = context.now,
                           .idle_expires_at = context.now + client.refresh.idle_lifetime,
                           .earlier_rotations = earlier_rotations(continuation.family, client, context.now)};
  Result<bool> rotated = repository_.rotate_family(rotation);
  if (!rotated) return from_error(rotated.error());
  if (*rotated) return next.text();

  // Somebody was first: the same token a moment ago, or a revocation.
  Result<std::optional<RefreshFamily>> family = repository_.find_family(token->family());
  if (!family) return from_error(family.error());
  if (!family->has_value()) return refused();
  switch (standing(**family, *token, client, context.now)) {
    case Standing::replayed:
      return next.text();
    case Standing::reused:
      return refuse_reuse(**family, context);
    default:
      return refused();
  }
}

}  // namespace mintmark::oauth
