// Clients that authenticate with a JWT of their own (private_key_jwt) or of an issuer that is trusted.

#include "mintmark/oauth/client_assertion.hpp"

#include "mint.hpp"
#include "mintmark/crypto/digest.hpp"
#include "support/assertions.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::assertion_claims;
using mintmark::testing::compact_jws;
using mintmark::testing::inline_keys;
using mintmark::testing::jws_header;
using mintmark::testing::public_key_set;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kCluster = "https://cluster.example.com";
constexpr const char* kWorkload = "system:serviceaccount:shop:orders";
constexpr const char* kClientKeys = "https://signer.example.com/jwks.json";

class ClientAssertionTest : public ::testing::Test {
 protected:
  ClientAssertionTest() {
    for (const char* id : {"signer", "other-signer"}) {
      Client client;
      client.id = ClientId(id);
      client.auth_methods = {ClientAuthMethod::private_key_jwt};
      client.keys = inline_keys(key_);
      client.grant_types = {GrantType::client_credentials};
      client.scopes = {"read"};
      client.resources = {ResourceId(kApi)};
      client.identities = {{kCluster, kWorkload, ""}};
      EXPECT_TRUE(mint_.store->clients().insert_client(client));
    }
    TrustedIssuer cluster{.issuer = kCluster, .keys = inline_keys(cluster_key_), .algs = {}, .max_lifetime = hours(1)};
    mint_.directory->adopt(mint_.directory->prepare({}, {}, {{kCluster, cluster}}).value());
  }

  /// Of "signer", good for a minute, with another `jti` each time.
  Json claims() { return assertion_claims("signer", kIssuer, "jti-" + std::to_string(++made_), mint_.now); }
  Json claims_with(const Json& changes) {
    Json changed = claims();
    changed.update(changes);
    return changed;
  }
  Json claims_without(const char* name) {
    Json changed = claims();
    changed.erase(name);
    return changed;
  }
  Json workload_claims() {
    return {{"iss", kCluster}, {"sub", kWorkload}, {"aud", kIssuer}, {"exp", to_numeric_date(mint_.now + minutes(30))}};
  }

  TokenOutcome post(const std::string& assertion, const std::string& more = "") {
    return mint_.post_from(source_.value_or("10.0." + std::to_string(++made_) + ".1"),
                           "grant_type=client_credentials&client_assertion_type=" + std::string(kJwtBearerAssertion) +
                               "&client_assertion=" + assertion + more);
  }
  TokenOutcome post(const Json& claims) { return post(compact_jws(jws_header(key_), claims, key_)); }
  TokenOutcome post_workload(const Json& claims, const std::string& client = "signer") {
    return post(compact_jws(jws_header(cluster_key_), claims, cluster_key_), "&client_id=" + client);
  }

  void expect_refused(const TokenOutcome& outcome, const std::string& why) {
    ASSERT_FALSE(outcome.result) << why;
    EXPECT_EQ(outcome.result.error().code, OAuthCode::invalid_client) << why;
    EXPECT_EQ(outcome.result.error().description.str(), "client authentication failed") << why;
  }

  void publish_keys_of_signer() {
    mint_.change_client("signer", [](Client& client) { client.keys = JwksUri{kClientKeys}; });
    mint_.key_sets.sets[kClientKeys] = {public_key_set(key_).dump(), minutes(5)};
  }

  Mint mint_;
  const jose::SigningKey key_ = jose::SigningKey::generate(jose::Alg::ES256).value();
  const jose::SigningKey cluster_key_ = jose::SigningKey::generate(jose::Alg::EdDSA).value();
  std::optional<std::string> source_ = {};  ///< where all requests come from; else each from a network of its own
  int made_ = 0;
};

TEST_F(ClientAssertionTest, Rfc7523Section3_AClientsOwnAssertionAuthenticatesIt) {
  const TokenOutcome outcome = post(claims());
  ASSERT_TRUE(outcome.result) << outcome.result.error().description.str();
  EXPECT_EQ(mint_.verified(outcome.result->access_token).claims().at("client_id"), "signer");
  EXPECT_TRUE(post(claims_with({{"aud", Json::array({kIssuer})}})).result) << "a list of one";
  EXPECT_TRUE(post(claims_with({{"iat", to_numeric_date(mint_.now + seconds(10))}})).result) << "FAPI 2.0 §5.3.2.1";
  EXPECT_TRUE(post(claims_without("iat")).result);
  EXPECT_TRUE(post(compact_jws(jws_header(key_), claims(), key_), "&client_id=signer").result);
}

TEST_F(ClientAssertionTest, Rfc7523Section3_EachClaimIsChecked) {
  expect_refused(post(claims_with({{"iss", "other-signer"}})), "iss is another client");
  expect_refused(post(claims_with({{"sub", "other-signer"}})), "sub is another client");
  expect_refused(post(claims_without("iss")), "no iss");
  expect_refused(post(claims_without("sub")), "no sub");
  expect_refused(post(claims_without("exp")), "no exp");
  expect_refused(post(claims_without("aud")), "no aud");
  expect_refused(post(claims_with({{"exp", to_numeric_date(mint_.now - minutes(1))}})), "expired");
  expect_refused(post(claims_with({{"nbf", to_numeric_date(mint_.now + minutes(1))}})), "not yet good");
  expect_refused(post(claims_with({{"iat", to_numeric_date(mint_.now + seconds(61))}})), "from the future");
  expect_refused(post(compact_jws(jws_header(key_), claims(), key_), "&client_id=other-signer"), "client_id disagrees");
  EXPECT_TRUE(post(claims()).result);
}

TEST_F(ClientAssertionTest, Rfc8725Section3_11_ATokenOfAnotherKindIsNone) {
  Json header = jws_header(key_);
  for (const char* typ : {"dpop+jwt", "at+jwt", "application/at+jwt", "logout+jwt"}) {
    header["typ"] = typ;
    expect_refused(post(compact_jws(header, claims(), key_)), typ);
  }
  for (const char* typ : {"JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"}) {
    header["typ"] = typ;
    EXPECT_TRUE(post(compact_jws(header, claims(), key_)).result) << typ;
  }
}

TEST_F(ClientAssertionTest, Rfc6749Section2_3_AnAssertionBesideASecretIsTwoMethods) {
  const std::string assertion = compact_jws(jws_header(key_), claims(), key_);
  EXPECT_EQ(code_of(post(assertion, "&client_secret=s")), OAuthCode::invalid_request);
  EXPECT_EQ(code_of(mint_.post("grant_type=client_credentials&client_assertion=" + assertion)),
            OAuthCode::invalid_request);
  EXPECT_EQ(code_of(mint_.post("grant_type=client_credentials&client_id=signer&client_assertion_type=" +
                               std::string(kJwtBearerAssertion))),
            OAuthCode::invalid_request);
  EXPECT_EQ(
      code_of(mint_.post("grant_type=client_credentials&client_assertion_type=urn:saml&client_assertion=" + assertion)),
      OAuthCode::invalid_client);
}

TEST_F(ClientAssertionTest, OnlyRegisteredMethodsAndAlgorithmsCount) {
  mint_.change_client("signer", [](Client& client) { client.auth_signing_algs = {jose::Alg::PS256}; });
  expect_refused(post(claims()), "another algorithm");
  mint_.change_client("signer", [](Client& client) { client.auth_signing_algs = {jose::Alg::ES256}; });
  EXPECT_TRUE(post(claims()).result);
  mint_.change_client("signer", [](Client& client) { client.auth_methods = {ClientAuthMethod::client_secret_post}; });
  expect_refused(post(claims()), "another method");
}

TEST_F(ClientAssertionTest, Attack1_APublicKeyIsNoHmacSecret) {
  const std::string pem = key_.verification_key().public_pem();
  const std::string jwk = key_.verification_key().public_jwk().dump();
  for (const std::string& text : {pem, " " + pem, jwk}) {
    Json header = jws_header(key_);
    header["alg"] = "HS256";
    const std::string message =
        encode_base64url(as_bytes(header.dump())) + "." + encode_base64url(as_bytes(claims().dump()));
    const Bytes mac = crypto::hmac(crypto::Hash::sha256, as_bytes(text), as_bytes(message));
    expect_refused(post(message + "." + encode_base64url(mac)), text);
  }
}

TEST_F(ClientAssertionTest, Attack2_UnsignedIsRefused) {
  for (const char* alg : {"none", "None", ""}) {
    const Json header = {{"alg", alg}, {"kid", key_.kid().str()}};
    const std::string message =
        encode_base64url(as_bytes(header.dump())) + "." + encode_base64url(as_bytes(claims().dump())) + ".";
    expect_refused(post(message), alg);
  }
}

TEST_F(ClientAssertionTest, Attack6_KeysOfTheHeaderAreNotRead) {
  const jose::SigningKey mine = jose::SigningKey::generate(jose::Alg::ES256).value();
  Json header = jws_header(mine);
  header["jwk"] = mine.verification_key().public_jwk();
  header["jku"] = "https://attacker.example.com/jwks.json";
  expect_refused(post(compact_jws(header, claims(), mine)), "a key of its own");
  header["kid"] = key_.kid().str();
  expect_refused(post(compact_jws(header, claims(), mine)), "under the client's kid");
  EXPECT_TRUE(mint_.key_sets.asked.empty());
}

TEST_F(ClientAssertionTest, Attack7_AnUnknownCritIsRefused) {
  Json header = jws_header(key_);
  header["crit"] = {"b64"};
  header["b64"] = true;
  expect_refused(post(compact_jws(header, claims(), key_)), "crit");
}

TEST_F(ClientAssertionTest, Attack11_AnAssertionIsGoodForOnce) {
  const std::string assertion = compact_jws(jws_header(key_), claims(), key_);
  ASSERT_TRUE(post(assertion).result);
  expect_refused(post(assertion), "replayed");
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::replay);
  expect_refused(post(claims_without("jti")), "no jti");
  expect_refused(post(claims_with({{"jti", ""}})), "an empty jti");
  expect_refused(post(claims_with({{"jti", std::string(256, 'x')}})), "a long jti");
}

TEST_F(ClientAssertionTest, Attack11_ItIsRememberedForAsLongAsItIsGood) {
  const std::string assertion = compact_jws(jws_header(key_), claims(), key_);
  ASSERT_TRUE(post(assertion).result);
  mint_.now += minutes(1) + kForeignClockSkew - seconds(1);
  EXPECT_TRUE(mint_.store->remove_expired(mint_.now, 100));
  expect_refused(post(assertion), "still within the leeway, and remembered");
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::replay);
  mint_.now += seconds(1);
  expect_refused(post(assertion), "expired");
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::wrong_credential);
}

TEST_F(ClientAssertionTest, Attack11_ABadRequestBurnsNothing) {
  const Json good = claims();
  const jose::SigningKey mine = jose::SigningKey::generate(jose::Alg::ES256).value();
  expect_refused(post(compact_jws(jws_header(key_), good, mine)), "another's signature");
  EXPECT_EQ(code_of(post(compact_jws(jws_header(key_), good, key_), "&scope=admin")), OAuthCode::invalid_scope);
  EXPECT_EQ(code_of(post(compact_jws(jws_header(key_), good, key_), "&resource=https://x.example.com")),
            OAuthCode::invalid_target);
  EXPECT_TRUE(post(good).result);
}

TEST_F(ClientAssertionTest, Attack11_ClientsDoNotShareTheirJti) {
  ASSERT_TRUE(post(claims_with({{"jti", "same"}})).result);
  EXPECT_TRUE(post(claims_with({{"jti", "same"}, {"iss", "other-signer"}, {"sub", "other-signer"}})).result);
}

TEST_F(ClientAssertionTest, Attack11_ADistantExpiryIsRefused) {
  expect_refused(post(claims_with({{"exp", to_numeric_date(mint_.now + hours(2))}})), "two hours");
  EXPECT_TRUE(post(claims_with({{"exp", to_numeric_date(mint_.now + hours(1))}})).result);
}

TEST_F(ClientAssertionTest, Attack12_NoOtherAudienceMayBeInIt) {
  expect_refused(post(claims_with({{"aud", Json::array({kIssuer, "https://other.example.com"})}})), "a foreign value");
  expect_refused(post(claims_with({{"aud", Json::array({kIssuer, kIssuer})}})), "twice");
  expect_refused(post(claims_with({{"aud", Json::array()}})), "nobody");
  expect_refused(post(claims_with({{"aud", std::string(kIssuer) + "/"}})), "almost");
  expect_refused(post(claims_with({{"aud", 7}})), "a number");
  const std::string endpoint = std::string(kIssuer) + "/token";
  expect_refused(post(claims_with({{"aud", endpoint}})), "the endpoint");
  mint_.assertions.set_audience(AssertionAudience::issuer_or_endpoint);
  EXPECT_TRUE(post(claims_with({{"aud", endpoint}})).result);
  EXPECT_TRUE(post(claims()).result);
  expect_refused(post(claims_with({{"aud", Json::array({kIssuer, endpoint})}})), "both");
}

TEST_F(ClientAssertionTest, FailuresAreAttemptsThatAreDelayed) {
  const std::string wrong =
      compact_jws(jws_header(key_), claims(), jose::SigningKey::generate(jose::Alg::ES256).value());
  source_ = "10.0.0.1";
  TokenOutcome outcome = post(wrong);
  for (int i = 0; i < 50 && code_of(outcome) == OAuthCode::invalid_client; ++i)
    outcome = post(wrong);
  EXPECT_EQ(code_of(outcome), OAuthCode::slow_down);
}

TEST_F(ClientAssertionTest, KeysAtAUrlAreFetchedInTheBackground) {
  publish_keys_of_signer();
  const TokenOutcome first = post(claims());
  EXPECT_EQ(code_of(first), OAuthCode::temporarily_unavailable);
  EXPECT_TRUE(first.result.error().retry_after);
  EXPECT_TRUE(mint_.key_sets.asked.empty()) << "no request waits for a fetch";
  mint_.verification_keys.refresh(mint_.now);
  EXPECT_TRUE(post(claims()).result);
  EXPECT_EQ(mint_.key_sets.asked, std::vector<std::string>{kClientKeys});
}

TEST_F(ClientAssertionTest, AnUnknownKidFetchesTheSetOnceMoreButNotOften) {
  publish_keys_of_signer();
  (void)post(claims());
  mint_.verification_keys.refresh(mint_.now);
  const jose::SigningKey next = jose::SigningKey::generate(jose::Alg::ES256).value();
  mint_.key_sets.sets[kClientKeys] = {public_key_set(next).dump(), minutes(5)};
  const auto post_next = [&] { return post(compact_jws(jws_header(next), claims(), next)); };
  expect_refused(post_next(), "fetched just now");
  mint_.now += VerificationKeySets::kRenewalPause;
  EXPECT_EQ(code_of(post_next()), OAuthCode::temporarily_unavailable);
  mint_.verification_keys.refresh(mint_.now);
  EXPECT_TRUE(post_next().result);
  expect_refused(post(claims()), "its owner has withdrawn the former key");
  EXPECT_EQ(mint_.key_sets.asked.size(), 2U);
}

TEST_F(ClientAssertionTest, AFailingServerIsAskedNoMoreOften) {
  publish_keys_of_signer();
  (void)post(claims());
  mint_.verification_keys.refresh(mint_.now);
  mint_.key_sets.sets.clear();
  const jose::SigningKey other = jose::SigningKey::generate(jose::Alg::ES256).value();
  const auto post_other = [&] { return post(compact_jws(jws_header(other), claims(), other)); };
  mint_.now += VerificationKeySets::kRenewalPause;
  EXPECT_EQ(code_of(post_other()), OAuthCode::temporarily_unavailable);
  mint_.verification_keys.refresh(mint_.now);
  EXPECT_EQ(mint_.key_sets.asked.size(), 2U);
  mint_.now += VerificationKeySets::kRenewalPause - seconds(1);
  expect_refused(post_other(), "asked in vain a moment ago");
  EXPECT_TRUE(post(claims()).result) << "the last good set stays";
}

TEST_F(ClientAssertionTest, TheLastGoodSetStaysForADay) {
  publish_keys_of_signer();
  (void)post(claims());
  mint_.verification_keys.refresh(mint_.now);
  mint_.key_sets.sets.clear();
  const Instant fetched = mint_.now;
  for (mint_.now = fetched + hours(1); mint_.now <= fetched + VerificationKeySets::kLongestAge; mint_.now += hours(1)) {
    mint_.verification_keys.refresh(mint_.now);
    EXPECT_TRUE(post(claims()).result);
  }
  EXPECT_FALSE(mint_.key_sets.failures.empty());
  EXPECT_EQ(code_of(post(claims())), OAuthCode::temporarily_unavailable);
}

TEST_F(ClientAssertionTest, ASetThatNobodyAsksForIsForgotten) {
  publish_keys_of_signer();
  (void)post(claims());
  mint_.verification_keys.refresh(mint_.now);
  mint_.now += VerificationKeySets::kLongestAge + hours(1);
  mint_.verification_keys.refresh(mint_.now);
  EXPECT_EQ(mint_.key_sets.asked.size(), 1U);
}

TEST_F(ClientAssertionTest, Rfc7523Section2_2_ATokenOfATrustedIssuerAuthenticatesTheClientThatItIsBoundTo) {
  const TokenOutcome outcome = post_workload(workload_claims());
  ASSERT_TRUE(outcome.result) << outcome.result.error().description.str();
  EXPECT_EQ(mint_.verified(outcome.result->access_token).claims().at("sub"), "signer");
  EXPECT_TRUE(post_workload(workload_claims()).result) << "platforms hand it out to be used until it expires";
}

TEST_F(ClientAssertionTest, WorkloadIdentitiesAreBoundExactly) {
  const auto changed = [&](const Json& changes) {
    Json claims = workload_claims();
    claims.update(changes);
    return claims;
  };
  expect_refused(post_workload(changed({{"sub", "system:serviceaccount:shop:orders2"}})), "another subject");
  expect_refused(post_workload(changed({{"sub", "SYSTEM:serviceaccount:shop:orders"}})), "case");
  expect_refused(post_workload(changed({{"aud", "https://kubernetes.default.svc"}})), "another audience");
  expect_refused(post_workload(changed({{"aud", Json::array({kIssuer, "https://x.example.com"})}})), "others too");
  expect_refused(post_workload(changed({{"iss", "https://other.example.com"}})), "another issuer");
  expect_refused(post_workload(changed({{"exp", to_numeric_date(mint_.now + hours(3))}})), "lives for too long");
  expect_refused(post_workload(workload_claims(), "service"), "a client that is not bound to it");
  expect_refused(post(compact_jws(jws_header(cluster_key_), workload_claims(), cluster_key_)), "no client is named");
  Json without_expiry = workload_claims();
  without_expiry.erase("exp");
  expect_refused(post_workload(without_expiry), "no exp");
  mint_.change_client("signer", [](Client& client) { client.identities[0].audience = "mint"; });
  expect_refused(post_workload(workload_claims()), "not the audience that is registered");
  EXPECT_TRUE(post_workload(changed({{"aud", "mint"}})).result);
}

TEST_F(ClientAssertionTest, KeysOfAnIssuerAndOfAClientAreNeverTakenForEachOther) {
  expect_refused(post(compact_jws(jws_header(key_), workload_claims(), key_), "&client_id=signer"),
                 "the client signs for the issuer");
  expect_refused(post(compact_jws(jws_header(cluster_key_), claims(), cluster_key_)),
                 "the issuer signs for the client");
}

TEST_F(ClientAssertionTest, AnIssuerThatIsNoLongerTrustedAuthenticatesNobody) {
  mint_.directory->adopt(mint_.directory->prepare({}, {}, {}).value());
  expect_refused(post_workload(workload_claims()), "not trusted");
}

TEST_F(ClientAssertionTest, WhatIsNoJwtIsRefused) {
  for (const std::string& text : {std::string("x"), std::string("a.b.c"), std::string("..."), std::string(9000, 'a')}) {
    expect_refused(post(text), text);
    expect_refused(post(text, "&client_id=signer"), text);
  }
  EXPECT_EQ(code_of(post(std::string(kMaxTokenBytes + 1, 'a'))), OAuthCode::invalid_request);
}

}  // namespace
}  // namespace mintmark::oauth::testing
