// Invariant 1: what is forbidden is forbidden in every grant, however the client authenticates. A matrix of
// authentication method × grant × condition, generated from the tables of the server: every cell must be refused with
// the same code, and the same request must succeed without the condition.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "integration/mint_server.hpp"
#include "mintmark/app/open.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "mintmark/crypto/random.hpp"
#include "mintmark/jose/jwk.hpp"
#include "mintmark/oauth/client_secret.hpp"
#include "support/assertions.hpp"
#include "support/certificates.hpp"

namespace mintmark::testing {
namespace {

using oauth::Client;
using oauth::ClientAuthMethod;
using oauth::Resource;

constexpr const char* kClient = "matrix";
constexpr const char* kHost = "matrix.example.com";
constexpr const char* kTrusted = "https://idp.example.com";
constexpr const char* kAccessTokenType = "urn:ietf:params:oauth:token-type:access_token";
constexpr const char* kSecret = "mms_matrix-secret-that-is-long-enough-for-it";

/// What is wrong with how the client authenticates.
enum class Flaw { none, wrong, expired, replayed, for_another };

/// RFC 6749 §4.4: client_credentials is for confidential clients alone; exchanges are so too.
bool is_for(oauth::GrantType grant, ClientAuthMethod method) {
  const bool needs_proof = grant == oauth::GrantType::client_credentials || grant == oauth::GrantType::token_exchange;
  return method != ClientAuthMethod::none || !needs_proof;
}

/// The keys that the service has in the store.
std::shared_ptr<const keys::KeyRing> open_ring(MintServer& mint) {
  const app::Config config = app::load_config(mint.config().file(), {}).value();
  return keys::KeyRing::make(mint.store().keys().load_keys().value().records, app::load_sealer(config).value(),
                             config.keys.periods, mint.clock.now())
      .value();
}

/// What the client makes assertions with.
jose::SigningKey make_client_key(ClientAuthMethod method, MintServer& mint) {
  if (method != ClientAuthMethod::client_secret_jwt) return jose::SigningKey::generate(jose::Alg::ES256).value();
  Secret secret = oauth::derive_client_secret(*open_ring(mint), ClientId(kClient), "1");
  return jose::SigningKey::make(jose::Alg::HS256, KeyId(), std::move(secret)).value();
}

/// What a proxy shows of the client.
std::string client_cert(const CertifiedKey& pair) {
  return ':' + encode_base64(to_der(pair.certificate)) + ':';
}

CertifiedKey issue_certificate(const std::string& name, std::chrono::seconds until = std::chrono::hours(24) * 3650) {
  return CertificateAuthority(name, {.until = until})
      .issue({.common_name = name, .organization = "", .alternative = "DNS:" + name}, {.until = until});
}

Json key_set_of(const CertifiedKey& pair) {
  return {{"keys", Json::array({jose::public_jwk(crypto::PublicKey::from_pem(pair.certificate).value())})}};
}

oauth::KeySetPlace inline_keys_of(const CertifiedKey& pair) {
  const Json set = key_set_of(pair);
  return oauth::InlineKeySet{
      set, std::make_shared<const oauth::VerificationKeys>(oauth::read_verification_keys(set.dump()).value())};
}

bool uses_assertions(ClientAuthMethod method) {
  return method == ClientAuthMethod::private_key_jwt || method == ClientAuthMethod::client_secret_jwt;
}

/// A trusted issuer whose tokens are good for the client as a grant, each once.
std::function<void(Json&)> trust(const jose::SigningKey& key) {
  return [&key](Json& config) {
    config["server"]["trusted_proxies"] = {"127.0.0.1"};
    config["server"]["client_cert_header"] = "verified";
    config["trusted_issuers"] = {{{"issuer", kTrusted},
                                  {"jwks", public_key_set(key)},
                                  {"single_use", true},
                                  {"jwt_bearer", {{"clients", {kClient}}, {"usernames", {{"bob-there", "bob"}}}}}}};
  };
}

std::string make_jti() {
  return encode_base64url(crypto::random_bytes(16));
}

/// A client that may use every grant, a user and a resource, all in the store so that they can be changed.
struct World {
  const ClientAuthMethod method;
  const jose::SigningKey trusted_key = jose::SigningKey::generate(jose::Alg::ES256).value();
  MintServer mint{trust(trusted_key)};
  const jose::SigningKey key = make_client_key(method, mint);
  std::string last_assertion = {};
  const CertifiedKey certificate = issue_certificate(kHost);
  const jose::SigningKey proof_key = jose::SigningKey::generate(jose::Alg::ES256).value();
  std::string proof = {};  ///< of DPoP, for the requests to come; none where empty
  std::string refresh_token;
  std::string subject_token;  ///< of an exchange
  std::string password = kPassword;

  explicit World(ClientAuthMethod the_method) : method(the_method) {
    Resource resource;
    resource.id = ResourceId("https://matrix.example.com");
    resource.scopes = {"read"};
    EXPECT_TRUE(mint.store().resources().insert_resource(resource));
    Client client;
    client.id = ClientId(kClient);
    client.auth_methods = {method};
    if (oauth::uses_secret(method)) {
      const bool derived = method == ClientAuthMethod::client_secret_jwt;
      const Secret secret = derived ? key.shared_secret() : Secret(std::string_view(kSecret));
      client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, secret.reveal()), Instant{},
                         mint.clock.now() + std::chrono::hours(1), derived}};
    }
    if (method == ClientAuthMethod::private_key_jwt) client.keys = inline_keys(key);
    if (method == ClientAuthMethod::self_signed_tls_client_auth) client.keys = inline_keys_of(certificate);
    if (method == ClientAuthMethod::tls_client_auth) {
      client.certificate_name = {oauth::CertificateNameKind::san_dns, kHost};
    }
    const std::span<const oauth::GrantType> all = oauth::all_grant_types();
    client.grant_types.assign(all.begin(), all.end());
    std::erase_if(client.grant_types, [&](oauth::GrantType grant) { return !is_for(grant, method); });
    client.scopes = {"read"};
    client.resources = {resource.id};
    EXPECT_TRUE(mint.store().clients().insert_client(client));
    accounts::User user;
    user.id = accounts::make_user_id();
    user.username = "bob";
    user.password_hash = mint.config().document["users"][0]["password_hash"].get<std::string>();
    EXPECT_TRUE(mint.store().users().insert_user(user));
    mint.tick();
    const Json login = ask("password", {}).json();
    refresh_token = login.at("refresh_token");
    subject_token = login.at("access_token");
  }

  std::string make_assertion(Flaw flaw) {
    if (flaw == Flaw::replayed) return last_assertion;
    const std::string audience = flaw == Flaw::for_another ? "https://other.example.com" : kIssuer;
    const Instant made_at = mint.clock.now() - (flaw == Flaw::expired ? std::chrono::minutes(2) : Duration::zero());
    const jose::SigningKey signer = flaw == Flaw::wrong ? jose::SigningKey::generate(key.alg()).value() : key;
    last_assertion = compact_jws(jws_header(signer), assertion_claims(kClient, audience, make_jti(), made_at), signer);
    return last_assertion;
  }

  [[nodiscard]] CertifiedKey flawed_certificate(Flaw flaw) const {
    if (flaw == Flaw::wrong) return issue_certificate("other.example.com");
    if (flaw == Flaw::expired) return issue_certificate(kHost, std::chrono::hours(1));  // long before the clock here
    return certificate;
  }

  [[nodiscard]] std::string make_proof(const std::string& host) const {
    return compact_jws(proof_header(proof_key), proof_claims(host + "/token", make_jti(), mint.clock.now()), proof_key);
  }

  [[nodiscard]] std::string make_grant_assertion() const {
    Json claims = assertion_claims(kTrusted, kIssuer, make_jti(), mint.clock.now());
    claims["sub"] = "bob-there";
    return compact_jws(jws_header(trusted_key), claims, trusted_key);
  }

  HttpAnswer ask(const std::string& grant, const HttpFields& more, Flaw flaw = Flaw::none) {
    const std::string secret = flaw == Flaw::wrong ? "mms_wrong" : kSecret;
    HttpFields parameters{{"grant_type", grant}};
    HttpFields fields;
    if (!proof.empty()) fields.emplace_back("DPoP", proof);
    switch (method) {
      case ClientAuthMethod::none:
        parameters.emplace_back("client_id", kClient);
        break;
      case ClientAuthMethod::client_secret_basic:
        fields.emplace_back("Authorization", basic_authorization(kClient, secret));
        break;
      case ClientAuthMethod::client_secret_post:
        parameters.insert(parameters.end(), {{"client_id", kClient}, {"client_secret", secret}});
        break;
      case ClientAuthMethod::private_key_jwt:
      case ClientAuthMethod::client_secret_jwt:
        parameters.insert(parameters.end(), {{"client_assertion_type", std::string(oauth::kJwtBearerAssertion)},
                                             {"client_assertion", make_assertion(flaw)}});
        break;
      case ClientAuthMethod::tls_client_auth:
      case ClientAuthMethod::self_signed_tls_client_auth:
        parameters.emplace_back("client_id", kClient);
        fields.emplace_back("Client-Cert", client_cert(flawed_certificate(flaw)));
        break;
    }
    if (grant == "password") parameters.insert(parameters.end(), {{"username", "bob"}, {"password", password}});
    if (grant == name(oauth::GrantType::jwt_bearer)) parameters.emplace_back("assertion", make_grant_assertion());
    if (grant == name(oauth::GrantType::token_exchange)) {
      parameters.insert(parameters.end(), {{"subject_token", subject_token}, {"subject_token_type", kAccessTokenType}});
    }
    if (grant == "refresh_token") parameters.emplace_back("refresh_token", refresh_token);
    parameters.insert(parameters.end(), more.begin(), more.end());
    return mint.token(parameters, fields);
  }

  /// Without the secret's expiring meanwhile.
  void wait(Duration duration) {
    change_client([](Client& it) {
      for (oauth::ClientSecret& secret : it.secrets)
        secret.expires_at.reset();
    });
    mint.clock.advance(duration);
  }
  void change_client(const std::function<void(Client&)>& change) {
    Client client = mint.store().clients().find_client(ClientId(kClient)).value().value();
    change(client);
    EXPECT_TRUE(mint.store().clients().update_client(client));
    mint.tick();
  }
  void change_resource(const std::function<void(Resource&)>& change) {
    Resource resource =
        mint.store().resources().find_resource(ResourceId("https://matrix.example.com")).value().value();
    change(resource);
    EXPECT_TRUE(mint.store().resources().update_resource(resource));
    mint.tick();
  }
  void change_user(const std::function<void(accounts::User&)>& change) {
    accounts::User user = mint.store().users().find_by_username("bob").value().value();
    change(user);
    EXPECT_TRUE(mint.store().users().update_user(user));
  }
};

/// Whom a condition says something about: a client that acts for itself is no user, and only a refresh goes on with a
/// session; a public client has no credential, and an assertion says more than a secret.
enum class About { everybody, one_of_several_grants, users, sessions, credentials, assertions };

struct Condition {
  const char* name;
  const char* error;
  About about;
  std::function<void(World&, const std::string& grant)> impose;
  HttpFields more = {};
  Flaw flaw = Flaw::none;
};

const std::vector<Condition>& conditions() {
  static const std::vector<Condition> all{
      {"DisabledClient", "unauthorized_client", About::everybody,
       [](World& world, const std::string&) { world.change_client([](Client& it) { it.disabled = true; }); }},
      {"DeletedClient", "invalid_client", About::everybody,
       [](World& world, const std::string&) {
         EXPECT_TRUE(world.mint.store().clients().erase_client(ClientId(kClient)));
         world.mint.tick();
       }},
      {"WrongCredential", "invalid_client", About::credentials, [](World&, const std::string&) {}, {}, Flaw::wrong},
      {"RevokedCredential", "invalid_client", About::credentials,
       [](World& world, const std::string&) {
         world.change_client([](Client& it) {
           it.secrets.clear();
           if (it.certificate_name) it.certificate_name->value = "successor.example.com";
           if (it.keys) it.keys = inline_keys(jose::SigningKey::generate(jose::Alg::ES256).value());
         });
       }},
      {"ExpiredCredential",
       "invalid_client",
       About::credentials,
       [](World& world, const std::string&) { world.mint.clock.advance(std::chrono::hours(1)); },
       {},
       Flaw::expired},
      {"ReplayedAssertion", "invalid_client", About::assertions, [](World&, const std::string&) {}, {}, Flaw::replayed},
      {"AssertionForAnother",
       "invalid_client",
       About::assertions,
       [](World&, const std::string&) {},
       {},
       Flaw::for_another},
      {"MethodNotRegistered", "invalid_client", About::everybody,
       [](World& world, const std::string&) {
         const auto other = world.method == ClientAuthMethod::client_secret_basic
                                ? ClientAuthMethod::client_secret_post
                                : ClientAuthMethod::client_secret_basic;
         world.change_client([&](Client& it) {
           it.auth_methods = {other};
           it.keys.reset();  // which go with private_key_jwt alone
           it.certificate_name.reset();
         });
       }},
      {"GrantWithdrawn", "unauthorized_client", About::one_of_several_grants,
       [](World& world, const std::string& grant) {
         world.change_client([&](Client& it) {
           // A refresh goes on with what a password began.
           std::erase_if(it.grant_types, [&](oauth::GrantType type) {
             return name(type) == grant || (grant == "password" && type == oauth::GrantType::refresh_token);
           });
         });
       }},
      {"ProofOfAKeyRequired", "invalid_dpop_proof", About::everybody,
       [](World& world, const std::string&) {
         world.change_client([](Client& it) { it.dpop_bound_access_tokens = true; });
       }},
      {"ProofOfAKeyRequiredByTheResource", "invalid_dpop_proof", About::everybody,
       [](World& world, const std::string&) {
         world.change_resource([](Resource& it) { it.dpop_bound_access_tokens = true; });
       }},
      {"ReplayedProof", "invalid_dpop_proof", About::everybody,
       [](World& world, const std::string& grant) {
         world.proof = world.make_proof(kIssuer);
         EXPECT_EQ(world.ask(grant, {}).status, 200);
       }},
      {"ProofForAnother", "invalid_dpop_proof", About::everybody,
       [](World& world, const std::string&) { world.proof = world.make_proof("https://other.example.com"); }},
      {"DisabledUser", "invalid_grant", About::users,
       [](World& world, const std::string&) { world.change_user([](accounts::User& it) { it.disabled = true; }); }},
      {"DeletedUser", "invalid_grant", About::users,
       [](World& world, const std::string&) {
         const accounts::User user = world.mint.store().users().find_by_username("bob").value().value();
         EXPECT_TRUE(world.mint.store().users().erase_user(user.id));
       }},
      {"EndedSessionsOfTheUser", "invalid_grant", About::sessions,
       [](World& world, const std::string&) {
         world.change_user([&](accounts::User& it) { it.sessions_valid_from = world.mint.clock.now(); });
       }},
      {"EndedSessionsOfTheClient", "invalid_grant", About::sessions,
       [](World& world, const std::string&) {
         world.change_client([&](Client& it) { it.sessions_valid_from = world.mint.clock.now(); });
       }},
      {"RevokedRefreshToken", "invalid_grant", About::sessions,
       [](World& world, const std::string&) {
         const accounts::User user = world.mint.store().users().find_by_username("bob").value().value();
         EXPECT_TRUE(world.mint.store().refresh_families().revoke_families_of(user.id, world.mint.clock.now()));
       }},
      {"IdleRefreshToken", "invalid_grant", About::sessions,
       [](World& world, const std::string&) { world.wait(oauth::RefreshProfile{}.idle_lifetime); }},
      {"ExpiredRefreshToken", "invalid_grant", About::sessions,
       [](World& world, const std::string&) { world.wait(oauth::RefreshProfile{}.absolute_lifetime); }},
      {"DisabledResource", "invalid_target", About::everybody,
       [](World& world, const std::string&) { world.change_resource([](Resource& it) { it.disabled = true; }); }},
      {"RemovedResource", "invalid_target", About::everybody,
       [](World& world, const std::string&) {
         EXPECT_TRUE(world.mint.store().resources().erase_resource(ResourceId("https://matrix.example.com")));
         world.mint.tick();
       }},
      {"ResourceWithdrawnFromClient",
       "invalid_target",
       About::everybody,
       [](World& world, const std::string&) {
         world.change_client([](Client& it) { it.resources = {ResourceId(kApi)}; });
       },
       {{"resource", "https://matrix.example.com"}}},
      {"UnknownResource",
       "invalid_target",
       About::everybody,
       [](World&, const std::string&) {},
       {{"resource", "https://nowhere.example.com"}}},
      {"ForeignResource", "invalid_target", About::everybody, [](World&, const std::string&) {}, {{"resource", kApi}}},
      {"UnknownScope", "invalid_scope", About::everybody, [](World&, const std::string&) {}, {{"scope", "everything"}}},
      {"ScopeWithdrawnFromClient",
       "invalid_scope",
       About::everybody,
       [](World& world, const std::string&) { world.change_client([](Client& it) { it.scopes.clear(); }); },
       {{"scope", "read"}}},
      {"ScopeWithdrawnFromResource",
       "invalid_scope",
       About::everybody,
       [](World& world, const std::string&) { world.change_resource([](Resource& it) { it.scopes.clear(); }); },
       {{"scope", "read"}}},
      {"MalformedScope", "invalid_scope", About::everybody, [](World&, const std::string&) {}, {{"scope", "re\"ad"}}},
  };
  return all;
}

std::vector<std::string> grants_for(ClientAuthMethod method) {
  std::vector<std::string> grants;
  for (const oauth::GrantType grant : oauth::all_grant_types()) {
    if (is_for(grant, method)) grants.emplace_back(name(grant));
  }
  return grants;
}

bool says_something_about(const Condition& condition, const std::string& grant, ClientAuthMethod method) {
  switch (condition.about) {
    case About::everybody:
      return true;
    case About::one_of_several_grants:
      return method != ClientAuthMethod::none || grant != "password";
    case About::users:
      return grant != "client_credentials";
    case About::sessions:
      return grant == "refresh_token";
    case About::credentials:
      return method != ClientAuthMethod::none;
    case About::assertions:
      return uses_assertions(method);
  }
  return true;
}

/// RFC 8693 §2.2.2: what is wrong with a token that was to be exchanged is told as invalid_request; so is one whose
/// only resource is out of use.
std::string error_of(const Condition& condition, const std::string& grant) {
  const std::string name = condition.name;
  const bool is_of_subject =
      condition.error == std::string("invalid_grant") || name == "DisabledResource" || name == "RemovedResource";
  const bool is_exchange = grant == oauth::name(oauth::GrantType::token_exchange);
  return is_exchange && is_of_subject ? "invalid_request" : condition.error;
}

void expect_refused(World& world, const std::string& grant, const Condition& condition) {
  const HttpAnswer answer = world.ask(grant, condition.more, condition.flaw);
  EXPECT_EQ(answer.error(), error_of(condition, grant)) << answer.raw;
  EXPECT_EQ(answer.raw.find("access_token"), std::string::npos);
}

class Matrix : public ::testing::TestWithParam<ClientAuthMethod> {};

INSTANTIATE_TEST_SUITE_P(Methods, Matrix, ::testing::ValuesIn(oauth::all_client_auth_methods()),
                         [](const auto& it) { return std::string(oauth::name(it.param)); });

TEST_P(Matrix, Attack18_EveryGrantRefusesEveryCondition) {
  for (const Condition& condition : conditions()) {
    for (const std::string& grant : grants_for(GetParam())) {
      if (!says_something_about(condition, grant, GetParam())) continue;
      SCOPED_TRACE(std::string(condition.name) + " × " + grant);
      World world(GetParam());
      const HttpAnswer allowed = world.ask(grant, {});
      ASSERT_EQ(allowed.status, 200) << "without the condition";
      condition.impose(world, grant);
      expect_refused(world, grant, condition);
      if (grant != "refresh_token") continue;
      // That was the token which has just been used, inside its grace. Its successor must fare no better.
      world.refresh_token = allowed.json().at("refresh_token");
      expect_refused(world, grant, condition);
    }
  }
}

/// What a grant brings besides the client's credential, and somebody could guess.
bool can_be_guessed(const std::string& grant) {
  return grant == "password" || grant == "refresh_token";
}

/// Another text of the form of a refresh token.
std::string forged(std::string token) {
  token.back() = token.back() == 'A' ? 'Q' : 'A';
  return token;
}

TEST_P(Matrix, Demand7_EveryGrantCountsGuesses) {
  for (const std::string& grant : grants_for(GetParam())) {
    for (const bool of_client : {true, false}) {
      // Nobody guesses the key of a certificate.
      if (of_client && (GetParam() == ClientAuthMethod::none || oauth::uses_certificate(GetParam()))) continue;
      if (!of_client && !can_be_guessed(grant)) continue;
      SCOPED_TRACE(grant + (of_client ? ", the client's credential" : ", its own credential"));
      World world(GetParam());
      const Flaw flaw = of_client ? Flaw::wrong : Flaw::none;
      if (!of_client) {
        world.password = "wrong";
        world.refresh_token = forged(world.refresh_token);
      }
      int delayed = 0;
      for (int i = 0; i < 10; ++i) {
        if (world.ask(grant, {}, flaw).error() == "slow_down") ++delayed;
      }
      EXPECT_EQ(delayed, 4) << "five failures are free, the sixth is the first too many";
    }
  }
}

TEST(MatrixTables, TheServerOffersWhatTheMatrixIsMadeOf) {
  MintServer mint([](Json& config) {
    config["server"]["trusted_proxies"] = {"127.0.0.1"};
    config["server"]["client_cert_header"] = "verified";
  });
  const Json metadata = mint.get("/.well-known/oauth-authorization-server").json();
  std::vector<std::string> grants;
  for (const oauth::GrantType grant : oauth::all_grant_types())
    grants.emplace_back(name(grant));
  std::vector<std::string> methods;
  for (const ClientAuthMethod method : oauth::all_client_auth_methods())
    methods.emplace_back(name(method));
  EXPECT_EQ(metadata.at("grant_types_supported"), Json(grants));
  EXPECT_EQ(metadata.at("token_endpoint_auth_methods_supported"), Json(methods));
}

}  // namespace
}  // namespace mintmark::testing
