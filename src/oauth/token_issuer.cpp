#include "mintmark/oauth/token_issuer.hpp"

#include <algorithm>

#include "consume.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/oauth/access_token_claims.hpp"
#include "mintmark/oauth/refresh_token.hpp"
#include "mintmark/oauth/token_request.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kJtiBytes = 16;

TokenKind token_kind(const Authorization& authorization) {
  return authorization.jkt ? TokenKind::dpop : TokenKind::bearer;
}

OAuthError no_key_yet(const keys::KeyRing& ring, jose::Alg alg, Instant now) {
  const std::optional<Instant> activation = ring.next_activation(alg, now);
  return {OAuthCode::temporarily_unavailable, "the signing key of this resource is not active yet",
          activation ? *activation - now : std::chrono::seconds(1),
          unavailable("no active key for " + std::string(jose::name(alg)))};
}

OAuthError no_recipient_yet(const Resource& resource) {
  return {OAuthCode::temporarily_unavailable, "the encryption key of this resource is not known yet",
          RecipientKeys::kFirstPause, unavailable("the key set of " + resource.id.str() + " has not been fetched yet")};
}

std::string make_jti() {
  return encode_base64url(crypto::random_bytes(kJtiBytes));
}

/// A login begins a session. RFC 7521 §4.1: whoever has an assertion, or a token to exchange, can get another, and who
/// issued it decides for how long.
bool may_go_on(const Authorization& authorization) {
  const bool is_session = authorization.grant == GrantType::password || authorization.grant == GrantType::refresh_token;
  return is_session && authorization.user && authorization.client->may_use(GrantType::refresh_token);
}

RefreshFamily new_family(const Admission& admission, Instant now) {
  const Authorization& authorization = admission.authorization();
  RefreshFamily family;
  family.client = authorization.client->id;
  family.user = authorization.user->id;
  family.scopes = admission.scopes();
  for (const auto& resource : admission.resources())
    family.resources.push_back(resource->id);
  family.authenticated_at = authorization.authenticated_at.value_or(now);
  family.user_valid_from = authorization.user->sessions_valid_from;
  family.client_valid_from = authorization.client->sessions_valid_from;
  family.created_at = now;
  family.rotated_at = now;
  family.absolute_expires_at = now + authorization.client->refresh.absolute_lifetime;
  family.idle_expires_at = now + authorization.client->refresh.idle_lifetime;
  // RFC 9449 §5, RFC 8705 §4: a confidential client's are bound to the client already, which may change its key.
  if (authorization.client->is_public()) {
    family.jkt = authorization.jkt;
    family.x5t = authorization.x5t;
  }
  return family;
}

}  // namespace

std::string_view name(TokenKind kind) noexcept {
  return kind == TokenKind::dpop ? "DPoP" : "Bearer";
}

struct TokenIssuer::Made {
  std::string token;
  std::string jti;
  const keys::Signer* signer = nullptr;            ///< null for an opaque token
  std::string claims = {};                         ///< of an opaque token, to be stored
  std::shared_ptr<const keys::KeyRing> ring = {};  ///< that the signer is of
};

TokenIssuer::TokenIssuer(std::string issuer, const keys::PublishedKeyRing& ring, const RecipientKeys& recipients,
                         const RefreshFamilies& families, OneTimeStore& one_time, OpaqueTokenRepository& opaque_tokens,
                         TokenEvents& events)
    : issuer_(std::move(issuer)),
      ring_(ring),
      recipients_(recipients),
      families_(families),
      one_time_(one_time),
      opaque_tokens_(opaque_tokens),
      events_(events) {}

OAuthResult<TokenIssuer::Made> TokenIssuer::sign_access_token(const Admission& admission, Instant now) const {
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  const Resource& profile = *admission.resources().front();
  const keys::Signer* signer = jose::is_symmetric(profile.alg) ? ring->find_resource_signer(profile.id, profile.alg)
                                                               : ring->find_signer(profile.alg, now);
  if (signer == nullptr) return no_key_yet(*ring, profile.alg, now);

  std::string jti = make_jti();
  jose::UnsignedClaims claims;
  add_access_token_claims(claims, admission, issuer_, jti, now);
  Result<std::string> token = signer->sign(name(profile.typ), claims);
  if (!token) return from_error(token.error());
  OAuthResult<std::string> sealed = encrypt_access_token(profile, *std::move(token));
  if (!sealed) return sealed.error();
  return Made{.token = *std::move(sealed), .jti = std::move(jti), .signer = signer, .ring = ring};
}

OAuthResult<TokenIssuer::Made> TokenIssuer::make_opaque_token(const Admission& admission, Instant now) const {
  std::string jti = make_jti();
  jose::UnsignedClaims claims;
  add_access_token_claims(claims, admission, issuer_, jti, now);
  return Made{.token = make_opaque_text(), .jti = std::move(jti), .claims = std::string(claims.finish())};
}

OAuthResult<std::string> TokenIssuer::encrypt_access_token(const Resource& profile, std::string signed_token) const {
  if (!profile.encryption) return signed_token;
  const std::optional<jose::EncryptionKey> key = recipients_.find(*profile.encryption);
  if (!key) return no_recipient_yet(profile);
  Result<std::string> token = jose::encrypt_jwt(*key, profile.encryption->enc, name(profile.typ), signed_token);
  if (!token) return from_error(token.error());
  return *std::move(token);
}

OAuthResult<void> TokenIssuer::store_opaque_token(const Made& made, const Admission& admission,
                                                  const std::optional<FamilyId>& family, Instant now) const {
  const OpaqueToken token{.hash = hash_opaque_text(made.token),
                          .claims = made.claims,
                          .family = family,
                          .expires_at = now + admission.lifetime()};
  if (Result<void> stored = opaque_tokens_.insert_token(token); !stored) return from_error(stored.error());
  return {};
}

OAuthResult<TokenResponse> TokenIssuer::issue(const Admission& admission, const RequestContext& context) const {
  const Authorization& authorization = admission.authorization();
  const Resource& profile = *admission.resources().front();
  const bool is_opaque = profile.format == TokenFormat::opaque;
  OAuthResult<Made> made =
      is_opaque ? make_opaque_token(admission, context.now) : sign_access_token(admission, context.now);
  if (!made) return made.error();
  if (std::max(made->token.size(), made->claims.size()) > kMaxTokenBytes) {
    return from_error(invalid("a token for " + profile.id.str() + " exceeds 16 KiB"));
  }
  // Last, because they cannot be undone: whatever could fail has not.
  if (OAuthResult<void> used = consume(one_time_, authorization.one_time, context.now); !used) return used.error();
  std::optional<RefreshFamilies::NewFamily> begun;
  std::optional<FamilyId> family = authorization.session;
  if (may_go_on(authorization) && authorization.refresh) {
    family = authorization.refresh->family.id;
  } else if (may_go_on(authorization)) {
    begun = families_.prepare(new_family(admission, context.now));
    family = begun->family.id;
  }
  if (is_opaque) {
    OAuthResult<void> stored = store_opaque_token(*made, admission, family, context.now);
    if (!stored) return stored.error();
  }
  std::optional<Secret> refresh_token;
  if (may_go_on(authorization)) {
    OAuthResult<Secret> token = begun ? families_.start(*std::move(begun))
                                      : families_.rotate(*authorization.refresh, *authorization.client, context);
    if (!token) return token.error();
    refresh_token = *std::move(token);
  }

  events_.token_issued({.admission = admission,
                        .jti = made->jti,
                        .kid = made->signer != nullptr ? &made->signer->kid() : nullptr,
                        .alg = made->signer != nullptr ? std::optional(made->signer->alg()) : std::nullopt,
                        .encryption = profile.encryption ? &*profile.encryption : nullptr,
                        .with_refresh_token = refresh_token.has_value(),
                        .family = refresh_token ? &*family : nullptr},
                       context);
  return TokenResponse{std::move(made->token),        token_kind(authorization), admission.lifetime(),
                       join(admission.scopes(), " "), std::move(refresh_token),  authorization.issued_token_type};
}

}  // namespace mintmark::oauth
