// Invariant 1: what is forbidden is forbidden in every grant. A matrix of grant × condition, generated: every cell must
// be refused with the same code, and the same request must succeed without the condition.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "integration/mint_server.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::testing {
namespace {

using oauth::Client;
using oauth::Resource;

constexpr const char* kClient = "matrix";
constexpr const char* kSecret = "mms_matrix-secret-that-is-long-enough-for-it";

/// A client that may use every grant, a user and a resource, all in the store so that they can be changed.
struct World {
  MintServer mint;
  std::string refresh_token;
  std::string password = kPassword;

  World() {
    Resource resource;
    resource.id = ResourceId("https://matrix.example.com");
    resource.scopes = {"read"};
    EXPECT_TRUE(mint.store().resources().insert_resource(resource));
    Client client;
    client.id = ClientId(kClient);
    client.auth_methods = {oauth::ClientAuthMethod::client_secret_basic, oauth::ClientAuthMethod::client_secret_post};
    client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes(std::string_view(kSecret))), Instant{},
                       mint.clock.now() + std::chrono::hours(1)}};
    client.grant_types = {oauth::GrantType::password, oauth::GrantType::client_credentials,
                          oauth::GrantType::refresh_token};
    client.scopes = {"read"};
    client.resources = {resource.id};
    EXPECT_TRUE(mint.store().clients().insert_client(client));
    accounts::User user;
    user.id = accounts::make_user_id();
    user.username = "bob";
    user.password_hash = mint.config().document["users"][0]["password_hash"].get<std::string>();
    EXPECT_TRUE(mint.store().users().insert_user(user));
    mint.tick();
    refresh_token = ask("password", {}).json().at("refresh_token");
  }

  HttpAnswer ask(const std::string& grant, const HttpFields& more, const std::string& secret = kSecret) {
    HttpFields parameters{{"grant_type", grant}, {"client_id", kClient}, {"client_secret", secret}};
    if (grant == "password") parameters.insert(parameters.end(), {{"username", "bob"}, {"password", password}});
    if (grant == "refresh_token") parameters.emplace_back("refresh_token", refresh_token);
    parameters.insert(parameters.end(), more.begin(), more.end());
    return mint.token(parameters);
  }

  /// Without the secret's expiring meanwhile.
  void wait(Duration duration) {
    change_client([](Client& it) { it.secrets.front().expires_at.reset(); });
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
/// session.
enum class About { everybody, users, sessions };

struct Condition {
  const char* name;
  const char* error;
  About about;
  std::function<void(World&, const std::string& grant)> impose;
  HttpFields more = {};
  std::string secret = kSecret;
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
      {"WrongSecret", "invalid_client", About::everybody, [](World&, const std::string&) {}, {}, "mms_wrong"},
      {"RevokedSecret", "invalid_client", About::everybody,
       [](World& world, const std::string&) { world.change_client([](Client& it) { it.secrets.clear(); }); }},
      {"ExpiredSecret", "invalid_client", About::everybody,
       [](World& world, const std::string&) { world.mint.clock.advance(std::chrono::hours(1)); }},
      {"MethodNotRegistered", "invalid_client", About::everybody,
       [](World& world, const std::string&) {
         world.change_client([](Client& it) { it.auth_methods = {oauth::ClientAuthMethod::client_secret_basic}; });
       }},
      {"GrantWithdrawn", "unauthorized_client", About::everybody,
       [](World& world, const std::string& grant) {
         const bool for_itself = grant == "client_credentials";
         const auto other = for_itself ? oauth::GrantType::password : oauth::GrantType::client_credentials;
         world.change_client([&](Client& it) { it.grant_types = {other}; });
       }},
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

const std::vector<std::string>& grants() {
  // From the server's own metadata, so that a grant that is added is a row that is added.
  static const std::vector<std::string> all = [] {
    MintServer mint;
    return mint.get("/.well-known/oauth-authorization-server")
        .json()
        .at("grant_types_supported")
        .get<std::vector<std::string>>();
  }();
  return all;
}

bool says_something_about(const Condition& condition, const std::string& grant) {
  if (condition.about == About::sessions) return grant == "refresh_token";
  return condition.about == About::everybody || grant != "client_credentials";
}

void expect_refused(World& world, const std::string& grant, const Condition& condition) {
  const HttpAnswer answer = world.ask(grant, condition.more, condition.secret);
  EXPECT_EQ(answer.error(), condition.error) << answer.raw;
  EXPECT_EQ(answer.raw.find("access_token"), std::string::npos);
}

TEST(Matrix, Attack18_EveryGrantRefusesEveryCondition) {
  for (const Condition& condition : conditions()) {
    for (const std::string& grant : grants()) {
      if (!says_something_about(condition, grant)) continue;
      SCOPED_TRACE(std::string(condition.name) + " × " + grant);
      World world;
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

/// Another text of the form of a refresh token.
std::string forged(std::string token) {
  token.back() = token.back() == 'A' ? 'Q' : 'A';
  return token;
}

TEST(Matrix, Demand7_EveryGrantCountsGuesses) {
  for (const std::string& grant : grants()) {
    for (const bool of_client : {true, false}) {
      if (!of_client && grant == "client_credentials") continue;
      SCOPED_TRACE(grant + (of_client ? ", the client's secret" : ", its own credential"));
      World world;
      const std::string secret = of_client ? "mms_wrong" : kSecret;
      if (!of_client) {
        world.password = "wrong";
        world.refresh_token = forged(world.refresh_token);
      }
      int delayed = 0;
      for (int i = 0; i < 10; ++i) {
        if (world.ask(grant, {}, secret).error() == "slow_down") ++delayed;
      }
      EXPECT_EQ(delayed, 4) << "five failures are free, the sixth is the first too many";
    }
  }
}

TEST(Matrix, EveryGrantOfTheServerIsKnownToTheMatrix) {
  // World::ask must know how to use each; a new grant fails here until it is taught.
  EXPECT_EQ(grants(), (std::vector<std::string>{"password", "client_credentials", "refresh_token"}));
}

}  // namespace
}  // namespace mintmark::testing
