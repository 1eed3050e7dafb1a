#include "mintmark/oauth/client_auth.hpp"

#include <algorithm>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/contains.hpp"
#include "mintmark/base/form.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/oauth/client_secret.hpp"

namespace mintmark::oauth {
namespace {

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
                            Secret(std::string_view(*secret)), nullptr, nullptr};
  wipe(secret->data(), secret->size());
  return presented;
}

OAuthError several_methods() {
  return {OAuthCode::invalid_request, "more than one client authentication method (RFC 6749 section 2.3)"};
}

/// RFC 7521 §4.2: the client is the subject of its own assertion, and is named beside one of somebody else.
OAuthResult<PresentedClient> read_assertion(const ClientParameters& request) {
  if (request.authorization || request.client_secret) return several_methods();
  if (!request.client_assertion || !request.client_assertion_type) {
    return OAuthError{OAuthCode::invalid_request, "client_assertion and client_assertion_type go together"};
  }
  if (*request.client_assertion_type != kJwtBearerAssertion) {
    return OAuthError{OAuthCode::invalid_client, "the client_assertion_type is not supported"};
  }
  const ForeignToken& assertion = *request.client_assertion;
  const bool names_itself = assertion.issuer == assertion.subject && is_client_id(assertion.subject);
  if (!request.client_id && !names_itself) return refuse_client("the assertion names no client");
  std::string id = request.client_id.value_or(assertion.subject);
  if (!is_client_id(id)) return refuse_client("not a client_id");
  const bool is_mac = assertion.alg && jose::is_symmetric(*assertion.alg);
  return PresentedClient{ClientId(std::move(id)),
                         is_mac ? ClientAuthMethod::client_secret_jwt : ClientAuthMethod::private_key_jwt,
                         {},
                         request.client_assertion,
                         nullptr};
}

/// By one of the methods that leave something in the request; a certificate may still speak for a client that is named
/// alone.
OAuthResult<PresentedClient> read_method(const ClientParameters& request) {
  if (request.client_assertion || request.client_assertion_type) return read_assertion(request);
  if (request.authorization) {
    if (request.client_secret) return several_methods();
    OAuthResult<PresentedClient> basic = read_basic(request.authorization->reveal_text());
    if (basic && request.client_id && *request.client_id != basic->id.str()) {
      return OAuthError{OAuthCode::invalid_request, "client_id and the Authorization header name different clients"};
    }
    return basic;
  }
  if (!request.client_id) return OAuthError{OAuthCode::invalid_client, "no client is named"};
  if (!is_client_id(*request.client_id)) return refuse_client("not a client_id");
  if (request.client_secret) {
    return PresentedClient{ClientId(*request.client_id), ClientAuthMethod::client_secret_post, *request.client_secret,
                           nullptr, nullptr};
  }
  return PresentedClient{ClientId(*request.client_id), ClientAuthMethod::none, {}, nullptr, nullptr};
}

/// RFC 8705 §2: the request names the client, and the connection proves it.
OAuthResult<ClientProof> authenticate_by_certificate(const PresentedClient& presented, const Client& client,
                                                     const ClientAssertions& assertions,
                                                     const AssertionContext& context) {
  if (!presented.certificate) return refuse_client("no certificate");
  const Result<void> verified =
      verify_client_certificate(*presented.certificate, client, assertions.key_sets(), context.now);
  if (verified) return ClientProof{};
  if (verified.error().kind == ErrorKind::unavailable) return from_error(verified.error());
  return refuse_client("the certificate: " + verified.error().detail);
}

}  // namespace

OAuthResult<PresentedClient> read_presented_client(const ClientParameters& request) {
  OAuthResult<PresentedClient> presented = read_method(request);
  if (presented) presented->certificate = request.certificate;
  return presented;
}

OAuthResult<ClientProof> authenticate_client(const PresentedClient& presented, const Client* registered,
                                             const ClientAssertions& assertions, const AssertionContext& context) {
  if (registered == nullptr) return refuse_client("there is no such client");
  if (presented.method == ClientAuthMethod::none && std::ranges::any_of(registered->auth_methods, uses_certificate)) {
    return authenticate_by_certificate(presented, *registered, assertions, context);
  }
  if (!registered->may_use(presented.method)) return refuse_client("not a method of the client");
  if (presented.assertion) return assertions.verify(*presented.assertion, *registered, context);
  if (!uses_secret(presented.method)) return ClientProof{};
  const ClientSecret* const secret = find_secret(*registered, presented.secret, context.ring, context.now);
  if (secret == nullptr) return refuse_client("no secret of the client");
  return ClientProof{{}, secret};
}

}  // namespace mintmark::oauth
