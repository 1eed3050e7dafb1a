#include "mintmark/oauth/client.hpp"

#include <gtest/gtest.h>

#include "mintmark/base/base64.hpp"

namespace mintmark::oauth {
namespace {

Json document() {
  return {{"client_id", "shop"},
          {"grant_types", {"password", "refresh_token"}},
          {"auth_methods", {"none"}},
          {"scopes", {"read", "write"}},
          {"resources", {"https://api.example.com"}},
          {"cors_origins", {"https://app.example.com", "http://localhost:3000"}},
          {"refresh", {{"grace", "30s"}}},
          {"attributes", {{"tier", "gold"}}}};
}

Result<Client> parse(const Json& json) {
  JsonReader in(json, "clients[0]");
  Client client = read_client(in);
  if (Result<void> read = in.finish(); !read) return read.error();
  return client;
}

TEST(ClientDocument, RoundTrips) {
  Json json = document();
  json["auth_methods"] = {"client_secret_basic"};
  json["secrets"] = Json::array({{{"id", "a"},
                                  {"sha256", encode_base64url(Bytes(32, 7))},
                                  {"created_at", "2026-01-31T09:00:00Z"},
                                  {"expires_at", "2027-01-31T09:00:00Z"}}});
  const Result<Client> client = parse(json);
  ASSERT_TRUE(client) << client.error().detail;
  const Result<Client> again = parse(render_client(*client));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*client, *again);
  EXPECT_EQ(client->refresh.grace, std::chrono::seconds(30));
  EXPECT_FALSE(client->is_public());
}

TEST(ClientDocument, SecretsMeansBothSecretMethodsByDefault) {
  Json json = document();
  json.erase("auth_methods");
  const Result<Client> client = parse(json);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->auth_methods,
            (std::vector{ClientAuthMethod::client_secret_basic, ClientAuthMethod::client_secret_post}));
}

struct Refused {
  const char* member;
  Json value;
  const char* message;
};

class ClientDocumentRefuses : public testing::TestWithParam<Refused> {};

TEST_P(ClientDocumentRefuses, WithThePathInTheMessage) {
  Json json = document();
  json[GetParam().member] = GetParam().value;
  const Result<Client> client = parse(json);
  ASSERT_FALSE(client);
  EXPECT_NE(client.error().detail.find("clients[0]." + std::string(GetParam().message)), std::string::npos)
      << client.error().detail;
}

INSTANTIATE_TEST_SUITE_P(
    Each, ClientDocumentRefuses,
    testing::Values(
        Refused{"client_id", "", "client_id"}, Refused{"client_id", "a\nb", "client_id"},
        Refused{"client_id", 7, "client_id: expected a string"}, Refused{"unheard_of", 1, "unheard_of: is not known"},
        Refused{"grant_types", Json::array(), "grant_types"}, Refused{"grant_types", {"implicit"}, "grant_types"},
        Refused{"grant_types", {"password", "password"}, "grant_types"},
        Refused{"grant_types", {"client_credentials"}, "grant_types: client_credentials is for confidential"},
        Refused{"grant_types", {"refresh_token"}, "grant_types: refresh_token needs"},
        Refused{"auth_methods", {"none", "client_secret_post"}, "auth_methods: \"none\" stands alone"},
        Refused{"scopes", {"two words"}, "scopes"}, Refused{"scopes", {"a", "a"}, "scopes"},
        Refused{"resources", {"api"}, "resources"}, Refused{"resources", {"https://a#b"}, "resources"},
        Refused{"resources", Json::array(), "resources"}, Refused{"cors_origins", {"*"}, "cors_origins"},
        Refused{"cors_origins", {"https://a/b"}, "cors_origins"},
        Refused{"cors_origins", {"https://user@a"}, "cors_origins"}, Refused{"cors_origins", {"null"}, "cors_origins"},
        Refused{"refresh", {{"grace", "2m"}}, "refresh.grace"}, Refused{"refresh", {{"grace", 10}}, "refresh.grace"},
        Refused{"refresh", {{"idle_lifetime", "1s"}}, "refresh.idle_lifetime"},
        Refused{"refresh", {{"absolute_lifetime", "1h"}}, "refresh.absolute_lifetime"},
        Refused{"refresh", {{"window", "1h"}}, "refresh.window"},
        Refused{"attributes", {{"blob", std::string(20000, 'x')}}, "attributes"},
        Refused{"secrets", Json::array({{{"id", "a"}, {"sha256", "AAAA"}}}), "secrets[0].sha256"}));

TEST(ClientDocument, IgnoresWhatANewerVersionWroteWhenReadFromTheStore) {
  Json json = document();
  json["from_the_future"] = {1, 2};
  JsonReader in(json, "", UnknownMembers::ignored);
  (void)read_client(in);
  EXPECT_TRUE(in.finish());
}

}  // namespace
}  // namespace mintmark::oauth
