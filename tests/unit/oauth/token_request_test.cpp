#include "mintmark/oauth/token_request.hpp"

#include <gtest/gtest.h>

namespace mintmark::oauth {
namespace {

OAuthResult<TokenRequest> parse_form_request(std::string_view body) {
  return parse_token_request(parse_form(body).value(), std::nullopt);
}

void expect_invalid_request(const OAuthResult<TokenRequest>& request, std::string_view what) {
  ASSERT_FALSE(request) << what;
  EXPECT_EQ(request.error().code, OAuthCode::invalid_request) << what;
}

TEST(TokenRequestForm, ReadsEveryParameter) {
  const auto request = parse_form_request(
      "grant_type=password&client_id=shop&client_secret=s&scope=a+b&username=alice&password=p%26w"
      "&refresh_token=r&resource=urn%3Aa&resource=urn%3Ab");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->grant_type, "password");
  EXPECT_EQ(request->client_id, "shop");
  EXPECT_EQ(request->client_secret->reveal_text(), "s");
  EXPECT_EQ(request->scope, "a b");
  EXPECT_EQ(request->username, "alice");
  EXPECT_EQ(request->password->reveal_text(), "p&w");
  EXPECT_EQ(request->refresh_token->reveal_text(), "r");
  EXPECT_EQ(request->resources, (std::vector{ResourceId("urn:a"), ResourceId("urn:b")}));
}

// RFC 6749 §3.2: parameters must not be included more than once; RFC 8707 §2: resource may.
TEST(TokenRequestForm, Rfc6749Section3_2_DuplicatesAreRefused) {
  expect_invalid_request(parse_form_request("grant_type=password&grant_type=password"), "grant_type");
  expect_invalid_request(parse_form_request("grant_type=x&scope=a&scope=b"), "scope");
  expect_invalid_request(parse_form_request("grant_type=x&unknown=1&unknown=2"), "unknown ones too");
}

TEST(TokenRequestForm, Rfc6749Section3_2_EmptyIsAbsentAndUnknownIsIgnored) {
  const auto request = parse_form_request("grant_type=x&scope=&client_id=&foo=bar");
  ASSERT_TRUE(request);
  EXPECT_FALSE(request->scope);
  EXPECT_FALSE(request->client_id);
  expect_invalid_request(parse_form_request("grant_type="), "no grant type");
  expect_invalid_request(parse_form_request(""), "nothing at all");
}

// Attack 10: oversized parameters must fail, never be ignored or cut.
TEST(TokenRequestForm, Attack10_OversizedParametersFail) {
  for (const auto& [name, size] : {std::pair("client_id", 256), std::pair("username", 256), std::pair("password", 1025),
                                   std::pair("client_secret", 1025), std::pair("refresh_token", 513),
                                   std::pair("scope", 4097), std::pair("resource", 2049)}) {
    const std::string fits(static_cast<std::size_t>(size) - 1, 'a');
    EXPECT_TRUE(parse_form_request("grant_type=x&" + std::string(name) + "=" + fits)) << name;
    expect_invalid_request(parse_form_request("grant_type=x&" + std::string(name) + "=" + fits + "a"), name);
  }
  std::string many = "grant_type=x";
  for (int i = 0; i < 17; ++i)
    many += "&resource=urn:" + std::to_string(i);
  expect_invalid_request(parse_form_request(many), "too many resources");
}

TEST(TokenRequestJson, ReadsTheSameNames) {
  const auto request = parse_json_token_request(
      R"({"grant_type":"password","client_id":"shop","username":"alice","password":"pw","resource":["urn:a","urn:b"],
          "remember_me":true})",
      std::nullopt, std::nullopt);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->username, "alice");
  EXPECT_EQ(request->resources.size(), 2u);
}

TEST(TokenRequestJson, UsernameAndPasswordAloneNeedADefaultLoginClient) {
  const std::string body = R"({"username":"alice","password":"pw"})";
  expect_invalid_request(parse_json_token_request(body, std::nullopt, std::nullopt), "no default client");
  const auto request = parse_json_token_request(body, std::nullopt, ClientId("app"));
  ASSERT_TRUE(request);
  EXPECT_EQ(request->grant_type, "password");
  EXPECT_EQ(request->client_id, "app");
}

TEST(TokenRequestJson, TheDefaultLoginClientNeverReplacesANamedOne) {
  const DefaultLoginClient app = ClientId("app");
  const auto named = parse_json_token_request(
      R"({"grant_type":"password","client_id":"shop","username":"a","password":"b"})", std::nullopt, app);
  ASSERT_TRUE(named);
  EXPECT_EQ(named->client_id, "shop");
  expect_invalid_request(
      parse_json_token_request(R"({"client_id":"shop","username":"a","password":"b"})", std::nullopt, app), "no grant");
  expect_invalid_request(
      parse_json_token_request(R"({"username":"a","password":"b"})", Secret(std::string_view("Basic x")), app),
      "authenticated otherwise");
}

TEST(TokenRequestJson, RefusesOtherTypesDuplicatesAndGarbage) {
  for (const char* body : {"", "[]", "null", "\"x\"", "{", R"({"grant_type":1})", R"({"grant_type":"x","scope":["a"]})",
                           R"({"grant_type":"x","grant_type":"y"})", R"({"grant_type":"x","resource":[1]})",
                           R"({"grant_type":"x","password":null})", R"({"grant_type":"x","a":[[[[[]]]]]})",
                           "{\"grant_type\":\"\xff\"}", R"({"grant_type":"x"} trailing)"}) {
    expect_invalid_request(parse_json_token_request(body, std::nullopt, ClientId("app")), body);
  }
}

}  // namespace
}  // namespace mintmark::oauth
