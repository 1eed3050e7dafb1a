#include "mintmark/oauth/claims_template.hpp"

#include <gtest/gtest.h>

namespace mintmark::oauth {
namespace {

const std::string kUserId = "1234567890";
const std::string kUsername = "alice";
const std::string kClientId = "shop";
const std::string kNoName;
const Json kUserAttributes = {
    {"role", "Admin"}, {"level", 7}, {"groups", {"a", "b"}}, {"gone", nullptr}, {"a.b", true}};
const Json kClientAttributes = {{"tier", "gold"}};

ClaimsContext with_user() {
  return {&kUserId, &kUsername, &kUserAttributes, &kClientId, &kNoName, &kClientAttributes};
}

Json render(const Json& document, const ClaimsContext& context) {
  const Result<ClaimsTemplate> claims = ClaimsTemplate::make(document);
  if (!claims) return claims.error().detail;
  jose::UnsignedClaims unsigned_claims;
  claims->render(context, unsigned_claims);
  return *parse_json(unsigned_claims.finish());
}

TEST(ClaimsTemplate, TakesValuesWithTheirTypes) {
  EXPECT_EQ(render({{"userId", "{user.id}"},
                    {"role", "{user.attributes.role}"},
                    {"level", "{user.attributes.level}"},
                    {"groups", "{user.attributes.groups}"},
                    {"dotted", "{user.attributes.a.b}"},
                    {"app", "{client.id}"},
                    {"tier", "{client.attributes.tier}"},
                    {"v", 2}},
                   with_user()),
            Json({{"userId", "1234567890"},
                  {"role", "Admin"},
                  {"level", 7},
                  {"groups", {"a", "b"}},
                  {"dotted", true},
                  {"app", "shop"},
                  {"tier", "gold"},
                  {"v", 2}}));
}

TEST(ClaimsTemplate, SpellsOutInsideLongerText) {
  EXPECT_EQ(render({{"text", "Hi {user.username}, level {user.attributes.level} {{not this}}"}}, with_user()),
            Json({{"text", "Hi alice, level 7 {not this}"}}));
}

TEST(ClaimsTemplate, ReachesIntoObjectsAndArrays) {
  EXPECT_EQ(
      render({{"nested", {{"name", "{user.username}"}, {"list", {"{user.attributes.level}", "x"}}}}}, with_user()),
      Json({{"nested", {{"name", "alice"}, {"list", {7, "x"}}}}}));
}

TEST(ClaimsTemplate, LeavesOutWhatIsNotThere) {
  EXPECT_EQ(render({{"a", "{user.attributes.nothing}"},
                    {"b", "{user.attributes.gone}"},
                    {"c", "x{user.attributes.nothing}"},
                    {"d", "{client.name}"},
                    {"e", {{"f", "{user.attributes.nothing}"}}},
                    {"g", "{user.id}"}},
                   ClaimsContext{.client_id = &kClientId, .client_name = &kNoName}),
            Json({{"e", Json::object()}}));
}

TEST(ClaimsTemplate, AttributeTextIsDataNotTemplate) {
  const Json attributes = {{"role", "{user.id}\"},\"sub\":\"root"}};
  ClaimsContext context = with_user();
  context.user_attributes = &attributes;
  EXPECT_EQ(render({{"role", "{user.attributes.role}"}}, context), Json({{"role", "{user.id}\"},\"sub\":\"root"}}));
}

TEST(ClaimsTemplate, ReservedClaimsCannotBeOverridden) {
  for (const char* name : {"iss", "sub", "aud", "exp", "iat", "nbf", "jti", "client_id", "scope", "cnf", "act"}) {
    const Result<ClaimsTemplate> claims = ClaimsTemplate::make({{name, "x"}});
    ASSERT_FALSE(claims) << name;
    EXPECT_EQ(claims.error().detail, std::string(name) + " is a reserved claim");
  }
}

TEST(ClaimsTemplate, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"{user.password_hash}", "{user.attributes.}", "{nobody}", "{}", "{user.id", "user.id}"}) {
    EXPECT_FALSE(ClaimsTemplate::make({{"x", text}})) << text;
  }
  EXPECT_FALSE(ClaimsTemplate::make(Json::array()));
}

}  // namespace
}  // namespace mintmark::oauth
