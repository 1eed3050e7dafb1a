#include "mintmark/http/address_rules.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

namespace mintmark::http {
namespace {

Bytes binary(const std::string& text) {
  const bool is_v6 = text.find(':') != std::string::npos;
  Bytes address(is_v6 ? 16 : 4);
  EXPECT_EQ(inet_pton(is_v6 ? AF_INET6 : AF_INET, text.c_str(), address.data()), 1) << text;
  return address;
}

TEST(PublicAddress, OfTheInternet) {
  for (const char* text :
       {"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255",
        "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00:1450:4001::1", "3fff:1000::1"}) {
    EXPECT_TRUE(is_public_address(binary(text))) << text;
  }
}

TEST(PublicAddress, Attack21_NotOfThisMachineOrItsNetworks) {
  for (const char* text :
       {"0.0.0.0",         "0.1.2.3",         "10.0.0.0",       "10.255.255.255",  "100.64.0.0",     "100.127.0.1",
        "127.0.0.1",       "127.255.255.255", "169.254.0.1",    "169.254.169.254", "172.16.0.1",     "172.31.255.255",
        "192.168.0.1",     "192.168.255.255", "192.0.0.8",      "198.18.0.1",      "198.19.255.255", "224.0.0.1",
        "239.255.255.255", "240.0.0.1",       "255.255.255.255"}) {
    EXPECT_FALSE(is_public_address(binary(text))) << text;
  }
  for (const char* text : {"::", "::1", "fe80::1", "febf::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1",
                           "ff0e::1", "100::1", "64:ff9b:1::1", "4000::1", "::127.0.0.1", "::10.0.0.1"}) {
    EXPECT_FALSE(is_public_address(binary(text))) << text;
  }
}

TEST(PublicAddress, Attack21_NotOfDocumentationOrTunnels) {
  for (const char* text : {"192.0.2.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "2001:db8::1", "3fff::1",
                           "3fff:fff::1", "2001::1", "2001:2::1", "2002:7f00:1::1", "2002:a00:1::1"}) {
    EXPECT_FALSE(is_public_address(binary(text))) << text;
  }
}

TEST(PublicAddress, Attack21_AnIPv4AddressInsideAnIPv6OneIsWhatItIs) {
  for (const char* text : {"::ffff:127.0.0.1", "::ffff:10.1.2.3", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe",
                           "::ffff:0.0.0.0", "64:ff9b::127.0.0.1", "64:ff9b::c0a8:1", "64:ff9b::100.64.0.1"}) {
    EXPECT_FALSE(is_public_address(binary(text))) << text;
  }
  EXPECT_TRUE(is_public_address(binary("::ffff:1.1.1.1")));
  EXPECT_TRUE(is_public_address(binary("64:ff9b::1.1.1.1")));
}

TEST(PublicAddress, NothingOfAnotherLengthIsOne) {
  EXPECT_FALSE(is_public_address({}));
  EXPECT_FALSE(is_public_address(Bytes(5, 1)));
  EXPECT_FALSE(is_public_address(Bytes(15, 0x20)));
}

}  // namespace
}  // namespace mintmark::http
