#include "mintmark/oauth/resource.hpp"

#include <gtest/gtest.h>

namespace mintmark::oauth {
namespace {

Result<Resource> parse(const Json& json) {
  JsonReader in(json, "resources[0]");
  Resource resource = read_resource(in);
  if (Result<void> read = in.finish(); !read) return read.error();
  return resource;
}

TEST(ResourceDocument, RoundTrips) {
  const Result<Resource> resource = parse({{"id", "https://api.example.com"},
                                           {"alg", "PS384"},
                                           {"lifetime", "1h"},
                                           {"typ", "JWT"},
                                           {"scopes", {"read"}},
                                           {"claims", {{"userId", "{user.id}"}}}});
  ASSERT_TRUE(resource) << resource.error().detail;
  EXPECT_EQ(resource->alg, jose::Alg::PS384);
  EXPECT_EQ(resource->lifetime, std::chrono::hours(1));
  const Result<Resource> again = parse(render_resource(*resource));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(*resource, *again);
}

TEST(ResourceDocument, DefaultsAreES256FifteenMinutesAndRfc9068) {
  const Result<Resource> resource = parse({{"id", "urn:example:api"}});
  ASSERT_TRUE(resource) << resource.error().detail;
  EXPECT_EQ(resource->alg, jose::Alg::ES256);
  EXPECT_EQ(resource->lifetime, std::chrono::minutes(15));
  EXPECT_EQ(name(resource->typ), "at+jwt");
}

TEST(ResourceDocument, RefusesWithThePathInTheMessage) {
  const std::vector<std::pair<Json, std::string>> cases{
      {{{"id", "api"}}, "resources[0].id"},
      {{{"id", "https://a#f"}}, "resources[0].id"},
      {{{"alg", "ES256"}}, "resources[0].id"},
      {{{"id", "urn:a"}, {"alg", "none"}}, "resources[0].alg"},
      {{{"id", "urn:a"}, {"alg", "es256"}}, "resources[0].alg"},
      {{{"id", "urn:a"}, {"lifetime", "0s"}}, "resources[0].lifetime"},
      {{{"id", "urn:a"}, {"lifetime", "1500ms"}}, "resources[0].lifetime"},
      {{{"id", "urn:a"}, {"lifetime", 900}}, "resources[0].lifetime"},
      {{{"id", "urn:a"}, {"typ", "jwt"}}, "resources[0].typ"},
      {{{"id", "urn:a"}, {"scopes", "read"}}, "resources[0].scopes"},
      {{{"id", "urn:a"}, {"claims", {{"sub", "x"}}}}, "resources[0].claims: sub is a reserved claim"},
      {{{"id", "urn:a"}, {"secret", "x"}}, "resources[0].secret"},
  };
  for (const auto& [json, message] : cases) {
    const Result<Resource> resource = parse(json);
    ASSERT_FALSE(resource) << json;
    EXPECT_TRUE(resource.error().detail.starts_with(message)) << resource.error().detail;
  }
}

}  // namespace
}  // namespace mintmark::oauth
