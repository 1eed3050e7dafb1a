// Encrypted tokens of the whole service: what an API receives, opens with its private key and verifies.

#include <gtest/gtest.h>

#include <algorithm>

#include "integration/mint_server.hpp"
#include "mintmark/crypto/digest.hpp"
#include "support/document_server.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

constexpr const char* kVault = "https://vault.example.com";

/// An API that wants its tokens encrypted.
struct Api {
  explicit Api(jose::KeyManagement its_alg, crypto::KeyType type = crypto::KeyType::p256, std::string name = "vault-1")
      : alg(its_alg), kid(std::move(name)), key(crypto::PrivateKey::generate(type).value()) {}

  [[nodiscard]] Json public_jwk() const {
    Json jwk = jose::public_jwk(key.public_key());
    jwk["kid"] = kid;
    return jwk;
  }
  [[nodiscard]] std::string key_set() const { return Json{{"keys", Json::array({public_jwk()})}}.dump(); }
  /// Opens, then verifies with the published keys of the mint.
  [[nodiscard]] Result<jose::VerifiedJwt> accept(MintServer& mint, const std::string& token) const {
    const std::vector keys{jose::DecryptionKey::make(alg, KeyId(kid), key).value()};
    const Result<std::string> inner = jose::open_nested_jwt(token, keys);
    if (!inner) return inner.error();
    return mint.verify(*inner, kVault);
  }

  jose::KeyManagement alg;
  std::string kid;
  crypto::PrivateKey key;
};

/// A resource kVault with `encryption`, beside kApi, for both clients.
void add_vault(Json& config, const Json& encryption) {
  config["resources"].push_back({{"id", kVault},
                                 {"scopes", {"read"}},
                                 {"claims", {{"role", "{user.attributes.role}"}}},
                                 {"format", "jwt+jwe"},
                                 {"encryption", encryption}});
  for (Json& client : config["clients"])
    client["resources"] = {kApi, kVault};
}

std::string access_token(const HttpAnswer& answer) {
  EXPECT_EQ(answer.status, 200) << answer.raw;
  return answer.status == 200 ? answer.json().at("access_token").get<std::string>() : "";
}

std::string kid_of(const std::string& token) {
  const Result<Json> header = jose::decode_jwe_header(token);
  return header ? header->at("kid").get<std::string>() : "none";
}

struct Case {
  jose::KeyManagement alg;
  crypto::KeyType type;
};

class EncryptedTokens : public ::testing::TestWithParam<Case> {};

TEST_P(EncryptedTokens, Rfc7519Section5_2_OfEveryGrantOpenAndVerify) {
  const Api vault(GetParam().alg, GetParam().type);
  MintServer mint([&](Json& config) {
    add_vault(config, {{"alg", jose::name(vault.alg)}, {"enc", "A128CBC-HS256"}, {"jwk", vault.public_jwk()}});
  });
  const HttpAnswer own = mint.client_credentials({{"resource", kVault}});
  const HttpAnswer login = mint.login({{"resource", kVault}});
  const HttpAnswer refreshed = mint.refresh(login.json().at("refresh_token"));
  for (const HttpAnswer* answer : {&own, &login, &refreshed}) {
    const std::string token = access_token(*answer);
    EXPECT_EQ(std::ranges::count(token, '.'), 4) << token;
    const Result<jose::VerifiedJwt> jwt = vault.accept(mint, token);
    ASSERT_TRUE(jwt) << jwt.error().detail;
    EXPECT_EQ(jwt->claims().at("sub"), answer == &own ? "service" : "user-1");
    EXPECT_EQ(jwt->claims().contains("role"), answer != &own);
    EXPECT_FALSE(mint.verify(token, kVault)) << "nothing but its key opens it";
  }
}

INSTANTIATE_TEST_SUITE_P(Recipients, EncryptedTokens,
                         ::testing::Values(Case{jose::KeyManagement::RSA_OAEP_256, crypto::KeyType::rsa},
                                           Case{jose::KeyManagement::ECDH_ES_A128KW, crypto::KeyType::p256},
                                           Case{jose::KeyManagement::ECDH_ES, crypto::KeyType::x25519},
                                           Case{jose::KeyManagement::ECDH_ES_A256KW, crypto::KeyType::p521}),
                         [](const auto& it) {
                           std::string name(jose::name(it.param.alg));
                           std::ranges::replace_if(
                               name, [](char c) { return c == '-' || c == '+'; }, '_');
                           return name;
                         });

TEST(EncryptedToken, ItsHeaderNamesTheKeyAndHoldsNoClaim) {
  const Api vault(jose::KeyManagement::ECDH_ES_A128KW);
  MintServer mint([&](Json& config) { add_vault(config, {{"alg", "ECDH-ES+A128KW"}, {"jwk", vault.public_jwk()}}); });
  const std::string token = access_token(mint.login({{"resource", kVault}}));
  const Json header = jose::decode_jwe_header(token).value();
  EXPECT_EQ(header.at("alg"), "ECDH-ES+A128KW");
  EXPECT_EQ(header.at("enc"), "A256GCM");
  EXPECT_EQ(header.at("kid"), "vault-1");
  EXPECT_EQ(header.at("cty"), "at+jwt");
  EXPECT_EQ(header.size(), 5U) << header;
  for (const char* name : {"alg", "enc", "kid", "cty", "epk"})
    EXPECT_TRUE(header.contains(name)) << header;
}

TEST(EncryptedToken, StandsBesideSignedOnesOfOtherResources) {
  const Api vault(jose::KeyManagement::ECDH_ES_A128KW);
  MintServer mint([&](Json& config) { add_vault(config, {{"alg", "ECDH-ES+A128KW"}, {"jwk", vault.public_jwk()}}); });
  EXPECT_TRUE(mint.verify(access_token(mint.client_credentials({{"resource", kApi}}))));
  EXPECT_TRUE(vault.accept(mint, access_token(mint.client_credentials({{"resource", kVault}}))));
  EXPECT_EQ(mint.client_credentials({{"resource", kApi}, {"resource", kVault}}).error(), "invalid_target");
}

class PublishedRecipient : public ::testing::Test {
 protected:
  std::unique_ptr<MintServer> start() {
    return std::make_unique<MintServer>([this](Json& config) {
      add_vault(config, {{"alg", "ECDH-ES+A128KW"}, {"jwks_uri", server.url()}});
    });
  }
  static HttpAnswer ask(MintServer& mint) { return mint.client_credentials({{"resource", kVault}}); }

  DocumentServer server;
  const Api first{jose::KeyManagement::ECDH_ES_A128KW};
  const Api second{jose::KeyManagement::ECDH_ES_A128KW, crypto::KeyType::p256, "vault-2"};
};

TEST_F(PublishedRecipient, IsFetchedAheadAndNeverByARequest) {
  server.publish(first.key_set());
  const auto mint = start();
  ASSERT_TRUE(eventually([&] { return ask(*mint).status == 200; }));
  EXPECT_EQ(server.requests(), 1);
  for (int i = 0; i < 20; ++i)
    EXPECT_TRUE(first.accept(*mint, access_token(ask(*mint))));
  EXPECT_EQ(server.requests(), 1);
}

TEST_F(PublishedRecipient, ARotatedKeyIsTakenOver) {
  server.publish(first.key_set(), "Cache-Control: max-age=600\r\n");
  const auto mint = start();
  ASSERT_TRUE(eventually([&] { return ask(*mint).status == 200; }));
  server.publish(second.key_set(), "Cache-Control: max-age=600\r\n");
  mint->clock.advance(std::chrono::seconds(450));
  ASSERT_TRUE(eventually([&] { return kid_of(access_token(ask(*mint))) == "vault-2"; }));
  EXPECT_TRUE(second.accept(*mint, access_token(ask(*mint))));
}

TEST_F(PublishedRecipient, TheLastGoodKeyIsKeptWhenItIsTakenAway) {
  server.publish(first.key_set(), "Cache-Control: max-age=600\r\n");
  const auto mint = start();
  ASSERT_TRUE(eventually([&] { return ask(*mint).status == 200; }));
  server.take_away();
  mint->clock.advance(std::chrono::hours(1));
  ASSERT_TRUE(eventually([&] { return server.requests() == 2; }));
  EXPECT_TRUE(first.accept(*mint, access_token(ask(*mint))));
}

TEST_F(PublishedRecipient, ThatHasNeverAnsweredMakesItsTokensWaitAndNoOthers) {
  const auto mint = start();
  ASSERT_TRUE(eventually([&] { return server.requests() == 1; }));
  const HttpAnswer answer = ask(*mint);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.error(), "temporarily_unavailable");
  EXPECT_EQ(answer.field("retry-after"), "10");
  EXPECT_TRUE(mint->verify(access_token(mint->client_credentials({{"resource", kApi}}))));
  server.publish(first.key_set());
  mint->clock.advance(std::chrono::seconds(10));
  EXPECT_TRUE(eventually([&] { return ask(*mint).status == 200; }));
}

TEST_F(PublishedRecipient, OfAResourceThatComesLaterIsFollowed) {
  server.publish(first.key_set());
  MintServer mint;
  oauth::Resource resource;
  resource.id = ResourceId(kVault);
  resource.encryption = oauth::TokenEncryption{.alg = first.alg, .recipient = oauth::JwksUri{server.url()}};
  ASSERT_TRUE(mint.store().resources().insert_resource(resource));
  oauth::Client client;
  client.id = ClientId("later");
  client.auth_methods = {oauth::ClientAuthMethod::client_secret_post};
  client.secrets = {{"1", crypto::digest(crypto::Hash::sha256, as_bytes(kServiceSecret)), Instant{}, std::nullopt}};
  client.grant_types = {oauth::GrantType::client_credentials};
  client.resources = {resource.id};
  ASSERT_TRUE(mint.store().clients().insert_client(client));
  mint.tick();
  const HttpFields request{
      {"grant_type", "client_credentials"}, {"client_id", "later"}, {"client_secret", kServiceSecret}};
  ASSERT_TRUE(eventually([&] { return mint.token(request).status == 200; }));
  EXPECT_TRUE(first.accept(mint, access_token(mint.token(request))));
}

}  // namespace
}  // namespace mintmark::testing
