#include "mintmark/base/ip_address.hpp"

#include <gtest/gtest.h>

namespace mintmark {
namespace {

IpAddress address(std::string_view text) {
  return IpAddress::parse(text).value();
}
IpNetwork network(std::string_view text) {
  return IpNetwork::parse(text).value();
}

TEST(IpAddressTest, ReadsAndWritesBothFamilies) {
  EXPECT_EQ(address("192.0.2.1").str(), "192.0.2.1");
  EXPECT_TRUE(address("192.0.2.1").is_v4());
  EXPECT_EQ(address("2001:DB8:0:0:0:0:0:1").str(), "2001:db8::1");
  EXPECT_FALSE(address("::1").is_v4());
  EXPECT_EQ(address("2001:db8::1"), address("2001:db8:0::0:1"));
}

TEST(IpAddressTest, AMappedAddressIsTheIpv4Address) {
  EXPECT_EQ(address("::ffff:192.0.2.1"), address("192.0.2.1"));
  EXPECT_EQ(address("::ffff:c000:201").str(), "192.0.2.1");
  EXPECT_NE(address("::192.0.2.1"), address("192.0.2.1"));
}

TEST(IpAddressTest, RefusesEverythingElse) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "1.2.3"sv, "1.2.3.256"sv, "01.2.3.4"sv, "1.2.3.4:80"sv, "[::1]"sv, "fe80::1%eth0"sv, " ::1"sv, "::1 "sv,
        "localhost"sv, "unix"sv, "1.2.3.4\0.evil"sv, "0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:0:1"sv}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
  EXPECT_FALSE(IpAddress::from_bytes(Bytes(5, 1)));
}

TEST(IpNetworkTest, ContainsWhatSharesItsPrefix) {
  EXPECT_TRUE(network("10.0.0.0/8").contains(address("10.255.0.1")));
  EXPECT_FALSE(network("10.0.0.0/8").contains(address("11.0.0.1")));
  EXPECT_TRUE(network("192.0.2.128/25").contains(address("192.0.2.129")));
  EXPECT_FALSE(network("192.0.2.128/25").contains(address("192.0.2.127")));
  EXPECT_TRUE(network("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  EXPECT_FALSE(network("2001:db8::/33").contains(address("2001:db8:8000::1")));
  EXPECT_TRUE(network("192.0.2.7").contains(address("192.0.2.7")));
  EXPECT_FALSE(network("192.0.2.7").contains(address("192.0.2.8")));
}

TEST(IpNetworkTest, OfTheOtherFamilyContainsNothing) {
  EXPECT_TRUE(network("0.0.0.0/0").contains(address("203.0.113.9")));
  EXPECT_FALSE(network("0.0.0.0/0").contains(address("2001:db8::1")));
  EXPECT_FALSE(network("::/0").contains(address("203.0.113.9")));
  EXPECT_TRUE(network("10.0.0.0/8").contains(address("::ffff:10.1.2.3")));
}

TEST(IpNetworkTest, RefusesWhatIsNoNetwork) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "::/129", "2001:db8::1/64",
                           "10.0.0.0/08", "10.0.0.0/+8", "10.0.0.0/8/8", "all"}) {
    EXPECT_FALSE(IpNetwork::parse(text)) << text;
  }
}

TEST(IpNetworkTest, IsWrittenAsItIsRead) {
  for (const char* text : {"10.0.0.0/8", "2001:db8::/32", "192.0.2.7", "::1", "0.0.0.0/0"})
    EXPECT_EQ(network(text).str(), text);
  EXPECT_EQ(network("192.0.2.7/32").str(), "192.0.2.7");
}

TEST(SourceNetwork, IsTheAddressOfIpv4AndThe64OfIpv6) {
  EXPECT_EQ(source_network_of(address("192.0.2.7")), network("192.0.2.7"));
  EXPECT_EQ(source_network_of(address("2001:db8:1:2:3:4:5:6")), network("2001:db8:1:2::/64"));
  EXPECT_EQ(source_network_of(address("2001:db8:1:2::1")), source_network_of(address("2001:db8:1:2:ffff::1")));
  EXPECT_NE(source_network_of(address("2001:db8:1:2::1")), source_network_of(address("2001:db8:1:3::1")));
}

TEST(SourceNetwork, OfTextIsText) {
  EXPECT_EQ(source_of("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(source_of("2001:db8:1:2::9"), "2001:db8:1:2::/64");
  EXPECT_EQ(source_of("unix"), "unix");
}

}  // namespace
}  // namespace mintmark
