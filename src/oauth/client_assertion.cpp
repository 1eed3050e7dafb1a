#include "mintmark/oauth/client_assertion.hpp"

#include <algorithm>
#include <array>

#include "jti.hpp"
#include "mintmark/oauth/client_secret.hpp"

namespace mintmark::oauth {
namespace {

// draft-ietf-oauth-rfc7523bis §5; what everybody writes; and what SPIFFE allows beside it.
constexpr std::array<std::string_view, 2> kOwnTypes{"JWT", "client-authentication+jwt"};
constexpr std::array<std::string_view, 2> kIdentityTypes{"JWT", "JOSE"};

/// Remembered apart from those of other `owner`s.
Result<OneTimeValue> read_value(const jose::VerifiedJwt& jwt, std::string owner) {
  return read_jti(jwt.claims(), OneTimeKind::client_assertion, std::move(owner), last_moment_of(jwt));
}

KeySetPlace keys_of(const MacSecret& mac) {
  return InlineKeySet{{}, std::make_shared<const VerificationKeys>(VerificationKeys{mac.key})};
}

/// What the token must be for, if it is of an identity of the client: `iss` and `sub` to the letter. Believed only once
/// the token is verified.
std::vector<std::string> find_audiences(const ForeignToken& assertion, const Client& client,
                                        const std::string& our_issuer) {
  std::vector<std::string> audiences;
  for (const WorkloadIdentity& identity : client.identities) {
    if (identity.issuer != assertion.issuer || identity.subject != assertion.subject) continue;
    audiences.push_back(identity.audience.empty() ? our_issuer : identity.audience);
  }
  return audiences;
}

}  // namespace

ClientAssertions::ClientAssertions(const Issuer& issuer, AssertionAudience audience, VerificationKeySets& key_sets)
    : audiences_{issuer.url, issuer.token_endpoint()}, audience_(audience), key_sets_(key_sets) {}

OAuthResult<ClientProof> ClientAssertions::verify(const ForeignToken& assertion, const Client& client,
                                                  const AssertionContext& context) const {
  // RFC 7523 §3: what a client says of itself has its id as `iss` and `sub`.
  const bool is_own = assertion.issuer == client.id.str();
  Result<ClientProof> verified =
      is_own ? verify_own(assertion, client, context) : verify_identity(assertion, client, context);
  if (verified) return *std::move(verified);
  if (verified.error().kind == ErrorKind::unavailable) return from_error(verified.error());
  return refuse_client("the assertion: " + verified.error().detail);
}

Result<ClientProof> ClientAssertions::verify_own(const ForeignToken& assertion, const Client& client,
                                                 const AssertionContext& context) const {
  std::optional<MacSecret> mac;
  std::optional<KeySetPlace> mac_keys;
  const KeySetPlace* keys = client.keys ? &*client.keys : nullptr;  // not copied: a document is in it
  if (assertion.alg && jose::is_symmetric(*assertion.alg)) {
    mac = find_mac_secret(client, assertion.text.reveal_text(), *assertion.alg, context.ring, context.now);
    if (!mac) return invalid("no secret of the client is known that made its MAC");
    mac_keys = keys_of(*mac);
    keys = &*mac_keys;
  }
  if (keys == nullptr) return invalid("the client has no keys");
  const Result<jose::VerifiedJwt> jwt = verify_foreign_token(assertion,
                                                             {.keys = *keys,
                                                              .algs = client.auth_signing_algs,
                                                              .issuer = client.id.str(),
                                                              .typ = kOwnTypes,
                                                              .max_lifetime = kMaxLifetime},
                                                             key_sets_, context.now);
  if (!jwt) return jwt.error();
  if (find_string(jwt->claims(), "sub") != client.id.str()) return invalid("\"sub\" is not the client");
  if (Result<void> checked = check_audience(jwt->claims()); !checked) return checked.error();
  Result<OneTimeValue> value = read_value(*jwt, client.id.str());
  if (!value) return value.error();
  return ClientProof{{*std::move(value)}, mac ? mac->secret : nullptr};
}

/// RFC 7523 §3 leaves open whether a `jti` is consumed. Platforms hand such a token to a workload to be used until it
/// expires, as Kubernetes and SPIFFE say; so it is consumed only where the issuer is known to make one for each use.
Result<ClientProof> ClientAssertions::verify_identity(const ForeignToken& assertion, const Client& client,
                                                      const AssertionContext& context) const {
  const std::vector<std::string> audiences = find_audiences(assertion, client, audiences_.front());
  if (audiences.empty()) return invalid("not an identity of the client");
  const Result<jose::VerifiedJwt> jwt =
      verify_trusted_token(assertion, context.trusted, audiences, kIdentityTypes, key_sets_, context.now);
  if (!jwt) return jwt.error();
  if (find_string(jwt->claims(), "sub") != assertion.subject) return invalid("\"sub\" is not the identity");
  if (!context.trusted.find(assertion.issuer)->second.single_use) return ClientProof{};
  // A control character, which no client_id has, keeps these apart from those of clients.
  Result<OneTimeValue> value = read_value(*jwt, '\n' + assertion.issuer);
  if (!value) return value.error();
  return ClientProof{{*std::move(value)}};
}

Result<void> ClientAssertions::check_audience(const Json& claims) const {
  const bool with_endpoint = audience_.load(std::memory_order_relaxed) == AssertionAudience::issuer_or_endpoint;
  return require_sole_audience(claims, std::span(audiences_).first(with_endpoint ? 2 : 1));
}

}  // namespace mintmark::oauth
