// RFC 7009.

#include "consume.hpp"
#include "mintmark/oauth/token_inquiries.hpp"

namespace mintmark::oauth {

OAuthResult<void> TokenInquiries::end(const TokenQuestion& question, const Asker& asker,
                                      const RequestContext& context) const {
  const std::string_view text = question.token.reveal_text();
  if (looks_encrypted(text)) {
    return OAuthError{OAuthCode::unsupported_token_type, "an encrypted token cannot be read here"};
  }
  const Result<std::optional<AccessToken>> read = access_tokens_.read(text, context.now);
  if (!read) return from_error(read.error());
  const std::optional<AccessToken>& token = *read;
  if (token && token->client != asker.client->id) return refuse_grant("an access token of another client");
  const OAuthResult<std::optional<RefreshFamily>> family = families_.find_any(question.token);
  if (!family) return family.error();
  if (*family && (*family)->client != asker.client->id) return refuse_grant("a refresh token of another client");
  // Whoever could repeat the request could end nothing more by it; but an assertion is good for once everywhere.
  if (OAuthResult<void> used = consume(one_time_, asker.one_time, context.now); !used) return used;
  if (token) {
    const Result<void> ended = access_tokens_.end(*token, context.now);
    if (!ended && ended.error().kind == ErrorKind::invalid) return refuse_grant(ended.error().detail);
    if (!ended) return from_error(ended.error());
    events_.token_revoked({*asker.client, token->jti, nullptr}, context);
    return {};
  }
  if (!*family || (*family)->revoked_at) return {};  // there is nothing left to end
  if (OAuthResult<void> revoked = families_.revoke((*family)->id, context.now); !revoked) return revoked;
  events_.token_revoked({*asker.client, {}, &(*family)->id}, context);
  return {};
}

RevocationOutcome TokenInquiries::revoke(const TokenQuestion& question, const RequestContext& context) const {
  const std::shared_ptr<const Directory::View> known = directory_.view();
  Identification identified = gate_.identify(question, *known, context);
  std::shared_ptr<const Client> client = identified.client;
  const OAuthResult<Asker> asker = admit(std::move(identified));
  OAuthResult<void> result = asker ? end(question, *asker, context) : asker.error();
  if (!result) events_.token_refused({result.error(), std::nullopt, client.get(), Endpoint::revocation}, context);
  return {std::move(result), std::move(client)};
}

}  // namespace mintmark::oauth
