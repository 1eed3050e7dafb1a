// Clients that authenticate with a JWT, over real sockets.

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "integration/mint_server.hpp"
#include "support/assertions.hpp"
#include "support/document_server.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

constexpr const char* kCluster = "https://cluster.example.com";
constexpr const char* kWorkload = "system:serviceaccount:shop:orders";

class Assertions : public ::testing::Test {
 protected:
  /// With "signer", whose keys are as `keys` says.
  std::unique_ptr<MintServer> start(const Json& keys) {
    return std::make_unique<MintServer>([&](Json& config) {
      Json client = {{"client_id", "signer"},
                     {"grant_types", {"client_credentials"}},
                     {"scopes", {"read"}},
                     {"resources", {kApi}}};
      client.update(keys);
      config["clients"].push_back(std::move(client));
    });
  }

  static HttpAnswer post(MintServer& mint, const std::string& assertion, const HttpFields& more = {}) {
    HttpFields parameters{{"grant_type", "client_credentials"},
                          {"client_assertion_type", std::string(oauth::kJwtBearerAssertion)},
                          {"client_assertion", assertion}};
    parameters.insert(parameters.end(), more.begin(), more.end());
    return mint.token(parameters);
  }
  std::string make(MintServer& mint, const std::string& jti) const {
    return compact_jws(jws_header(key), assertion_claims("signer", kIssuer, jti, mint.clock.now()), key);
  }

  const jose::SigningKey key = jose::SigningKey::generate(jose::Alg::EdDSA).value();
};

TEST_F(Assertions, Rfc7523Section2_2_AuthenticateAClientWithoutASecret) {
  const auto mint = start({{"jwks", public_key_set(key)}});
  const HttpAnswer answer = post(*mint, make(*mint, "one"));
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(mint->verify(answer.json().at("access_token")).value().claims().at("sub"), "signer");
  EXPECT_EQ(post(*mint, make(*mint, "two"), {{"scope", "admin"}}).error(), "invalid_scope");
  EXPECT_EQ(post(*mint, make(*mint, "two")).status, 200) << "a bad request burns nothing";
  const HttpAnswer refused = post(*mint, make(*mint, "two"));
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(refused.error(), "invalid_client");
}

TEST_F(Assertions, Attack11_OfManyUsesOfOneAssertionOneIsAnswered) {
  const auto mint = start({{"jwks", public_key_set(key)}});
  for (int round = 0; round < 3; ++round) {
    const std::string assertion = make(*mint, "race-" + std::to_string(round));
    std::atomic<int> answered{0};
    std::atomic<int> refused{0};
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 100; ++i) {
        threads.emplace_back([&] {
          const HttpAnswer answer = post(*mint, assertion);
          if (answer.status == 200) ++answered;
          if (answer.error() == "invalid_client") ++refused;
        });
      }
    }
    EXPECT_EQ(answered, 1);
    EXPECT_EQ(refused, 99);
  }
}

TEST_F(Assertions, KeysOfADeclaredClientAreFetchedAhead) {
  DocumentServer server;
  server.publish(public_key_set(key).dump());
  const auto mint = start({{"jwks_uri", server.url()}});
  ASSERT_TRUE(eventually([&] {
    return mint->metrics().find("mintmark_verification_key_sets{state=\"fetched\"} 1") != std::string::npos;
  }));
  EXPECT_EQ(post(*mint, make(*mint, "first")).status, 200);
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(Assertions, KeysOfAStoredClientAreFetchedWhenTheyAreFirstAskedFor) {
  DocumentServer server;
  server.publish(public_key_set(key).dump());
  MintServer mint;
  oauth::Client client;
  client.id = ClientId("signer");
  client.auth_methods = {oauth::ClientAuthMethod::private_key_jwt};
  client.keys = oauth::JwksUri{server.url()};
  client.grant_types = {oauth::GrantType::client_credentials};
  client.scopes = {"read"};
  client.resources = {ResourceId(kApi)};
  ASSERT_TRUE(mint.store().clients().insert_client(client));
  mint.tick();
  EXPECT_EQ(server.requests(), 0);
  const HttpAnswer first = post(mint, make(mint, "first"));
  EXPECT_EQ(first.status, 503);
  EXPECT_FALSE(first.field("retry-after").empty());
  int count = 0;
  EXPECT_TRUE(eventually([&] { return post(mint, make(mint, "next-" + std::to_string(++count))).status == 200; }));
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(Assertions, Rfc7523Section2_2_AKubernetesTokenAuthenticatesItsWorkload) {
  const jose::SigningKey cluster = jose::SigningKey::generate(jose::Alg::RS256).value();
  MintServer mint([&](Json& config) {
    config["trusted_issuers"] = Json::array({{{"issuer", kCluster}, {"jwks", public_key_set(cluster)}}});
    config["clients"].push_back({{"client_id", "orders"},
                                 {"identities", Json::array({{{"issuer", kCluster}, {"subject", kWorkload}}})},
                                 {"grant_types", {"client_credentials"}},
                                 {"scopes", {"read"}},
                                 {"resources", {kApi}}});
  });
  // As the TokenRequest API of Kubernetes makes them.
  const auto token_of = [&](const char* subject, const Json& audience) {
    const Instant now = mint.clock.now();
    return compact_jws({{"alg", "RS256"}, {"kid", cluster.kid().str()}},
                       {{"iss", kCluster},
                        {"sub", subject},
                        {"aud", audience},
                        {"exp", to_numeric_date(now + std::chrono::hours(1))},
                        {"iat", to_numeric_date(now)},
                        {"nbf", to_numeric_date(now)},
                        {"kubernetes.io", {{"namespace", "shop"}, {"serviceaccount", {{"name", "orders"}}}}}},
                       cluster);
  };
  const std::string token = token_of(kWorkload, Json::array({kIssuer}));
  EXPECT_EQ(post(mint, token, {{"client_id", "orders"}}).status, 200);
  EXPECT_EQ(post(mint, token, {{"client_id", "orders"}}).status, 200);
  EXPECT_EQ(post(mint, token, {{"client_id", "service"}}).error(), "invalid_client");
  EXPECT_EQ(post(mint, token).error(), "invalid_client");
  EXPECT_EQ(post(mint, token_of("system:serviceaccount:shop:other", kIssuer), {{"client_id", "orders"}}).error(),
            "invalid_client");
  EXPECT_EQ(
      post(mint, token_of(kWorkload, Json::array({kIssuer, "https://vault.example.com"})), {{"client_id", "orders"}})
          .error(),
      "invalid_client");
}

TEST_F(Assertions, OidcCoreSection9_ADeclaredSecretVerifiesMacsAndIsNeverSent) {
  constexpr std::string_view kMacSecret = "mms_a-secret-for-macs-with-enough-characters-in-it";
  const TempDir folder;
  const std::string file = folder.write("mac.secret", kMacSecret).string();
  MintServer mint([&](Json& config) {
    config["clients"].push_back({{"client_id", "mac"},
                                 {"auth_methods", {"client_secret_jwt"}},
                                 {"secrets", Json::array({{{"id", "1"}, {"secret_file", file}}})},
                                 {"grant_types", {"client_credentials"}},
                                 {"scopes", {"read"}},
                                 {"resources", {kApi}}});
  });
  const auto post_with = [&](std::string_view secret, const std::string& jti) {
    const jose::SigningKey mac = jose::SigningKey::make(jose::Alg::HS256, KeyId(), Secret(secret)).value();
    return post(mint, compact_jws({{"alg", "HS256"}}, assertion_claims("mac", kIssuer, jti, mint.clock.now()), mac));
  };
  EXPECT_EQ(post_with(kMacSecret, "a").status, 200);
  EXPECT_EQ(post_with(kMacSecret, "a").error(), "invalid_client");
  EXPECT_EQ(post_with("mms_another-secret-with-enough-characters-in-it", "b").error(), "invalid_client");
  EXPECT_EQ(
      mint.token(
              {{"grant_type", "client_credentials"}, {"client_id", "mac"}, {"client_secret", std::string(kMacSecret)}})
          .error(),
      "invalid_client");
  const Json metadata = mint.get("/.well-known/oauth-authorization-server").json();
  const Json& algs = metadata.at("token_endpoint_auth_signing_alg_values_supported");
  for (const char* alg : {"HS256", "ES256", "RS256", "EdDSA"})
    EXPECT_NE(std::ranges::find(algs, Json(alg)), algs.end()) << alg;
  EXPECT_EQ(std::ranges::find(algs, Json("none")), algs.end());
}

TEST_F(Assertions, ASecretsUseIsStoredWithoutARequestWaitingForIt) {
  MintServer mint;
  ASSERT_EQ(mint.client_credentials().status, 200);
  mint.tick();
  const std::vector<oauth::SecretUse> uses = mint.store().secret_uses().find_uses(ClientId("service")).value();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses.front().at, mint.clock.now());
}

}  // namespace
}  // namespace mintmark::testing
