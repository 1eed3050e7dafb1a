// Issuance for resources that want their tokens encrypted: the same for every grant.

#include "fake_key_sets.hpp"
#include "mint.hpp"

namespace mintmark::oauth {
namespace {

using namespace std::chrono_literals;
using testing::ApiKey;
using testing::code_of;
using testing::key_set_of;
using testing::Mint;

constexpr const char* kService = "grant_type=client_credentials&client_id=service&client_secret=service-secret";
constexpr const char* kUrl = "https://api.example.com/jwks.json";
constexpr auto kAlg = jose::KeyManagement::ECDH_ES_A128KW;
constexpr auto kEnc = jose::ContentEncryption::A256GCM;

class EncryptedToken : public ::testing::Test {
 protected:
  EncryptedToken() { encrypt_to(make_recipient_key(key.public_jwk(), kAlg).value()); }

  void encrypt_to(std::variant<JwksUri, RecipientKey> recipient, jose::KeyManagement alg = kAlg) {
    mint.change_resource(testing::kApi, [&](Resource& it) { it.encryption = {alg, kEnc, recipient}; });
  }
  void follow() { ASSERT_TRUE(mint.recipients.follow(*mint.directory->resources(), mint.now)); }
  /// What the API makes of an answer. Fails the test where it cannot open and verify the token.
  jose::VerifiedJwt opened(const TokenOutcome& outcome) {
    const std::string token = outcome.result ? outcome.result->access_token : "";
    EXPECT_TRUE(jose::looks_like_jwe(token)) << token;
    const Result<std::string> inner = jose::open_nested_jwt(token, key.decryption(kAlg));
    EXPECT_TRUE(inner) << inner.error().detail;
    return mint.verified(*inner);
  }

  Mint mint;
  const ApiKey key{"api-1"};
};

TEST_F(EncryptedToken, Rfc7519Section5_2_IsSignedAndThenEncrypted) {
  const TokenOutcome outcome = mint.post(kService);
  const jose::VerifiedJwt jwt = opened(outcome);
  EXPECT_EQ(jwt.claims().at("aud"), testing::kApi);
  EXPECT_EQ(jwt.claims().at("sub"), "service");
  EXPECT_EQ(jwt.header().at("typ"), "at+jwt");
  const Json header = jose::decode_jwe_header(outcome.result->access_token).value();
  EXPECT_EQ(header.at("alg"), "ECDH-ES+A128KW");
  EXPECT_EQ(header.at("enc"), "A256GCM");
  EXPECT_EQ(header.at("kid"), "api-1");
  EXPECT_EQ(header.at("cty"), "at+jwt");
}

TEST_F(EncryptedToken, ComesFromEveryGrant) {
  EXPECT_EQ(opened(mint.post(kService)).claims().at("sub"), "service");
  const TokenOutcome login = mint.login();
  EXPECT_EQ(opened(login).claims().at("role"), "Admin");
  EXPECT_EQ(opened(mint.refresh(*login.result->refresh_token)).claims().at("sub"), "user-1");
  ASSERT_EQ(mint.events.issued.size(), 3U);
  for (const auto& issued : mint.events.issued)
    EXPECT_EQ(issued.enc, kEnc);
}

TEST_F(EncryptedToken, OtherResourcesAreSignedAlone) {
  const TokenOutcome outcome =
      mint.post("grant_type=client_credentials&client_id=multi&client_secret=service-secret&resource=" +
                std::string(testing::kOtherApi));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(mint.verified(outcome.result->access_token).claims().at("aud"), testing::kOtherApi);
  EXPECT_EQ(mint.events.issued.at(0).enc, std::nullopt);
}

TEST_F(EncryptedToken, HasOneRecipientAndSoOneResource) {
  const Resource api = *mint.directory->find_resource(ResourceId(testing::kApi));
  mint.change_resource(testing::kOtherApi, [&](Resource& it) { it.encryption = api.encryption; });
  const std::string both = "grant_type=client_credentials&client_id=multi&client_secret=service-secret&resource=" +
                           std::string(testing::kApi) + "&resource=" + testing::kOtherApi;
  EXPECT_EQ(code_of(mint.post(both)), OAuthCode::invalid_target);
  mint.change_resource(testing::kOtherApi, [](Resource& it) { it.encryption.reset(); });
  EXPECT_EQ(code_of(mint.post(both)), OAuthCode::invalid_target);
  mint.change_resource(testing::kApi, [](Resource& it) { it.encryption.reset(); });
  EXPECT_TRUE(mint.post(both).result);
}

TEST_F(EncryptedToken, WaitsForAKeyThatIsYetToBeFetched) {
  encrypt_to(JwksUri{kUrl});
  mint.key_sets.sets[kUrl] = {key_set_of({key.public_jwk()}), 1h};
  follow();
  const TokenOutcome early = mint.post(kService);
  EXPECT_EQ(code_of(early), OAuthCode::temporarily_unavailable);
  EXPECT_EQ(early.result.error().retry_after, RecipientKeys::kFirstPause);
  EXPECT_TRUE(mint.key_sets.asked.empty()) << "a request never fetches";
  mint.recipients.refresh(mint.now);
  (void)opened(mint.post(kService));
}

TEST_F(EncryptedToken, ARefreshTokenIsNotUsedUpWhereThereIsNoKeyYet) {
  const TokenOutcome login = mint.login();
  encrypt_to(JwksUri{kUrl});
  EXPECT_EQ(code_of(mint.refresh(*login.result->refresh_token)), OAuthCode::temporarily_unavailable);
  mint.now += 1h;  // beyond the grace, in which a used one would do
  encrypt_to(make_recipient_key(key.public_jwk(), kAlg).value());
  (void)opened(mint.refresh(*login.result->refresh_token));
}

// The bound is for what is sent: a third more than what is signed.
TEST_F(EncryptedToken, Invariant9_ItsLengthIsThatOfWhatIsSent) {
  mint.change_user([](accounts::User& it) { it.attributes["role"] = std::string(10'000, 'x'); });
  EXPECT_EQ(code_of(mint.login()), OAuthCode::server_error);
  EXPECT_FALSE(mint.login().result);
  mint.change_resource(testing::kApi, [](Resource& it) { it.encryption.reset(); });
  EXPECT_TRUE(mint.login().result) << "signed alone it fits";
}

TEST_F(EncryptedToken, SlowKeysAreNoWorkForANetworkThread) {
  ASSERT_TRUE(mint.post(kService).result);  // so that the client is cached
  const auto request = parse_token_request(parse_form(kService).value(), std::nullopt).value();
  const ApiKey slow("slow", crypto::KeyType::p521);
  for (const ApiKey* it : {&key, &slow}) {
    const RecipientKey recipient = make_recipient_key(it->public_jwk(), kAlg).value();
    encrypt_to(recipient);
    ASSERT_TRUE(mint.post(kService).result);
    const Work expected = recipient.key.is_slow() ? Work::storage : Work::immediate;
    EXPECT_EQ(mint.endpoint->work_for(request, mint.now), expected) << it->kid;
  }
  EXPECT_TRUE(make_recipient_key(slow.public_jwk(), kAlg)->key.is_slow());
  EXPECT_FALSE(make_recipient_key(key.public_jwk(), kAlg)->key.is_slow());
}

}  // namespace
}  // namespace mintmark::oauth
