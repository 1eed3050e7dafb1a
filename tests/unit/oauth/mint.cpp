#include "mint.hpp"

#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/oauth/grants/client_credentials.hpp"
#include "mintmark/oauth/grants/jwt_bearer.hpp"
#include "mintmark/oauth/grants/password.hpp"
#include "mintmark/oauth/grants/refresh_token.hpp"
#include "mintmark/oauth/grants/token_exchange.hpp"

namespace mintmark::oauth::testing {
namespace {

Resource make_resource(const char* id, jose::Alg alg, std::vector<std::string> scopes, Json claims = Json::object()) {
  Resource resource;
  resource.id = ResourceId(id);
  resource.alg = alg;
  resource.scopes = std::move(scopes);
  resource.claims = ClaimsTemplate::make(std::move(claims)).value();
  return resource;
}

Client make_service(const char* id, std::vector<ResourceId> resources) {
  Client client;
  client.id = ClientId(id);
  client.auth_methods = {ClientAuthMethod::client_secret_basic, ClientAuthMethod::client_secret_post};
  client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes("service-secret")), Instant{}, std::nullopt}};
  client.grant_types = {GrantType::client_credentials};
  client.scopes = {"read", "write", "other"};
  client.resources = std::move(resources);
  return client;
}

Client make_app() {
  Client client;
  client.id = ClientId("app");
  client.auth_methods = {ClientAuthMethod::none};
  client.grant_types = {GrantType::password, GrantType::refresh_token};
  client.scopes = {"read", "write"};
  client.resources = {ResourceId(kApi)};
  return client;
}

}  // namespace

Mint::Mint() {
  const Json claims = {{"userId", "{user.id}"}, {"role", "{user.attributes.role}"}};
  for (const Resource& resource :
       {make_resource(kApi, jose::Alg::ES256, {"read", "write"}, claims),
        make_resource(kOtherApi, jose::Alg::ES256, {"other"}, claims),
        make_resource(kHmacApi, jose::Alg::HS256, {"read"}), make_resource(kForeignApi, jose::Alg::ES256, {"read"})}) {
    EXPECT_TRUE(store->resources().insert_resource(resource));
  }
  const ResourceId api(kApi);
  EXPECT_TRUE(store->clients().insert_client(make_service("service", {api})));
  EXPECT_TRUE(
      store->clients().insert_client(make_service("multi", {api, ResourceId(kOtherApi), ResourceId(kHmacApi)})));
  EXPECT_TRUE(store->clients().insert_client(make_app()));
  accounts::User alice;
  alice.id = UserId("user-1");
  alice.username = "alice";
  alice.password_hash = "wonderland";
  alice.attributes = {{"role", "Admin"}};
  EXPECT_TRUE(store->users().insert_user(alice));

  directory = std::make_unique<Directory>(std::vector<Client>{}, std::vector<Resource>{}, store->clients(),
                                          store->resources(), 100);
  EXPECT_TRUE(directory->refresh());
  keys::KeyDemand demand;
  demand.algs = {jose::Alg::ES256};
  demand.secrets.push_back({ResourceId(kHmacApi), jose::Alg::HS256, std::nullopt});
  const Secret sealing_key{std::string_view(encode_base64(Bytes(32, 9)))};
  keys = std::move(keys::KeyManager::open(store->keys(), keys::Sealer::from_base64(sealing_key).value(), {}, demand,
                                          events, now))
             .value();
  users = std::make_unique<accounts::UserDirectory>(std::vector<accounts::User>{}, store->users());
  authenticator = accounts::PasswordAuthenticator::make(*users, store->users(), hasher).value();
  families = std::make_unique<RefreshFamilies>(store->refresh_families(), keys->ring(), events);
  policy = std::make_unique<Policy>(keys::KeyPeriods{}.longest_lifetime);
  issuer = std::make_unique<TokenIssuer>(kIssuer, keys->ring(), recipients, *families, store->one_time(),
                                         store->opaque_tokens(), events);
  std::vector<std::unique_ptr<Grant>> grants;
  grants.push_back(std::make_unique<ClientCredentialsGrant>());
  grants.push_back(std::make_unique<PasswordGrant>(*authenticator));
  grants.push_back(std::make_unique<RefreshTokenGrant>(*families, *users));
  access_tokens = std::make_unique<AccessTokens>(kIssuer, keys->ring(), *users, *directory, store->one_time(),
                                                 store->opaque_tokens(), store->refresh_families());
  trusted_subjects = std::make_unique<TrustedSubjects>(kIssuer, *directory, *users, verification_keys);
  grants.push_back(std::make_unique<JwtBearerGrant>(*trusted_subjects));
  grants.push_back(
      std::make_unique<TokenExchangeGrant>(kIssuer, *access_tokens, *trusted_subjects, *users, *directory));
  guard = std::make_unique<accounts::AttemptGuard>(Secret(Bytes(32, 5)), accounts::GuardLimits{},
                                                   store->attempt_counters());
  gatekeeper = std::make_unique<Gatekeeper>(*guard, RequestLimits{});
  dpop = std::make_unique<Dpop>(parse_issuer(kIssuer).value(), keys->ring(), false);
  gate = std::make_unique<ClientGate>(*directory, keys->ring(), assertions, secret_uses, *gatekeeper);
  endpoint = std::make_unique<TokenEndpoint>(*directory, *policy, *issuer, std::move(grants), keys->ring(), recipients,
                                             *gate, *dpop, *gatekeeper, events);
  inquiries = std::make_unique<TokenInquiries>(kIssuer, *directory, *policy, *gate, keys->ring(), *users,
                                               *access_tokens, *families, store->one_time(), events);
}

TokenOutcome Mint::post_at(std::string_view form, Instant at) {
  OAuthResult<TokenRequest> request = parse_token_request(parse_form(form).value(), std::nullopt);
  if (!request) return {request.error(), nullptr};
  return endpoint->handle(*request, {"request", remote, at});
}

TokenOutcome Mint::post_with_certificate(std::string_view form,
                                         std::shared_ptr<const PresentedCertificate> certificate) {
  TokenRequest request = parse_token_request(parse_form(form).value(), std::nullopt).value();
  request.certificate = std::move(certificate);
  return endpoint->handle(request, {"request", remote, now});
}

TokenOutcome Mint::post_with_proof(std::string_view form, const std::string& proof) {
  TokenRequest request = parse_token_request(parse_form(form).value(), std::nullopt).value();
  request.dpop = proof;
  return endpoint->handle(request, {"request", remote, now});
}

TokenOutcome Mint::post_from(std::string_view remote_address, std::string_view form) {
  remote = remote_address;
  return post(form);
}

TokenOutcome Mint::refresh(const Secret& token, std::string_view more) {
  return post("grant_type=refresh_token&client_id=app&refresh_token=" + std::string(token.reveal_text()) +
              std::string(more));
}

jose::VerifiedJwt Mint::verified(const std::string& token) {
  jose::JwtExpectation expectation;
  expectation.issuer = kIssuer;
  expectation.now = now;
  return jose::verify_jwt(token, keys->ring().load()->verification_keys(), expectation).value();
}

void Mint::change_client(const char* id, const std::function<void(Client&)>& change) {
  Client client = store->clients().find_client(ClientId(id)).value().value();
  change(client);
  ASSERT_TRUE(store->clients().update_client(client));
  ASSERT_TRUE(directory->refresh());
}

void Mint::change_resource(const char* id, const std::function<void(Resource&)>& change) {
  Resource resource = store->resources().find_resource(ResourceId(id)).value().value();
  change(resource);
  ASSERT_TRUE(store->resources().update_resource(resource));
  ASSERT_TRUE(directory->refresh());
}

void Mint::change_user(const std::function<void(accounts::User&)>& change) {
  accounts::User user = store->users().find_by_username("alice").value().value();
  change(user);
  ASSERT_TRUE(store->users().update_user(user));
}

std::optional<OAuthCode> code_of(const TokenOutcome& outcome) {
  return outcome.result ? std::nullopt : std::optional(outcome.result.error().code);
}

}  // namespace mintmark::oauth::testing
