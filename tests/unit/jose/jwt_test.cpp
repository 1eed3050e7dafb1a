#include "mintmark/jose/jwt.hpp"

#include <gtest/gtest.h>

#include <type_traits>

#include "support.hpp"

namespace mintmark::jose {
namespace {

constexpr Instant kNow = from_unix_ms(1'700'000'000'000);
constexpr std::int64_t kNowSeconds = 1'700'000'000;

const SigningKey& key() {
  return key_for(Alg::ES256);
}
std::vector<VerificationKey> keys() {
  return {key().verification_key()};
}

JwtExpectation at(Instant now) {
  JwtExpectation expectation;
  expectation.now = now;
  return expectation;
}

/// A token whose claims are `claims` and an `exp` in the future.
std::string token_with(Json claims, std::string_view typ = "JWT") {
  if (!claims.contains("exp")) claims["exp"] = kNowSeconds + 60;
  return *sign_jws(key(), {.typ = typ}, as_bytes(claims.dump()));
}

bool accepts(const Json& claims, const JwtExpectation& expectation = at(kNow)) {
  return verify_jwt(token_with(claims), keys(), expectation).has_value();
}

// Unsigned claims and a verified token are different types, and verify_jwt() alone makes the second.

template <class... From>
concept MakesVerified = requires(From... from) {
  VerifiedJwt(from...);
}
|| requires(From... from) {
  VerifiedJwt{from...};
};
static_assert(!std::is_default_constructible_v<VerifiedJwt> && !MakesVerified<>);
static_assert(!std::is_constructible_v<VerifiedJwt, UnsignedClaims&> && !MakesVerified<UnsignedClaims&>);
static_assert(!MakesVerified<Json> && !MakesVerified<Json, Json, Alg, KeyId>);
static_assert(std::is_constructible_v<VerifiedJwt, const VerifiedJwt&>,
              "so that the above does not hold of everything");
static_assert(!std::is_aggregate_v<VerifiedJwt>);
static_assert(!std::is_convertible_v<UnsignedClaims&, VerifiedJwt>);
static_assert(!std::is_convertible_v<VerifiedJwt&, UnsignedClaims>);
static_assert(!std::is_copy_constructible_v<UnsignedClaims>, "what is being written is signed once");

template <class Claims>
concept HasClaims = requires(const Claims& claims) {
  claims.claims();
};
static_assert(HasClaims<VerifiedJwt> && !HasClaims<UnsignedClaims>, "nothing reads claims that nobody verified");

template <class Claims>
concept CanBeSigned = requires(const SigningKey& key, Claims& claims) {
  sign_jwt(key, "JWT", claims);
};
static_assert(CanBeSigned<UnsignedClaims> && !CanBeSigned<VerifiedJwt>);

TEST(UnsignedClaims, AreWrittenAsAdded) {
  UnsignedClaims claims;
  claims.add("iss", "https://mint.example")
      .add("exp", kNow)
      .add("n", std::int64_t{7})
      .add("ok", true)
      .add("roles", Json{"a", "b"});
  const std::string expected = R"({"iss":"https://mint.example","exp":1700000000,"n":7,"ok":true,"roles":["a","b"]})";
  EXPECT_EQ(claims.finish(), expected);
  EXPECT_EQ(claims.finish(), expected);
}

TEST(UnsignedClaims, MayBeNone) {
  UnsignedClaims claims;
  EXPECT_EQ(claims.finish(), "{}");
}

TEST(Jwt, VerifiesWhatItSigned) {
  UnsignedClaims claims;
  claims.add("iss", "https://mint.example")
      .add("sub", "quote\" and \n")
      .add("aud", "https://api.example")
      .add("exp", kNow + std::chrono::hours(1));
  const Result<std::string> token = sign_jwt(key(), "at+jwt", claims);
  ASSERT_TRUE(token);
  JwtExpectation expectation = at(kNow);
  expectation.issuer = "https://mint.example";
  expectation.audience = "https://api.example";
  expectation.typ = "at+jwt";
  const Result<VerifiedJwt> jwt = verify_jwt(*token, keys(), expectation);
  ASSERT_TRUE(jwt) << jwt.error().detail;
  EXPECT_EQ(jwt->claims()["sub"], "quote\" and \n");
  EXPECT_EQ(jwt->header()["typ"], "at+jwt");
  EXPECT_EQ(jwt->alg(), Alg::ES256);
  EXPECT_EQ(jwt->kid(), key().kid());
}

TEST(Jwt, RefusesASignatureThatIsNotOurs) {
  std::string token = token_with({});
  token.back() = token.back() == 'A' ? 'Q' : 'A';
  const Result<VerifiedJwt> jwt = verify_jwt(token, keys(), at(kNow));
  ASSERT_FALSE(jwt);
  EXPECT_EQ(jwt.error().kind, ErrorKind::crypto);
}

TEST(Jwt, ExpiresAtTheInstantOfExp_Rfc7519Section4_1_4) {
  EXPECT_TRUE(accepts({{"exp", kNowSeconds + 1}}));
  EXPECT_FALSE(accepts({{"exp", kNowSeconds}}));
  EXPECT_FALSE(accepts({{"exp", kNowSeconds - 1}}));
  EXPECT_FALSE(accepts({{"exp", 0}}));
}

TEST(Jwt, NeedsAnExp) {
  const std::string token = *sign_jws(key(), {}, as_bytes("{}"));
  EXPECT_FALSE(verify_jwt(token, keys(), at(kNow)));
}

TEST(Jwt, IsGoodFromNbfOn_Rfc7519Section4_1_5) {
  EXPECT_TRUE(accepts({{"nbf", kNowSeconds}}));
  EXPECT_TRUE(accepts({{"nbf", kNowSeconds - 1}}));
  EXPECT_FALSE(accepts({{"nbf", kNowSeconds + 1}}));
}

TEST(Jwt, TakesFractionsOfSeconds_Rfc7519Section2) {
  EXPECT_TRUE(accepts({{"exp", kNowSeconds + 0.5}}));
  EXPECT_FALSE(accepts({{"nbf", kNowSeconds + 0.5}}));
  EXPECT_TRUE(accepts({{"exp", kNowSeconds + 0.5}}, at(kNow + Duration(499))));
  EXPECT_FALSE(accepts({{"exp", kNowSeconds + 0.5}}, at(kNow + Duration(500))));
}

TEST(Jwt, GrantsTheLeewayBothWays) {
  JwtExpectation expectation = at(kNow);
  expectation.leeway = std::chrono::seconds(10);
  EXPECT_TRUE(accepts({{"exp", kNowSeconds - 9}}, expectation));
  EXPECT_FALSE(accepts({{"exp", kNowSeconds - 10}}, expectation));
  EXPECT_TRUE(accepts({{"nbf", kNowSeconds + 10}}, expectation));
  EXPECT_FALSE(accepts({{"nbf", kNowSeconds + 11}}, expectation));
}

TEST(Jwt, RefusesDatesThatAreNone) {
  for (const char* name : {"exp", "nbf", "iat"}) {
    for (const Json& value : {Json("1700000060"), Json(nullptr), Json(true), Json::array(), Json(-1), Json(1e300),
                              Json(std::uint64_t{18446744073709551615u}), Json(253402300800)}) {
      EXPECT_FALSE(accepts({{name, value}})) << name << " " << value;
    }
  }
}

TEST(Jwt, RefusesClaimsOfTheWrongType_Rfc7519Section4_1) {
  for (const char* name : {"iss", "sub", "jti"}) {
    EXPECT_TRUE(accepts({{name, "text"}})) << name;
    for (const Json& value : {Json(nullptr), Json(1), Json::array({"a"}), Json::object()})
      EXPECT_FALSE(accepts({{name, value}})) << name;
  }
}

TEST(Jwt, MustBeOfTheIssuer) {
  JwtExpectation expectation = at(kNow);
  expectation.issuer = "https://mint.example";
  EXPECT_TRUE(accepts({{"iss", "https://mint.example"}}, expectation));
  for (const char* issuer : {"https://mint.example/", "https://mint.exampl", "HTTPS://mint.example", ""}) {
    EXPECT_FALSE(accepts({{"iss", issuer}}, expectation)) << issuer;
  }
  EXPECT_FALSE(accepts({}, expectation));
}

TEST(Jwt, MustBeForTheAudience_Rfc7519Section4_1_3) {
  JwtExpectation expectation = at(kNow);
  expectation.audience = "a";
  EXPECT_TRUE(accepts({{"aud", "a"}}, expectation));
  EXPECT_TRUE(accepts({{"aud", {"b", "a"}}}, expectation));
  EXPECT_FALSE(accepts({{"aud", "b"}}, expectation));
  EXPECT_FALSE(accepts({{"aud", "ab"}}, expectation));
  EXPECT_FALSE(accepts({{"aud", Json::array()}}, expectation));
  EXPECT_FALSE(accepts({}, expectation));
  for (const Json& value : {Json(1), Json(nullptr), Json({"a", 1}), Json({{"a", "a"}})})
    EXPECT_FALSE(accepts({{"aud", value}})) << value;
}

TEST(Jwt, MustBeOfTheTyp_Rfc7515Section4_1_9) {
  JwtExpectation expectation = at(kNow);
  expectation.typ = "at+jwt";
  const auto accepted = [&](std::string_view typ) {
    return verify_jwt(token_with({}, typ), keys(), expectation).has_value();
  };
  for (const char* typ : {"at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"})
    EXPECT_TRUE(accepted(typ)) << typ;
  for (const char* typ : {"", "JWT", "at+jwt ", "application/", "application/application/at+jwt", "jwt"})
    EXPECT_FALSE(accepted(typ)) << typ;
  expectation.typ = "application/at+jwt";
  EXPECT_TRUE(accepted("at+jwt"));
}

TEST(Jwt, RefusesPayloadsThatAreNoClaims) {
  for (const char* payload : {"", "[]", "null", "\"text\"", "{", R"({"exp":1700000060,"exp":1700000061})",
                              "{\"exp\":1700000060,\"x\":\"\xff\"}"}) {
    EXPECT_FALSE(verify_jwt(*sign_jws(key(), {}, as_bytes(payload)), keys(), at(kNow))) << payload;
  }
}

}  // namespace
}  // namespace mintmark::jose
