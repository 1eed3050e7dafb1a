#include "mintmark/oauth/client_auth.hpp"

#include <algorithm>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/form.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::oauth {
namespace {

OAuthError failed() {
  return {OAuthCode::invalid_client, "client authentication failed", std::nullopt, std::nullopt,
          RefusalReason::wrong_credential};
}

/// RFC 7617, with the parts form-encoded as RFC 6749 §2.3.1 asks.
OAuthResult<PresentedClient> read_basic(std::string_view header) {
  static constexpr std::string_view kScheme = "Basic ";
  if (header.size() < kScheme.size() || !equals_ignoring_case(header.substr(0, kScheme.size()), kScheme)) {
    return OAuthError{OAuthCode::invalid_client, "the Authorization header must use the Basic scheme"};
  }
  Result<Bytes> decoded = decode_base64(trim(header.substr(kScheme.size())));
  if (!decoded) return OAuthError{OAuthCode::invalid_client, "the Authorization header cannot be read"};
  const Secret pair(*std::move(decoded));
  const std::size_t colon = pair.reveal_text().find(':');
  if (colon == std::string_view::npos)
    return OAuthError{OAuthCode::invalid_client, "the Authorization header cannot be read"};
  Result<std::string> id = decode_form_component(pair.reveal_text().substr(0, colon));
  Result<std::string> secret = decode_form_component(pair.reveal_text().substr(colon + 1));
  if (!id || !secret || !is_client_id(*id)) {
    return OAuthError{OAuthCode::invalid_client, "the Authorization header cannot be read"};
  }
  PresentedClient presented{ClientId(*std::move(id)), ClientAuthMethod::client_secret_basic,
                            Secret(std::string_view(*secret))};
  wipe(secret->data(), secret->size());
  return presented;
}

bool has_secret(const Client& client, const Secret& secret, Instant now) {
  if (secret.empty()) return false;
  const Bytes hash = crypto::digest(crypto::Hash::sha256, secret.reveal());
  bool found = false;
  for (const ClientSecret& candidate : client.secrets) {  // all of them, so that the time tells nothing
    const bool alive = !candidate.expires_at || now < *candidate.expires_at;
    found |= crypto::constant_time_equal(hash, candidate.sha256) && alive;
  }
  return found;
}

}  // namespace

OAuthResult<PresentedClient> read_presented_client(const TokenRequest& request) {
  if (request.authorization) {
    if (request.client_secret) {
      return OAuthError{OAuthCode::invalid_request,
                        "more than one client authentication method (RFC 6749 section 2.3)"};
    }
    OAuthResult<PresentedClient> basic = read_basic(request.authorization->reveal_text());
    if (basic && request.client_id && *request.client_id != basic->id.str()) {
      return OAuthError{OAuthCode::invalid_request, "client_id and the Authorization header name different clients"};
    }
    return basic;
  }
  if (!request.client_id) return OAuthError{OAuthCode::invalid_client, "no client is named"};
  if (!is_client_id(*request.client_id)) return failed();
  if (request.client_secret) {
    return PresentedClient{ClientId(*request.client_id), ClientAuthMethod::client_secret_post, *request.client_secret};
  }
  return PresentedClient{ClientId(*request.client_id), ClientAuthMethod::none, {}};
}

OAuthResult<void> authenticate_client(const PresentedClient& presented, const Client* registered, Instant now) {
  if (registered == nullptr) return failed();
  const std::vector<ClientAuthMethod>& methods = registered->auth_methods;
  if (std::ranges::find(methods, presented.method) == methods.end()) return failed();
  if (presented.method != ClientAuthMethod::none && !has_secret(*registered, presented.secret, now)) return failed();
  return {};
}

}  // namespace mintmark::oauth
