#include "mintmark/http/negotiation.hpp"

#include <gtest/gtest.h>

namespace mintmark::http {
namespace {

constexpr std::string_view kJwkSet = "application/jwk-set+json";

TEST(BodyFormat, TakesTheTwoTypesWithAndWithoutCharset) {
  EXPECT_EQ(find_body_format("application/x-www-form-urlencoded"), BodyFormat::form);
  EXPECT_EQ(find_body_format("application/x-www-form-urlencoded; charset=utf-8"), BodyFormat::form);
  EXPECT_EQ(find_body_format("Application/JSON;charset=\"UTF-8\""), BodyFormat::json);
  EXPECT_EQ(find_body_format("application/json ; charset=UTF-8"), BodyFormat::json);
}

TEST(BodyFormat, TakesNothingElse) {
  for (const char* type : {"", "text/plain", "application/json5", "application/jsonp", "application/json, text/plain",
                           "application/json; charset=utf-16", "application/json; boundary=x", "multipart/form-data",
                           "application/x-www-form-urlencoded; charset=iso-8859-1", "json", ";charset=utf-8"}) {
    EXPECT_EQ(find_body_format(type), std::nullopt) << type;
  }
}

TEST(Accept, PrefersTheJwkSetOnlyWhenItIsNamed) {  // RFC 7517 §8.5.2, RFC 9110 §12.5.1
  EXPECT_TRUE(prefers("application/jwk-set+json", kJwkSet));
  EXPECT_TRUE(prefers("application/json, application/jwk-set+json", kJwkSet));
  EXPECT_TRUE(prefers("application/jwk-set+json;q=0.9, application/json;q=0.8, */*;q=0.1", kJwkSet));
  EXPECT_TRUE(prefers("text/html, APPLICATION/JWK-SET+JSON ; q=1.0", kJwkSet));
  EXPECT_FALSE(prefers("", kJwkSet));
  EXPECT_FALSE(prefers("*/*", kJwkSet));
  EXPECT_FALSE(prefers("application/*", kJwkSet));
  EXPECT_FALSE(prefers("application/json", kJwkSet));
  EXPECT_FALSE(prefers("application/jwk-set+json;q=0", kJwkSet));
  EXPECT_FALSE(prefers("application/jwk-set+json;q=0.000", kJwkSet));
  EXPECT_FALSE(prefers("application/jwk-set+json;q=0.5, application/json", kJwkSet));
  EXPECT_FALSE(prefers("application/jwk-set+json;q=x", kJwkSet));
  EXPECT_FALSE(prefers("application/jwk-set+json;q=1.5", kJwkSet));
  EXPECT_FALSE(prefers("application/jwk-set+json;q=0.1234", kJwkSet));
}

TEST(IfNoneMatch, ComparesListsWeakly) {  // RFC 9110 §13.1.2
  EXPECT_TRUE(matches_etag("\"abc\"", "\"abc\""));
  EXPECT_TRUE(matches_etag("W/\"abc\"", "\"abc\""));
  EXPECT_TRUE(matches_etag("\"x\", W/\"y\" ,\"abc\"", "\"abc\""));
  EXPECT_TRUE(matches_etag("*", "\"abc\""));
  EXPECT_FALSE(matches_etag("", "\"abc\""));
  EXPECT_FALSE(matches_etag("abc", "\"abc\""));
  EXPECT_FALSE(matches_etag("\"abcd\"", "\"abc\""));
  EXPECT_FALSE(matches_etag("w/\"abc\"", "\"abc\""));
}

}  // namespace
}  // namespace mintmark::http
