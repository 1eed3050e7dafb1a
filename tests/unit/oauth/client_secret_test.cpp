// Secrets of clients, and MACs under them (client_secret_jwt).

#include "mintmark/oauth/client_secret.hpp"

#include "mint.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "support/assertions.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::assertion_claims;
using mintmark::testing::compact_jws;
using mintmark::testing::inline_keys;
using std::chrono::hours;

constexpr const char* kGiven = "a secret that somebody else has made, long enough for HS384";

Bytes hash_of(const Secret& secret) {
  return crypto::digest(crypto::Hash::sha256, secret.reveal());
}

class ClientSecretTest : public ::testing::Test {
 protected:
  ClientSecretTest() {
    for (const char* id : {"mac", "other-mac"})
      EXPECT_TRUE(mint_.store->clients().insert_client(make_client(id)));
  }

  Client make_client(const char* id) {
    Client client;
    client.id = ClientId(id);
    client.auth_methods = {ClientAuthMethod::client_secret_jwt};
    client.secrets = {{"1", hash_of(secret_of(id)), mint_.now, std::nullopt, true}};
    client.grant_types = {GrantType::client_credentials};
    client.scopes = {"read"};
    client.resources = {ResourceId(kApi)};
    return client;
  }

  Secret secret_of(const char* client, const char* secret_id = "1") {
    return derive_client_secret(*mint_.keys->ring().load(), ClientId(client), secret_id);
  }

  std::string make_assertion(jose::Alg alg, const Secret& secret, const char* client = "mac") {
    const jose::SigningKey key = jose::SigningKey::make(alg, KeyId("any"), secret).value();
    return compact_jws({{"alg", jose::name(alg)}},
                       assertion_claims(client, kIssuer, "jti-" + std::to_string(++made_), mint_.now), key);
  }

  TokenOutcome post_assertion(const std::string& assertion) {
    return mint_.post("grant_type=client_credentials&client_assertion_type=" + std::string(kJwtBearerAssertion) +
                      "&client_assertion=" + assertion);
  }
  TokenOutcome post(jose::Alg alg, const Secret& secret, const char* client = "mac") {
    return post_assertion(make_assertion(alg, secret, client));
  }

  void expect_refused(const TokenOutcome& outcome, const std::string& why) {
    ASSERT_FALSE(outcome.result) << why;
    EXPECT_EQ(outcome.result.error().code, OAuthCode::invalid_client) << why;
    EXPECT_EQ(outcome.result.error().description.str(), "client authentication failed") << why;
  }

  void replace_refresh_key() {
    const keys::KeyTable table = mint_.store->keys().load_keys().value();
    const auto refresh = std::ranges::find(table.records, keys::KeyPurpose::refresh, &keys::KeyRecord::purpose);
    ASSERT_NE(refresh, table.records.end());
    ASSERT_TRUE(mint_.keys->revoke(refresh->kid, mint_.now));
  }

  Mint mint_;
  int made_ = 0;
};

TEST_F(ClientSecretTest, ADerivedSecretCanBeMadeAgainAndIsItsOwners) {
  const std::string secret(secret_of("mac").reveal_text());
  EXPECT_TRUE(secret.starts_with(kClientSecretPrefix));
  EXPECT_EQ(secret.size(), kClientSecretPrefix.size() + 86);
  EXPECT_EQ(secret_of("mac").reveal_text(), secret);
  EXPECT_NE(secret_of("other-mac").reveal_text(), secret);
  EXPECT_NE(secret_of("mac", "2").reveal_text(), secret);
  EXPECT_NE(secret_of("mac1", "").reveal_text(), secret_of("mac", "1").reveal_text()) << "no two pairs are one message";
  replace_refresh_key();
  EXPECT_NE(secret_of("mac").reveal_text(), secret);
}

TEST_F(ClientSecretTest, OidcCoreSection9_AMacUnderTheSecretAuthenticates) {
  for (const jose::Alg alg : {jose::Alg::HS256, jose::Alg::HS384, jose::Alg::HS512}) {
    const TokenOutcome outcome = post(alg, secret_of("mac"));
    ASSERT_TRUE(outcome.result) << outcome.result.error().description.str();
    EXPECT_EQ(mint_.verified(outcome.result->access_token).claims().at("client_id"), "mac");
  }
  expect_refused(post(jose::Alg::HS256, secret_of("other-mac")), "another's secret");
  expect_refused(post(jose::Alg::HS256, secret_of("mac", "2")), "a secret that it does not have");
}

TEST_F(ClientSecretTest, OnlyRegisteredMethodsAndAlgorithmsCount) {
  mint_.change_client("mac", [](Client& client) { client.auth_signing_algs = {jose::Alg::HS512}; });
  expect_refused(post(jose::Alg::HS256, secret_of("mac")), "another algorithm");
  EXPECT_TRUE(post(jose::Alg::HS512, secret_of("mac")).result);
  expect_refused(mint_.post("grant_type=client_credentials&client_id=mac&client_secret=" +
                            std::string(secret_of("mac").reveal_text())),
                 "the secret itself is sent");
  mint_.change_client("mac", [](Client& client) { client.auth_methods = {ClientAuthMethod::client_secret_post}; });
  expect_refused(post(jose::Alg::HS512, secret_of("mac")), "another method");
}

TEST_F(ClientSecretTest, SeveralAreGoodUntilEachExpires) {
  const Instant end = mint_.now + hours(1);
  mint_.change_client("mac", [&](Client& client) {
    client.secrets.front().expires_at = end;
    client.secrets.push_back({"2", hash_of(secret_of("mac", "2")), mint_.now, std::nullopt, true});
  });
  EXPECT_TRUE(post(jose::Alg::HS256, secret_of("mac")).result);
  EXPECT_TRUE(post(jose::Alg::HS256, secret_of("mac", "2")).result);
  mint_.now = end;
  expect_refused(post(jose::Alg::HS256, secret_of("mac")), "expired");
  EXPECT_TRUE(post(jose::Alg::HS256, secret_of("mac", "2")).result);
}

TEST_F(ClientSecretTest, AHashVerifiesNoMac) {
  mint_.change_client("mac", [](Client& client) { client.secrets.front().derived = false; });
  expect_refused(post(jose::Alg::HS256, secret_of("mac")), "only its hash is there");
  const Secret hash(hash_of(secret_of("mac")));
  expect_refused(post(jose::Alg::HS256, hash), "the hash is no secret");
}

TEST_F(ClientSecretTest, ADeclaredSecretIsKnownItself) {
  Client declared = make_client("mac");
  declared.secrets = {{"1", hash_of(Secret(std::string_view(kGiven))), mint_.now, std::nullopt, false,
                       std::make_shared<const Secret>(std::string_view(kGiven))}};
  EXPECT_EQ(render_client(declared).dump().find(kGiven), std::string::npos);
  mint_.directory->adopt(mint_.directory->prepare({declared}, {}, {}).value());
  EXPECT_TRUE(post(jose::Alg::HS256, Secret(std::string_view(kGiven))).result);
  EXPECT_TRUE(post(jose::Alg::HS384, Secret(std::string_view(kGiven))).result);
  const std::string longer = std::string(kGiven) + kGiven;
  expect_refused(post(jose::Alg::HS512, Secret(std::string_view(longer))), "too short for it (RFC 7518 §3.2)");
}

TEST_F(ClientSecretTest, WithTheRefreshKeyDerivedSecretsEnd) {
  mint_.change_client("mac", [](Client& client) {
    client.auth_methods = {ClientAuthMethod::client_secret_jwt, ClientAuthMethod::client_secret_post};
  });
  const Secret secret = secret_of("mac");
  const std::string form = "grant_type=client_credentials&client_id=mac&client_secret=";
  EXPECT_TRUE(post(jose::Alg::HS256, secret).result);
  EXPECT_TRUE(mint_.post(form + std::string(secret.reveal_text())).result);
  replace_refresh_key();
  expect_refused(post(jose::Alg::HS256, secret), "derived from what is revoked");
  expect_refused(mint_.post(form + std::string(secret.reveal_text())), "whoever has that key knows it");
  expect_refused(post(jose::Alg::HS256, secret_of("mac")), "the new key's is not the one that is stored");
}

TEST_F(ClientSecretTest, Attack1_AKeyOfOneKindIsNoneOfTheOther) {
  const jose::SigningKey key = jose::SigningKey::generate(jose::Alg::ES256).value();
  mint_.change_client("mac", [&](Client& client) {
    client.auth_methods = {ClientAuthMethod::client_secret_jwt, ClientAuthMethod::private_key_jwt};
    client.keys = inline_keys(key);
  });
  const std::string message = encode_base64url(as_bytes(R"({"alg":"HS256"})")) + "." +
                              encode_base64url(as_bytes(assertion_claims("mac", kIssuer, "forged", mint_.now).dump()));
  const Bytes forged =
      crypto::hmac(crypto::Hash::sha256, as_bytes(key.verification_key().public_pem()), as_bytes(message));
  expect_refused(post_assertion(message + "." + encode_base64url(forged)), "the public key");
  const Json claims = assertion_claims("mac", kIssuer, "own", mint_.now);
  EXPECT_TRUE(post_assertion(compact_jws({{"alg", "ES256"}}, claims, key)).result);
  EXPECT_TRUE(post(jose::Alg::HS256, secret_of("mac")).result);
}

TEST_F(ClientSecretTest, Attack4_AnEmptySecretAuthenticatesNobody) {
  mint_.change_client("mac", [](Client& client) { client.secrets.clear(); });
  expect_refused(post(jose::Alg::HS256, secret_of("mac")), "it has none");
  Client declared = make_client("mac");
  declared.secrets.front().derived = false;
  declared.secrets.front().text = std::make_shared<const Secret>();
  mint_.directory->adopt(mint_.directory->prepare({declared}, {}, {}).value());
  std::string assertion = make_assertion(jose::Alg::HS256, secret_of("mac"));
  expect_refused(post_assertion(assertion), "another's MAC");
  assertion.resize(assertion.rfind('.') + 1);
  expect_refused(post_assertion(assertion), "no MAC");
}

TEST_F(ClientSecretTest, Attack11_AnAssertionIsGoodForOnce) {
  const std::string assertion = make_assertion(jose::Alg::HS256, secret_of("mac"));
  EXPECT_TRUE(post_assertion(assertion).result);
  expect_refused(post_assertion(assertion), "replayed");
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::replay);
}

TEST_F(ClientSecretTest, ItsUseIsNotedOnceAMinuteAndStoredLater) {
  const Instant first = mint_.now;
  const auto uses = [&] { return mint_.store->secret_uses().find_uses(ClientId("mac")).value(); };
  ASSERT_TRUE(post(jose::Alg::HS256, secret_of("mac")).result);
  EXPECT_TRUE(uses().empty()) << "no request writes";
  ASSERT_TRUE(mint_.secret_uses.store());
  EXPECT_EQ(uses(), (std::vector<SecretUse>{{ClientId("mac"), "1", first}}));
  mint_.now += std::chrono::seconds(59);
  ASSERT_TRUE(post(jose::Alg::HS256, secret_of("mac")).result);
  ASSERT_TRUE(mint_.secret_uses.store());
  EXPECT_EQ(uses().front().at, first);
  mint_.now += std::chrono::seconds(1);
  expect_refused(post(jose::Alg::HS256, secret_of("mac", "2")), "a failure is no use");
  ASSERT_TRUE(mint_.secret_uses.store());
  EXPECT_EQ(uses().front().at, first);
  ASSERT_TRUE(post(jose::Alg::HS256, secret_of("mac")).result);
  ASSERT_TRUE(mint_.secret_uses.store());
  EXPECT_EQ(uses().front().at, mint_.now);
  ASSERT_TRUE(mint_.post("grant_type=client_credentials&client_id=service&client_secret=service-secret").result);
  ASSERT_TRUE(mint_.secret_uses.store());
  EXPECT_EQ(mint_.store->secret_uses().find_uses(ClientId("service")).value().size(), 1U);
}

}  // namespace
}  // namespace mintmark::oauth::testing
