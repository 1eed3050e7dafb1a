#include "mintmark/oauth/client_auth.hpp"

#include <gtest/gtest.h>

#include "mint.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::oauth {
namespace {

using std::chrono::hours;

constexpr Instant kNow = from_unix_ms(1'800'000'000'000);

TokenRequest with_basic(std::string_view pair, std::string_view scheme = "Basic ") {
  TokenRequest request;
  request.authorization = Secret(std::string_view(std::string(scheme) + encode_base64(as_bytes(pair))));
  return request;
}

TokenRequest with_post(const char* id, const char* secret) {
  TokenRequest request;
  if (id != nullptr) request.client_id = id;
  if (secret != nullptr) request.client_secret = Secret(std::string_view(secret));
  return request;
}

ClientSecret secret_of(std::string_view text, std::optional<Instant> expires_at = {}) {
  return {"id", crypto::digest(crypto::Hash::sha256, as_bytes(text)), kNow, expires_at};
}

Client confidential() {
  Client client;
  client.id = ClientId("shop");
  client.auth_methods = {ClientAuthMethod::client_secret_basic, ClientAuthMethod::client_secret_post};
  client.secrets = {secret_of("old", kNow + hours(1)), secret_of("new")};
  return client;
}

OAuthCode code_of(const OAuthResult<PresentedClient>& presented) {
  return presented ? OAuthCode::server_error : presented.error().code;
}

TEST(ClientAuth, Rfc6749Section2_3_1_BasicIsFormDecoded) {
  const auto presented = read_presented_client(with_basic("my%20shop:p%2Bw+%3A"));
  ASSERT_TRUE(presented);
  EXPECT_EQ(presented->id.str(), "my shop");
  EXPECT_EQ(presented->secret.reveal_text(), "p+w :");
  EXPECT_EQ(presented->method, ClientAuthMethod::client_secret_basic);
}

TEST(ClientAuth, Rfc7617_TheSchemeHasNoCase) {
  EXPECT_TRUE(read_presented_client(with_basic("a:b", "bAsIc ")));
}

TEST(ClientAuth, HeadersThatCannotBeReadAreInvalidClient) {
  TokenRequest request;
  for (const char* header : {"", "Basic", "Basic ", "Bearer abc", "Basic ???", "Basic YTpi=", "Basic YWI=",
                             "Basic OmI=", "Basic YTolZg==", "Basic YToA", "Basic 4pi6OmI="}) {
    request.authorization = Secret(std::string_view(header));
    EXPECT_EQ(code_of(read_presented_client(request)), OAuthCode::invalid_client) << header;
  }
}

TEST(ClientAuth, Rfc6749Section2_3_OneMethodOnly) {
  TokenRequest both = with_basic("shop:new");
  both.client_secret = Secret(std::string_view("new"));
  EXPECT_EQ(code_of(read_presented_client(both)), OAuthCode::invalid_request);

  TokenRequest two_names = with_basic("shop:new");
  two_names.client_id = "other";
  EXPECT_EQ(code_of(read_presented_client(two_names)), OAuthCode::invalid_request);
  two_names.client_id = "shop";
  EXPECT_TRUE(read_presented_client(two_names));
}

TEST(ClientAuth, NobodyNamedIsInvalidClient) {
  EXPECT_EQ(code_of(read_presented_client(with_post(nullptr, nullptr))), OAuthCode::invalid_client);
  EXPECT_EQ(code_of(read_presented_client(with_post(nullptr, "secret"))), OAuthCode::invalid_client);
}

bool authenticates(const TokenRequest& request, const Client* client, Instant now = kNow) {
  const auto presented = read_presented_client(request);
  if (!presented) return false;
  static const std::shared_ptr<const keys::KeyRing> ring = testing::Mint().keys->ring().load();
  const TrustedIssuerMap nobody;
  testing::FakeKeySets no_key_sets;
  VerificationKeySets keys(no_key_sets, no_key_sets);
  const ClientAssertions assertions(parse_issuer("https://id.example.com").value(), AssertionAudience::issuer, keys);
  const OAuthResult<ClientProof> result = authenticate_client(*presented, client, assertions, {nobody, *ring, now});
  if (!result) {
    EXPECT_EQ(result.error().code, OAuthCode::invalid_client);
    EXPECT_EQ(result.error().description.str(), "client authentication failed");
  }
  return result.has_value();
}

TEST(ClientAuth, AnySecretThatIsAliveWill) {
  const Client client = confidential();
  EXPECT_TRUE(authenticates(with_basic("shop:old"), &client));
  EXPECT_TRUE(authenticates(with_basic("shop:new"), &client));
  EXPECT_TRUE(authenticates(with_post("shop", "new"), &client));
  EXPECT_TRUE(authenticates(with_basic("shop:old"), &client, kNow + hours(1) - Duration(1)));
  EXPECT_FALSE(authenticates(with_basic("shop:old"), &client, kNow + hours(1)));
}

TEST(ClientAuth, WrongUnknownAndMissingAreToldTheSame) {
  const Client client = confidential();
  EXPECT_FALSE(authenticates(with_basic("shop:wrong"), &client));
  EXPECT_FALSE(authenticates(with_basic("shop:"), &client));
  EXPECT_FALSE(authenticates(with_post("shop", nullptr), &client));
  EXPECT_FALSE(authenticates(with_basic("nobody:new"), nullptr));
}

TEST(ClientAuth, OnlyRegisteredMethodsCount) {
  Client basic_only = confidential();
  basic_only.auth_methods = {ClientAuthMethod::client_secret_basic};
  EXPECT_TRUE(authenticates(with_basic("shop:new"), &basic_only));
  EXPECT_FALSE(authenticates(with_post("shop", "new"), &basic_only));

  Client public_client = confidential();
  public_client.auth_methods = {ClientAuthMethod::none};
  public_client.secrets.clear();
  EXPECT_TRUE(authenticates(with_post("shop", nullptr), &public_client));
  EXPECT_FALSE(authenticates(with_post("shop", "anything"), &public_client));
}

}  // namespace
}  // namespace mintmark::oauth
