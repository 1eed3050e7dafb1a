#include "mintmark/oauth/refresh_families.hpp"

#include "mintmark/crypto/digest.hpp"

namespace mintmark::oauth {
namespace {

/// How far back a token is still recognised as an ancestor. One that is older is refused all the same, without alarm.
/// Each step back costs an HMAC, so this bounds what a guess can cost us.
constexpr std::uint32_t kMaxAncestry = 256;

OAuthError refused() {
  return refuse_grant("no refresh token that is good now");
}

}  // namespace

OAuthResult<Secret> RefreshFamilies::start(RefreshFamily family) const {
  const RefreshToken token = RefreshToken::generate();
  family.id = token.family();
  family.generation = token.generation();
  family.token_hash = token.hash(*ring_.load());
  if (Result<void> stored = repository_.insert_family(family); !stored) return from_error(stored.error());
  return token.text();
}

bool RefreshFamilies::descends_from(const RefreshFamily& family, RefreshToken token) const {
  if (family.generation - token.generation() > kMaxAncestry) return false;
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  while (token.generation() < family.generation)
    token = token.successor(*ring);
  return crypto::constant_time_equal(token.hash(*ring), family.token_hash);
}

RefreshFamilies::Standing RefreshFamilies::standing(const RefreshFamily& family, const RefreshToken& token,
                                                    const Client& client, Instant now) const {
  if (family.client != client.id || token.generation() > family.generation) return Standing::foreign;
  if (family.revoked_at || now >= family.absolute_expires_at || now >= family.idle_expires_at) return Standing::dead;
  if (!descends_from(family, token)) return Standing::foreign;
  if (token.generation() == family.generation) return Standing::current;
  const bool in_grace = now < family.rotated_at + client.refresh.grace;
  return token.generation() + 1 == family.generation && in_grace ? Standing::replayed : Standing::reused;
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
                           .idle_expires_at = context.now + client.refresh.idle_lifetime};
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
