// DPoP (RFC 9449) at the token endpoint.

#include "mintmark/oauth/dpop.hpp"

#include "mint.hpp"
#include "mintmark/crypto/digest.hpp"
#include "support/assertions.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::compact_jws;
using mintmark::testing::proof_claims;
using mintmark::testing::proof_header;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kService = "grant_type=client_credentials&client_id=service&client_secret=service-secret";
constexpr const char* kLogin = "grant_type=password&client_id=app&username=alice&password=wonderland";

class DpopTest : public ::testing::Test {
 protected:
  Json claims() { return proof_claims(endpoint_, "jti-" + std::to_string(++made_), mint_.now); }
  Json claims_with(const Json& changes) {
    Json changed = claims();
    changed.update(changes);
    return changed;
  }
  std::string proof() { return compact_jws(proof_header(key_), claims(), key_); }
  std::string proof_with(const Json& changes) { return compact_jws(proof_header(key_), claims_with(changes), key_); }
  std::string proof_under(const Json& changes) {
    Json header = proof_header(key_);
    header.update(changes);
    return compact_jws(header, claims(), key_);
  }

  TokenOutcome ask(const std::string& proof) { return mint_.post_with_proof(kService, proof); }
  TokenOutcome refresh(const TokenOutcome& login, const std::optional<std::string>& proof) {
    const std::string form = "grant_type=refresh_token&client_id=app&refresh_token=" +
                             std::string(login.result->refresh_token->reveal_text());
    return proof ? mint_.post_with_proof(form, *proof) : mint_.post(form);
  }
  void expect_bad_proof(const std::string& proof, const std::string& why) {
    EXPECT_EQ(code_of(ask(proof)), OAuthCode::invalid_dpop_proof) << why;
  }
  std::string jkt(const TokenOutcome& outcome) {
    return mint_.verified(outcome.result->access_token).claims().at("cnf").at("jkt");
  }

  Mint mint_;
  const std::string endpoint_ = std::string(kIssuer) + "/token";
  const jose::SigningKey key_ = jose::SigningKey::generate(jose::Alg::ES256).value();
  const std::string thumbprint_ = jose::thumbprint(jose::parse_jwk(key_.verification_key().public_jwk()).value());
  int made_ = 0;
};

TEST_F(DpopTest, Rfc9449Section6_1_TheTokenIsBoundToTheKey) {
  const TokenOutcome outcome = ask(proof());
  ASSERT_TRUE(outcome.result) << outcome.result.error().description.str();
  EXPECT_EQ(outcome.result->token_type, TokenKind::dpop);
  EXPECT_EQ(jkt(outcome), thumbprint_);
  EXPECT_FALSE(outcome.dpop_nonce);
  const TokenOutcome unbound = mint_.post(kService);
  EXPECT_EQ(unbound.result->token_type, TokenKind::bearer);
  EXPECT_FALSE(mint_.verified(unbound.result->access_token).claims().contains("cnf"));
}

TEST_F(DpopTest, Rfc9449Section4_3_EachCheckIsMade) {
  expect_bad_proof("", "empty");
  expect_bad_proof("a.b.c", "no JWS");
  expect_bad_proof(std::string(Dpop::kMaxProofBytes + 1, 'a'), "too long");
  expect_bad_proof(proof_under({{"typ", "JWT"}}), "typ");
  expect_bad_proof(proof_with({{"htm", "GET"}}), "htm");
  expect_bad_proof(proof_with({{"htm", "post"}}), "methods have case");
  expect_bad_proof(proof_with({{"htu", "https://id.example.com/other"}}), "htu");
  expect_bad_proof(proof_with({{"htu", "https://other.example.com/token"}}), "another host");
  expect_bad_proof(proof_with({{"htu", "http://id.example.com/token"}}), "another scheme");
  expect_bad_proof(proof_with({{"htu", 7}}), "no text");
  expect_bad_proof(proof_with({{"jti", ""}}), "no jti");
  expect_bad_proof(proof_with({{"jti", std::string(256, 'x')}}), "a long jti");
  expect_bad_proof(proof_with({{"iat", "now"}}), "iat");
  for (const char* name : {"htm", "htu", "jti", "iat"}) {
    Json without = claims();
    without.erase(name);
    expect_bad_proof(compact_jws(proof_header(key_), without, key_), std::string("no ") + name);
  }
  const jose::SigningKey other = jose::SigningKey::generate(jose::Alg::ES256).value();
  expect_bad_proof(compact_jws(proof_header(key_), claims(), other), "signed by another");
}

TEST_F(DpopTest, Rfc9449Section4_3_TheUriIsComparedAfterNormalisation) {
  for (const char* uri :
       {"https://id.example.com/token", "HTTPS://ID.EXAMPLE.COM/token", "https://id.example.com:443/token",
        "https://id.example.com/token?a=b", "https://id.example.com/token#c"}) {
    EXPECT_TRUE(ask(proof_with({{"htu", uri}})).result) << uri;
  }
  for (const char* uri :
       {"https://id.example.com:8443/token", "https://id.example.com/TOKEN", "https://id.example.com/token/",
        "https://u@id.example.com/token", "id.example.com/token", "https:///token", ""}) {
    expect_bad_proof(proof_with({{"htu", uri}}), uri);
  }
}

TEST_F(DpopTest, Rfc9449Section11_1_ProofsAreYoung) {
  EXPECT_TRUE(ask(proof_with({{"iat", to_numeric_date(mint_.now - seconds(58))}})).result);
  EXPECT_TRUE(ask(proof_with({{"iat", to_numeric_date(mint_.now + seconds(10))}})).result);
  expect_bad_proof(proof_with({{"iat", to_numeric_date(mint_.now - seconds(62))}}), "old");
  expect_bad_proof(proof_with({{"iat", to_numeric_date(mint_.now + seconds(12))}}), "from the future");
}

TEST_F(DpopTest, Attack1_ASecretIsNoKeyOfAProof) {
  Json header = proof_header(key_);
  header["alg"] = "HS256";
  const std::string message =
      encode_base64url(as_bytes(header.dump())) + "." + encode_base64url(as_bytes(claims().dump()));
  const Bytes mac = crypto::hmac(crypto::Hash::sha256, as_bytes(header["jwk"].dump()), as_bytes(message));
  expect_bad_proof(message + "." + encode_base64url(mac), "HS256");
  header["jwk"] = {{"kty", "oct"}, {"k", encode_base64url(Bytes(32, 1))}};
  expect_bad_proof(compact_jws(header, claims(), key_), "oct");
}

TEST_F(DpopTest, Attack2_UnsignedIsRefused) {
  Json header = proof_header(key_);
  header["alg"] = "none";
  expect_bad_proof(encode_base64url(as_bytes(header.dump())) + "." + encode_base64url(as_bytes(claims().dump())) + ".",
                   "none");
}

TEST_F(DpopTest, Attack11_AProofIsGoodForOnce) {
  const std::string used = proof();
  ASSERT_TRUE(ask(used).result);
  expect_bad_proof(used, "replayed");
  EXPECT_EQ(mint_.events.reasons.back(), RefusalReason::replay);
  mint_.now += seconds(60);
  EXPECT_TRUE(mint_.store->remove_expired(mint_.now, 100));
  expect_bad_proof(used, "remembered for as long as it is good");
}

TEST_F(DpopTest, Attack11_ABadRequestBurnsNoProof) {
  const std::string good = proof();
  EXPECT_EQ(code_of(mint_.post_with_proof(std::string(kService) + "&scope=admin", good)), OAuthCode::invalid_scope);
  EXPECT_EQ(code_of(mint_.post_with_proof("grant_type=client_credentials&client_id=service&client_secret=x", good)),
            OAuthCode::invalid_client);
  EXPECT_TRUE(ask(good).result);
}

TEST_F(DpopTest, Attack11_KeysDoNotShareTheirJti) {
  const jose::SigningKey other = jose::SigningKey::generate(jose::Alg::EdDSA).value();
  const Json same = claims();
  ASSERT_TRUE(ask(compact_jws(proof_header(key_), same, key_)).result);
  EXPECT_TRUE(ask(compact_jws(proof_header(other), same, other)).result);
}

TEST_F(DpopTest, Attack25_PrivateMembersAreRefused) {
  for (const char* member : {"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}) {
    Json header = proof_header(key_);
    header["jwk"][member] = "AA";
    expect_bad_proof(compact_jws(header, claims(), key_), member);
  }
  expect_bad_proof(proof_under({{"jwk", "text"}}), "no object");
  expect_bad_proof(proof_under({{"jwk", Json::object()}}), "empty");
}

TEST_F(DpopTest, Rfc9449Section5_2_AClientOrAResourceCanRequireAProof) {
  mint_.change_client("service", [](Client& client) { client.dpop_bound_access_tokens = true; });
  EXPECT_EQ(code_of(mint_.post(kService)), OAuthCode::invalid_dpop_proof);
  EXPECT_TRUE(ask(proof()).result);
  mint_.change_client("service", [](Client& client) { client.dpop_bound_access_tokens = false; });
  EXPECT_TRUE(mint_.post(kService).result);
  mint_.change_resource(kApi, [](Resource& resource) { resource.dpop_bound_access_tokens = true; });
  EXPECT_EQ(code_of(mint_.post(kService)), OAuthCode::invalid_dpop_proof);
  EXPECT_TRUE(ask(proof()).result);
}

TEST_F(DpopTest, Rfc9449Section5_RefreshTokensOfPublicClientsAreBound) {
  const TokenOutcome login = mint_.post_with_proof(kLogin, proof());
  ASSERT_TRUE(login.result) << login.result.error().description.str();
  EXPECT_EQ(code_of(refresh(login, std::nullopt)), OAuthCode::invalid_dpop_proof);
  const jose::SigningKey other = jose::SigningKey::generate(jose::Alg::ES256).value();
  EXPECT_EQ(code_of(refresh(login, compact_jws(proof_header(other), claims(), other))), OAuthCode::invalid_grant);
  const TokenOutcome next = refresh(login, proof());
  ASSERT_TRUE(next.result) << "neither has burnt it";
  EXPECT_EQ(jkt(next), thumbprint_);
  const TokenOutcome again = refresh(login, proof());
  ASSERT_TRUE(again.result) << "within the grace";
  EXPECT_EQ(again.result->refresh_token->reveal_text(), next.result->refresh_token->reveal_text());
  EXPECT_EQ(code_of(refresh(next, std::nullopt)), OAuthCode::invalid_dpop_proof) << "so are its successors";
}

TEST_F(DpopTest, Rfc9449Section5_RefreshTokensOfConfidentialClientsAreNot) {
  mint_.change_client("service", [](Client& client) {
    client.grant_types = {GrantType::password, GrantType::refresh_token};
  });
  const std::string credentials = "&client_id=service&client_secret=service-secret";
  const TokenOutcome login =
      mint_.post_with_proof("grant_type=password&username=alice&password=wonderland" + credentials, proof());
  ASSERT_TRUE(login.result);
  const std::string form =
      "grant_type=refresh_token&refresh_token=" + std::string(login.result->refresh_token->reveal_text()) + credentials;
  const jose::SigningKey next_key = jose::SigningKey::generate(jose::Alg::ES256).value();
  EXPECT_TRUE(mint_.post_with_proof(form, compact_jws(proof_header(next_key), claims(), next_key)).result);
}

TEST_F(DpopTest, Rfc9449Section8_NoncesAreAskedForWhereTheyAreRequired) {
  mint_.dpop->require_nonce(true);
  const TokenOutcome refused = ask(proof());
  EXPECT_EQ(code_of(refused), OAuthCode::use_dpop_nonce);
  ASSERT_TRUE(refused.dpop_nonce);
  const TokenOutcome outcome = ask(proof_with({{"nonce", *refused.dpop_nonce}}));
  ASSERT_TRUE(outcome.result);
  EXPECT_EQ(outcome.dpop_nonce, refused.dpop_nonce);
  EXPECT_EQ(code_of(ask(proof_with({{"nonce", "invented"}}))), OAuthCode::use_dpop_nonce);
  EXPECT_EQ(code_of(ask(proof_with({{"nonce", ""}}))), OAuthCode::use_dpop_nonce);
  EXPECT_TRUE(mint_.post(kService).result) << "who binds nothing needs none";
}

TEST_F(DpopTest, Rfc9449Section8_AnOldNonceIsForgivenWhereNoneIsRequired) {
  mint_.dpop->require_nonce(true);
  const std::string nonce = ask(proof()).dpop_nonce.value();
  mint_.dpop->require_nonce(false);
  mint_.now += DpopNonces::kWindow * 2;
  EXPECT_TRUE(ask(proof_with({{"nonce", nonce}})).result) << "no other could be told to the client";
  expect_bad_proof(proof_with({{"nonce", nonce}, {"iat", to_numeric_date(mint_.now - seconds(62))}}), "old, no nonce");
}

TEST_F(DpopTest, Rfc9449Section8_NoncesRotateAndEveryReplicaKnowsThem) {
  const DpopNonces nonces(mint_.keys->ring());
  const DpopNonces of_another_replica(mint_.keys->ring());
  const std::string nonce = nonces.current(mint_.now);
  EXPECT_TRUE(of_another_replica.is_good(nonce, mint_.now));
  EXPECT_TRUE(nonces.is_good(nonce, mint_.now + DpopNonces::kWindow));
  EXPECT_NE(nonces.current(mint_.now + DpopNonces::kWindow), nonce);
  EXPECT_FALSE(nonces.is_good(nonce, mint_.now + DpopNonces::kWindow * 2));
  EXPECT_FALSE(nonces.is_good(nonces.current(mint_.now + DpopNonces::kWindow), mint_.now)) << "made ahead";
}

TEST_F(DpopTest, Rfc9449Section8_WithANonceAClocksErrorIsForgiven) {
  mint_.dpop->require_nonce(true);
  const std::string nonce = ask(proof()).dpop_nonce.value();
  const auto shifted = [&](Duration by) {
    return code_of(ask(proof_with({{"nonce", nonce}, {"iat", to_numeric_date(mint_.now + by)}})));
  };
  EXPECT_EQ(shifted(minutes(4)), std::nullopt);
  EXPECT_EQ(shifted(-minutes(4)), std::nullopt);
  EXPECT_EQ(shifted(minutes(6)), OAuthCode::invalid_dpop_proof);
  EXPECT_EQ(shifted(-minutes(6)), OAuthCode::invalid_dpop_proof);
}

}  // namespace
}  // namespace mintmark::oauth::testing
