// RFC 7662, RFC 9701.

#include <algorithm>

#include "consume.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/jose/jwt.hpp"
#include "mintmark/oauth/token_inquiries.hpp"
#include "mintmark/oauth/token_issuer.hpp"
#include "token_reach.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::string_view kResponseType = "token-introspection+jwt";

Json inactive() {
  return {{"active", false}};
}

Json audience_of(const ReachedResources& resources) {
  if (resources.size() == 1) return resources.front()->id.str();
  Json audience = Json::array();
  for (const auto& resource : resources)
    audience.push_back(resource->id.str());
  return audience;
}

/// RFC 9449 §6.2: how the token is to be presented.
TokenKind kind_of(const Json& claims) {
  return find_confirmation(claims, "jkt") ? TokenKind::dpop : TokenKind::bearer;
}

}  // namespace

OAuthResult<Json> TokenInquiries::describe_access_token(const AccessToken& token, const Client& asker,
                                                        const Directory::View& view, Instant now) const {
  const ReachedResources resources = resources_in_reach(token, asker, asker.introspects, view);
  if (resources.empty()) return inactive();
  const Result<bool> active = access_tokens_.is_active(token, view, now);
  if (!active) return from_error(active.error());
  if (!*active) return inactive();
  Json answer = token.claims;
  answer["active"] = true;
  answer["token_type"] = name(kind_of(token.claims));
  answer["aud"] = audience_of(resources);
  if (token.client != asker.id) {
    const std::string scope = join(scopes_at(resources, token.claims), " ");
    answer.erase("scope");
    if (!scope.empty()) answer["scope"] = scope;
  }
  return answer;
}

/// To nobody but its client: it is not for resources (RFC 6749 §1.5).
OAuthResult<Json> TokenInquiries::describe_refresh_token(const TokenQuestion& question, const Client& asker,
                                                         Instant now) const {
  OAuthResult<std::optional<RefreshContinuation>> found = families_.find(question.token, asker, now);
  if (!found) return found.error();
  if (!found->has_value()) return inactive();
  const RefreshFamily family = (*found)->family;
  Result<std::optional<accounts::User>> user = users_.find_by_id(family.user);
  if (!user) return from_error(user.error());
  if (!user->has_value()) return inactive();
  const Authorization authorization{.grant = GrantType::refresh_token,
                                    .client = std::make_shared<const Client>(asker),
                                    .user = **std::move(user),
                                    .refresh = **std::move(found)};
  if (!policy_.admit_session(authorization)) return inactive();
  Json answer = {{"active", true},
                 {"iss", issuer_},
                 {"client_id", asker.id.str()},
                 {"sub", family.user.str()},
                 {"iat", to_numeric_date(family.rotated_at)},
                 {"exp", to_numeric_date(std::min(family.absolute_expires_at, family.idle_expires_at))}};
  if (!family.scopes.empty()) answer["scope"] = join(family.scopes, " ");
  return answer;
}

OAuthResult<Json> TokenInquiries::describe(const TokenQuestion& question, const Client& asker,
                                           const Directory::View& view, Instant now) const {
  const Result<std::optional<AccessToken>> token = access_tokens_.read(question.token.reveal_text(), now);
  if (!token) return from_error(token.error());
  if (*token) return describe_access_token(**token, asker, view, now);
  return describe_refresh_token(question, asker, now);
}

/// RFC 9701 §5. Signed with what the resource's own tokens are signed with, which it can verify.
OAuthResult<IntrospectionResponse> TokenInquiries::render(const Json& answer, const Client& asker,
                                                          const Directory::View& view, Instant now) const {
  const std::shared_ptr<const keys::KeyRing> ring = ring_.load();
  const keys::Signer* signer = nullptr;
  for (const auto& ids : {asker.introspects, asker.resources}) {
    for (const ResourceId& id : ids) {
      const std::shared_ptr<const Resource> resource = find_in_use(view, id);
      if (signer != nullptr || resource == nullptr || jose::is_symmetric(resource->alg)) continue;
      signer = ring->find_signer(resource->alg, now);
    }
  }
  if (signer == nullptr) return IntrospectionResponse{answer.dump(), IntrospectionFormat::json};
  jose::UnsignedClaims claims;
  claims.add("iss", issuer_).add("aud", asker.id.str()).add("iat", now).add("token_introspection", answer);
  Result<std::string> token = signer->sign(kResponseType, claims);
  if (!token) return from_error(token.error());
  return IntrospectionResponse{*std::move(token), IntrospectionFormat::jwt};
}

OAuthResult<IntrospectionResponse> TokenInquiries::introspect(const TokenQuestion& question, IntrospectionFormat format,
                                                              const RequestContext& context) const {
  const std::shared_ptr<const Directory::View> known = directory_.view();
  Identification identified = gate_.identify(question, *known, context);
  const std::shared_ptr<const Client> client = identified.client;
  const auto refuse = [&](OAuthError error) {
    events_.token_refused({error, std::nullopt, client.get(), Endpoint::introspection}, context);
    return error;
  };
  const OAuthResult<Asker> asker = admit(std::move(identified));
  if (!asker) return refuse(asker.error());
  // RFC 7662 §2.1: whoever could ask without a credential could try tokens out.
  if (client->is_public()) return refuse(refuse_client("a public client"));
  const OAuthResult<Json> answer = describe(question, *client, *known, context.now);
  if (!answer) return refuse(answer.error());
  if (OAuthResult<void> used = consume(one_time_, asker->one_time, context.now); !used) return refuse(used.error());
  if (format == IntrospectionFormat::json) return IntrospectionResponse{answer->dump(), IntrospectionFormat::json};
  OAuthResult<IntrospectionResponse> rendered = render(*answer, *client, *known, context.now);
  if (!rendered) return refuse(rendered.error());
  return rendered;
}

}  // namespace mintmark::oauth
