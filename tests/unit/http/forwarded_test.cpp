#include "mintmark/http/forwarded.hpp"

#include <gtest/gtest.h>

namespace mintmark::http {
namespace {

TrustedProxies trust(std::initializer_list<std::string_view> entries) {
  TrustedProxies proxies;
  for (const std::string_view entry : entries)
    EXPECT_TRUE(add_trusted_proxy(proxies, entry)) << entry;
  return proxies;
}

std::string by_x_forwarded_for(std::string_view peer, std::string_view value) {
  static const TrustedProxies trusted = trust({"10.0.0.0/8", "2001:db8:f::/48"});
  return find_client_address(trusted, ForwardedHeader::x_forwarded_for, peer, value);
}
std::string by_forwarded(std::string_view peer, std::string_view value) {
  static const TrustedProxies trusted = trust({"10.0.0.0/8", "2001:db8:f::/48"});
  return find_client_address(trusted, ForwardedHeader::forwarded, peer, value);
}

TEST(ForwardedFor, Attack22_AnUntrustedPeerIsWhoItIs) {
  for (const char* value : {"", "198.51.100.1", "10.0.0.1", "198.51.100.2, 10.0.0.1"}) {
    EXPECT_EQ(by_x_forwarded_for("203.0.113.5", value), "203.0.113.5") << value;
    EXPECT_EQ(by_x_forwarded_for("unix", value), "unix") << value;
  }
  EXPECT_EQ(by_forwarded("203.0.113.5", "for=198.51.100.1"), "203.0.113.5");
}

TEST(ForwardedFor, Attack22_WhatTheClientWroteBeforeItsOwnAddressIsNotRead) {
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "1.2.3.4, 198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "10.0.0.9, 198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "no address,\"; DROP, 198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(by_forwarded("10.0.0.1", "for=1.2.3.4;proto=https, for=198.51.100.7"), "198.51.100.7");
}

TEST(ForwardedFor, SkipsTrustedHopsFromTheRight) {
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.1.1.1,2001:db8:f::5"), "198.51.100.7");
  EXPECT_EQ(by_forwarded("10.0.0.1", R"(for=198.51.100.7, for=10.1.1.1, For="[2001:db8:f::5]:9")"), "198.51.100.7");
  EXPECT_EQ(by_x_forwarded_for("2001:db8:f::1", "2001:db8:1::7"), "2001:db8:1::7");
}

TEST(ForwardedFor, WhereAllAreTrustedTheFirstAsked) {
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "10.3.3.3, 10.2.2.2"), "10.3.3.3");
  EXPECT_EQ(by_forwarded("10.0.0.1", "for=10.3.3.3, for=10.2.2.2"), "10.3.3.3");
}

TEST(ForwardedFor, WhatCannotBeReadLeadsBackToThePeer) {
  for (const char* value : {",", "unknown", "_hidden", "198.51.100.7,", "198.51.100.7 10.0.0.2", "198.51.100.7:port",
                            "[198.51.100.7]", "[::1", "198.51.100.7, 10.0.0.2, x", "fe80::1%eth0", "for=198.51.100.7"})
    EXPECT_EQ(by_x_forwarded_for("10.0.0.1", value), "10.0.0.1") << value;
  for (const char* value :
       {"198.51.100.7", "for", "for=", "for=unknown", "for=_x", "by=198.51.100.7", "for=\"198.51.100.7",
        "for=198.51.100.7;for=198.51.100.8", "for=198.51.100.7 for=1.1.1.1", "for=\"198.51.100.7\"x", "=198.51.100.7",
        "for = 198.51.100.7", "for=\"\\", "for=198.51.100.7, host"})
    EXPECT_EQ(by_forwarded("10.0.0.1", value), "10.0.0.1") << value;
}

TEST(ForwardedFor, ReadsAddressesWithPorts) {
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "198.51.100.7:4711"), "198.51.100.7");
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "[2001:db8::7]:4711"), "2001:db8::7");
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "[2001:db8::7]"), "2001:db8::7");
  EXPECT_EQ(by_x_forwarded_for("10.0.0.1", "::ffff:198.51.100.7"), "198.51.100.7");
}

TEST(ForwardedFor, ReadsTheGrammarOfRfc7239) {
  EXPECT_EQ(by_forwarded("10.0.0.1", R"(For="[2001:db8:cafe::17]:4711")"), "2001:db8:cafe::17");
  EXPECT_EQ(by_forwarded("10.0.0.1", "for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(by_forwarded("10.0.0.1", "proto=http ; for=192.0.2.60 , , for=10.9.9.9"), "192.0.2.60");
  EXPECT_EQ(by_forwarded("10.0.0.1", R"(for="198.\51.100.7";ext="a,b;for=1.1.1.1\"")"), "198.51.100.7");
  EXPECT_EQ(by_forwarded("10.0.0.1", "for=192.0.2.60:80"), "192.0.2.60");
}

TEST(ForwardedFor, ThePeersOfASocketMayBeTrusted) {
  const TrustedProxies trusted = trust({"unix"});
  EXPECT_EQ(find_client_address(trusted, ForwardedHeader::x_forwarded_for, "unix", "198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(find_client_address(trusted, ForwardedHeader::x_forwarded_for, "unix", ""), "unix");
  EXPECT_EQ(find_client_address(trusted, ForwardedHeader::x_forwarded_for, "127.0.0.1", "198.51.100.7"), "127.0.0.1");
}

TEST(TrustedProxies, AreWrittenAsTheyAreRead) {
  const TrustedProxies proxies = trust({"10.0.0.0/8", "::1", "unix"});
  EXPECT_EQ(render_trusted_proxies(proxies), (std::vector<std::string>{"10.0.0.0/8", "::1", "unix"}));
  TrustedProxies none;
  EXPECT_FALSE(add_trusted_proxy(none, "localhost"));
  EXPECT_FALSE(add_trusted_proxy(none, ""));
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace mintmark::http
