#include "mintmark/base/url.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

TEST(FetchUrl, IsTakenApart) {
  const Result<FetchUrl> url = parse_fetch_url("https://keys.example.com:8443/jwks?v=1");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ(url->scheme, UrlScheme::https);
  EXPECT_EQ(url->host, "keys.example.com");
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->authority, "keys.example.com:8443");
  EXPECT_EQ(url->target, "/jwks?v=1");
}

TEST(FetchUrl, HasThePortOfItsSchemeAndARootAtLeast) {
  EXPECT_EQ(parse_fetch_url("https://keys.example.com")->port, "443");
  EXPECT_EQ(parse_fetch_url("http://localhost")->port, "80");
  EXPECT_EQ(parse_fetch_url("https://keys.example.com?v=1")->target, "/?v=1");
}

TEST(FetchUrl, IPv6HostsLoseTheirBrackets) {
  const Result<FetchUrl> url = parse_fetch_url("https://[2001:db8::1]:8443/");
  ASSERT_TRUE(url) << url.error().detail;
  EXPECT_EQ(url->host, "2001:db8::1");
  EXPECT_EQ(url->port, "8443");
  EXPECT_EQ(url->authority, "[2001:db8::1]:8443");
}

TEST(FetchUrl, HttpIsForThisMachineAlone) {
  for (const std::string_view url :
       {"http://localhost/", "http://LOCALHOST:1/", "http://127.0.0.1/", "http://127.255.0.9/", "http://[::1]:8080/"}) {
    EXPECT_TRUE(parse_fetch_url(url)) << url;
  }
  for (const std::string_view url : {"http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/",
                                     "http://localhost.example.com/", "http://[::2]/", "http://[::ffff:10.0.0.1]/"}) {
    EXPECT_FALSE(parse_fetch_url(url)) << url;
  }
}

TEST(FetchUrl, RefusesWhatIsNoneOrHidesAnotherHost) {
  for (const std::string_view url :
       {"", "keys.json", "ftp://localhost/", "file:///etc/passwd", "http://localhost@example.com/",
        "https://user@example.com/", "https:///keys", "https://example.com:/", "https://example.com:port/",
        "https://example.com/#fragment", "https://example.com/a b", "https://example.com:123456/"}) {
    const Result<FetchUrl> parsed = parse_fetch_url(url);
    ASSERT_FALSE(parsed) << url;
    EXPECT_EQ(parsed.error().kind, ErrorKind::invalid) << url;
  }
}

}  // namespace
}  // namespace mintmark
