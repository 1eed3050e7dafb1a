#include "mintmark/oauth/access_tokens.hpp"

#include <algorithm>

#include "mintmark/base/text.hpp"
#include "mintmark/jose/jwt.hpp"
#include "mintmark/oauth/client_parameters.hpp"
#include "mintmark/oauth/resource.hpp"

namespace mintmark::oauth {
namespace {

/// `iat` is cut to it.
constexpr Duration kDatePrecision = std::chrono::seconds(1);

/// tokens.max_lifetime allows no more.
constexpr Duration kLongestMemory = std::chrono::hours(24) * 366;

bool is_access_token_type(std::string_view typ) {
  return equals_ignoring_case(typ, name(TokenType::at_jwt)) || equals_ignoring_case(typ, name(TokenType::jwt));
}

/// Whoever has the secret of a resource can sign with it, for that resource and nobody else.
bool may_sign_for(const jose::VerifiedJwt& jwt, const std::vector<ResourceId>& audience, const keys::KeyRing& ring) {
  if (!jose::is_symmetric(jwt.alg())) return true;
  return audience.size() == 1 && ring.is_secret_of(audience.front(), jwt.kid());
}

/// Under the key, because another key's owner may choose the same `jti`.
OneTimeValue ended_value(const AccessToken& token) {
  return make_one_time_value(OneTimeKind::revoked_token, token.kid.str(), token.jti, token.expires_at);
}

/// None where a member is not there that every token of ours has.
std::optional<AccessToken> read_claims(Json claims) {
  const Result<std::vector<std::string>> audience = jose::read_audiences(claims);
  const Result<std::optional<Instant>> issued_at = jose::read_date(claims, "iat");
  const Result<std::optional<Instant>> expires_at = jose::read_date(claims, "exp");
  std::optional<std::string> jti = find_string(claims, "jti");
  std::optional<std::string> client = find_string(claims, "client_id");
  std::optional<std::string> subject = find_string(claims, "sub");
  if (!audience || !issued_at || !*issued_at || !expires_at || !*expires_at || !jti || !client || !subject) {
    return std::nullopt;
  }
  AccessToken token{.claims = std::move(claims),
                    .kid = {},
                    .is_of_resource = false,
                    .opaque_hash = {},
                    .family = {},
                    .jti = *std::move(jti),
                    .client = ClientId(*std::move(client)),
                    .subject = *std::move(subject),
                    .audience = {},
                    .issued_at = **issued_at,
                    .expires_at = **expires_at};
  for (const std::string& resource : *audience)
    token.audience.emplace_back(resource);
  return token;
}

}  // namespace

AccessTokens::AccessTokens(std::string issuer, const keys::PublishedKeyRing& ring, const accounts::UserDirectory& users,
                           Directory& directory, OneTimeStore& ended, OpaqueTokenRepository& opaque_tokens,
                           RefreshFamilyRepository& families)
    : issuer_(std::move(issuer)),
      ring_(ring),
      users_(users),
      directory_(directory),
      ended_(ended),
      opaque_tokens_(opaque_tokens),
      families_(families) {}

Result<std::optional<AccessToken>> AccessTokens::read(std::string_view text, Instant now) const {
  if (looks_opaque(text)) return read_opaque(text, now);
  return read_signed(text, now);
}

Result<std::optional<AccessToken>> AccessTokens::read_opaque(std::string_view text, Instant now) const {
  Result<std::optional<OpaqueToken>> stored = opaque_tokens_.find_token(hash_opaque_text(text), now);
  if (!stored) return stored.error();
  if (!stored->has_value()) return std::optional<AccessToken>();
  Result<Json> claims = parse_json_object((*stored)->claims);
  if (!claims) return corrupt("the claims of an opaque token: " + claims.error().detail);
  std::optional<AccessToken> token = read_claims(*std::move(claims));
  if (!token) return corrupt("the claims of an opaque token");
  token->opaque_hash = std::move((*stored)->hash);
  token->family = std::move((*stored)->family);
  return token;
}

std::optional<AccessToken> AccessTokens::read_signed(std::string_view text, Instant now) const {
  if (text.size() > kMaxTokenBytes) return std::nullopt;
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  jose::JwtExpectation expectation;
  expectation.issuer = issuer_;
  expectation.now = now;
  const Result<jose::VerifiedJwt> jwt = jose::verify_jwt(text, ring->verification_keys(), expectation);
  if (!jwt || !is_access_token_type(jwt->typ())) return std::nullopt;
  std::optional<AccessToken> token = read_claims(jwt->claims());
  if (!token || !may_sign_for(*jwt, token->audience, *ring)) return std::nullopt;
  token->kid = jwt->kid();
  token->is_of_resource = jose::is_symmetric(jwt->alg());
  return token;
}

Result<bool> AccessTokens::is_active(const AccessToken& token, const Directory::View& view, Instant now) const {
  Result<bool> standing = is_standing(token, now);
  if (!standing || !*standing) return standing;
  Result<bool> client = is_client_active(token.client, token, view);
  if (!client || !*client) return client;
  return is_subject_active(token, view);
}

Result<bool> AccessTokens::is_standing(const AccessToken& token, Instant now) const {
  if (!token.opaque_hash) {
    const Result<bool> ended = ended_.contains(ended_value(token), now);
    return ended ? Result<bool>(!*ended) : ended;
  }
  if (!token.family) return true;
  const Result<std::optional<RefreshFamily>> family = families_.find_family(*token.family);
  if (!family) return family.error();
  // One that has expired may be gone already, whether it was revoked before or not.
  if (!family->has_value() || (*family)->revoked_at) return false;
  return now < (*family)->absolute_expires_at && now < (*family)->idle_expires_at;
}

Result<bool> AccessTokens::is_client_active(const ClientId& id, const AccessToken& token,
                                            const Directory::View& view) const {
  const Result<std::shared_ptr<const Client>> found = directory_.find_client(id, view);
  if (!found) return found.error();
  const Client* const client = found->get();
  if (client == nullptr || client->disabled) return false;
  // A client is made anew seldom, and asks for its first token soon after.
  return token.issued_at + kDatePrecision > client->sessions_valid_from;
}

Result<bool> AccessTokens::is_subject_active(const AccessToken& token, const Directory::View& view) const {
  const Result<std::optional<accounts::User>> user = users_.find_by_id(UserId(token.subject));
  if (!user) return user.error();
  // One that was issued within the second of the change may be from before it.
  if (*user) return !(*user)->disabled && token.issued_at > (*user)->sessions_valid_from;
  // RFC 9068 §2.2: a client that acts for itself, or did before its token was exchanged.
  if (token.subject == token.client.str()) return true;
  return is_client_active(ClientId(token.subject), token, view);
}

Result<void> AccessTokens::end(const AccessToken& token, Instant now) const {
  if (token.opaque_hash) return opaque_tokens_.erase_token(*token.opaque_hash);
  if (token.expires_at > now + kLongestMemory) return invalid("a token that expires too late to have been issued here");
  const OneTimeValue value = ended_value(token);
  const Result<std::optional<OneTimeKind>> done = ended_.consume({&value, 1}, now);
  return done ? Result<void>() : done.error();
}

bool looks_encrypted(std::string_view token) noexcept {
  return std::ranges::count(token, '.') == 4;
}

}  // namespace mintmark::oauth
