// DPoP (RFC 9449) over real sockets.

#include <atomic>
#include <thread>
#include <vector>

#include "integration/mint_server.hpp"
#include "support/assertions.hpp"

namespace mintmark::testing {
namespace {

class DpopOverSockets : public ::testing::Test {
 protected:
  std::string proof(MintServer& mint, const std::string& jti, const Json& more = Json::object()) const {
    Json claims = proof_claims(std::string(kIssuer) + "/token", jti, mint.clock.now());
    claims.update(more);
    return compact_jws(proof_header(key), claims, key);
  }
  static HttpAnswer ask(MintServer& mint, const HttpFields& fields) {
    HttpFields all = fields;
    all.emplace_back("Authorization", basic_authorization("service", kServiceSecret));
    return mint.token({{"grant_type", "client_credentials"}}, all);
  }

  const jose::SigningKey key = jose::SigningKey::generate(jose::Alg::ES256).value();
};

TEST_F(DpopOverSockets, Rfc9449Section5_TheAnswerSaysThatTheTokenIsBound) {
  MintServer mint;
  const HttpAnswer answer = ask(mint, {{"DPoP", proof(mint, "one")}});
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.json().at("token_type"), "DPoP");
  EXPECT_TRUE(mint.verify(answer.json().at("access_token")).value().claims().at("cnf").contains("jkt"));
  const HttpAnswer bad = ask(mint, {{"DPoP", "x"}});
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(bad.error(), "invalid_dpop_proof");
  const HttpAnswer two = ask(mint, {{"DPoP", proof(mint, "two")}, {"dpop", proof(mint, "three")}});
  EXPECT_EQ(two.status, 400);
  EXPECT_EQ(two.error(), "invalid_request");
}

TEST_F(DpopOverSockets, Rfc9449Section8_TheNonceIsInTheField) {
  MintServer mint([](Json& config) { config["dpop"]["require_nonce"] = true; });
  const HttpAnswer refused = ask(mint, {{"DPoP", proof(mint, "one")}});
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.error(), "use_dpop_nonce");
  const std::string nonce = refused.field("dpop-nonce");
  ASSERT_FALSE(nonce.empty());
  const HttpAnswer answer = ask(mint, {{"DPoP", proof(mint, "two", {{"nonce", nonce}})}});
  EXPECT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(answer.field("dpop-nonce"), nonce);
}

TEST_F(DpopOverSockets, Attack22_HostAndForwardedFieldsDoNotChangeTheUri) {
  MintServer mint;
  Json foreign = {{"htu", "https://attacker.example.com/token"}};
  const HttpFields fields{{"X-Forwarded-Host", "attacker.example.com"},
                          {"Forwarded", "host=attacker.example.com;proto=https"},
                          {"DPoP", proof(mint, "one", foreign)}};
  EXPECT_EQ(ask(mint, fields).error(), "invalid_dpop_proof");
}

TEST_F(DpopOverSockets, Attack11_OfManyUsesOfOneProofOneIsAnswered) {
  MintServer mint;
  const std::string shared = proof(mint, "race");
  std::atomic<int> answered{0};
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 100; ++i) {
      threads.emplace_back([&] {
        const HttpAnswer answer = ask(mint, {{"DPoP", shared}});
        if (answer.status == 200) ++answered;
        if (answer.error() == "invalid_dpop_proof") ++refused;
      });
    }
  }
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(refused, 99);
}

TEST_F(DpopOverSockets, AProofIsNoAssertionAndAnAssertionIsNoProof) {
  MintServer mint([&](Json& config) {
    config["clients"].push_back({{"client_id", "signer"},
                                 {"jwks", public_key_set(key)},
                                 {"grant_types", {"client_credentials"}},
                                 {"scopes", {"read"}},
                                 {"resources", {kApi}}});
  });
  const Json both = [&] {
    Json claims = proof_claims(std::string(kIssuer) + "/token", "one", mint.clock.now());
    claims.update(assertion_claims("signer", kIssuer, "one", mint.clock.now()));
    return claims;
  }();
  const std::string as_proof = compact_jws(proof_header(key), both, key);
  const std::string as_assertion = compact_jws(jws_header(key), both, key);
  const auto post = [&](const std::string& assertion, const HttpFields& fields) {
    return mint.token({{"grant_type", "client_credentials"},
                       {"client_assertion_type", std::string(oauth::kJwtBearerAssertion)},
                       {"client_assertion", assertion}},
                      fields);
  };
  EXPECT_EQ(post(as_proof, {}).error(), "invalid_client");
  EXPECT_EQ(post(as_assertion, {{"DPoP", as_assertion}}).error(), "invalid_dpop_proof");
  const HttpAnswer answer = post(as_assertion, {{"DPoP", as_proof}});
  EXPECT_EQ(answer.status, 200) << "one jti, two kinds: " << answer.raw;
}

}  // namespace
}  // namespace mintmark::testing
