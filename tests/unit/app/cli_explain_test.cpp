// token explain.

#include "cli_fixture.hpp"

namespace mintmark::app {
namespace {

class CliExplainTest : public CliTest {
 protected:
  CliExplainTest() {
    Json document = full_document();
    document["sealing_key_file"] = "sealing.key";
    document["resources"][0]["claims"] = {{"role", "{user.attributes.role}"}};
    document["resources"].push_back({{"id", "https://other.example.com"}, {"scopes", {"read", "write"}}});
    document["resources"].push_back({{"id", "https://gone.example.com"}, {"disabled", true}});
    document["clients"].push_back(
        {{"client_id", "billing"},
         {"secrets", Json::array({{{"id", "1"}, {"sha256", kHash}}})},
         {"grant_types", {"client_credentials", kExchange}},
         {"resources", {"https://api.example.com", "https://other.example.com"}},
         {"scopes", {"read"}},
         {"token_exchange", {{"from", {"https://api.example.com"}}, {"to", {"https://other.example.com"}}}}});
    document["clients"].push_back({{"client_id", "off"},
                                   {"disabled", true},
                                   {"secrets", Json::array({{{"id", "1"}, {"sha256", kHash}}})},
                                   {"grant_types", {"client_credentials"}},
                                   {"resources", {"https://api.example.com"}}});
    document["users"].push_back({{"id", "u2"}, {"username", "bob"}, {"disabled", true}});
    configure(document);
    document_ = document;
  }

  static constexpr const char* kHash = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
  static constexpr const char* kExchange = "urn:ietf:params:oauth:grant-type:token-exchange";

  CliResult explain(const std::string& client, const std::string& grant, const Arguments& more = {}) {
    Arguments arguments{"token", "explain", "--client", client, "--grant", grant};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  /// The outcome of the rule that refuses.
  std::string refused_by(const CliResult& result, const std::string& rule) {
    EXPECT_EQ(result.code, 1) << result.out;
    return result.field(rule);
  }

  Json document_;
};

TEST_F(CliExplainTest, ALoginIsExplainedWithItsClaims) {
  const CliResult result = explain("app", "password", {"--user", "alice"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.field("client"), "app, authenticates by none");
  EXPECT_EQ(result.field("grant"), "password, as if the password were right");
  EXPECT_EQ(result.field("subject"), "the user alice, u1");
  EXPECT_EQ(result.field("scope"), "read");
  EXPECT_EQ(result.field("token"), "jwt, ES256, at+jwt, for 15m");
  const Json claims = Json::parse(result.out.substr(result.out.find('{')));
  EXPECT_EQ(claims.at("sub"), "u1");
  EXPECT_EQ(claims.at("role"), "Admin");
  EXPECT_EQ(claims.at("aud"), "https://api.example.com");
  EXPECT_EQ(claims.at("exp").get<std::int64_t>() - claims.at("iat").get<std::int64_t>(), 15 * 60);
}

TEST_F(CliExplainTest, TheRuleThatRefusesIsNamed) {
  const Arguments api{"--resource", "https://api.example.com"};
  EXPECT_EQ(refused_by(explain("billing", "client_credentials"), "resource"),
            "refused: none is named, and the client has not exactly one");
  EXPECT_EQ(refused_by(explain("billing", "client_credentials", {"--resource", "https://x.example.com"}), "resource"),
            "refused: there is no such resource");
  EXPECT_EQ(
      refused_by(explain("billing", "client_credentials", {"--resource", "https://gone.example.com"}), "resource"),
      "refused: https://gone.example.com: is disabled");
  EXPECT_EQ(
      refused_by(explain("billing", "client_credentials", {"--resource", "https://legacy.example.com"}), "resource"),
      "refused: https://legacy.example.com: not among the resources of the client");
  const Arguments write{"--resource", "https://other.example.com", "--scope", "write"};
  EXPECT_EQ(refused_by(explain("billing", "client_credentials", write), "scope"),
            "refused: write: not among the scopes of the client");
  EXPECT_EQ(
      refused_by(explain("billing", "client_credentials", {"--resource", "https://api.example.com", "--scope", "x"}),
                 "scope"),
      "refused: a scope that neither the client nor the resource has");
  EXPECT_EQ(refused_by(explain("off", "client_credentials"), "grant"), "refused: the client is disabled");
  EXPECT_EQ(refused_by(explain("app", "client_credentials"), "grant"), "refused: the client may not use this grant");
  EXPECT_EQ(refused_by(explain("app", "password", {"--user", "bob"}), "user"), "refused: the user is disabled");
  const CliResult refused = explain("off", "client_credentials");
  EXPECT_EQ(refused.err, "mintmark: no token: unauthorized_client: the client is disabled\n");
  EXPECT_EQ(refused.out.find('{'), std::string::npos);
}

TEST_F(CliExplainTest, BindingsAreExplained) {
  document_["resources"][0]["dpop_bound_access_tokens"] = true;
  configure(document_);
  EXPECT_EQ(refused_by(explain("app", "password", {"--user", "alice"}), "bound to"),
            "refused: a DPoP proof is required");
  EXPECT_EQ(explain("app", "password", {"--user", "alice", "--dpop"}).field("bound to"), "the key of the DPoP proof");
}

TEST_F(CliExplainTest, AnExchangeIsExplained) {
  const CliResult result =
      explain("billing", "token-exchange", {"--user", "alice", "--resource", "https://other.example.com", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.json().at("allowed"), true);
  EXPECT_EQ(result.json().at("claims").at("act"), Json({{"sub", "billing"}}));
  EXPECT_EQ(result.json().at("claims").at("sub"), "u1");
}

TEST_F(CliExplainTest, InJsonARefusalIsAnAnswerToo) {
  const CliResult result = explain("off", "client_credentials", {"--json"});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.json().at("allowed"), false);
  EXPECT_EQ(result.json().at("error"), "unauthorized_client");
  EXPECT_EQ(result.json().at("steps").back().at("outcome"), "refused: the client is disabled");
}

TEST_F(CliExplainTest, WhatIsNotThereIsSaid) {
  EXPECT_NE(explain("nobody", "client_credentials").err.find("nobody"), std::string::npos);
  EXPECT_NE(explain("app", "password", {"--user", "nobody"}).err.find("nobody"), std::string::npos);
  EXPECT_NE(explain("app", "implicit").err.find("there is no grant"), std::string::npos);
  EXPECT_NE(explain("app", "password").err.find("--user"), std::string::npos);
}

TEST_F(CliExplainTest, NothingIsWritten) {
  EXPECT_EQ(explain("app", "password", {"--user", "alice"}).code, 0);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mintmark.db")) << "not even a store where there is none";
}

}  // namespace
}  // namespace mintmark::app
