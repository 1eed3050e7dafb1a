#include "mintmark/crypto/certificate.hpp"

#include <gtest/gtest.h>

#include "mintmark/base/base64.hpp"
#include "support/certificates.hpp"

namespace mintmark::crypto {
namespace {

using mintmark::testing::CertificateAuthority;
using mintmark::testing::CertificateNames;
using mintmark::testing::to_der;

Result<Certificate> parse(const CertificateNames& names) {
  return parse_certificate(to_der(CertificateAuthority("authority").issue(names).certificate));
}

TEST(Certificate, SaysWhoseKeyItIsAndByWhichNames) {  // RFC 5280 §4.2.1.6
  const Certificate certificate =
      parse({.common_name = "billing, \"north\"",
             .organization = "Müller",
             .alternative = "DNS:a.example.com,DNS:b.example.com,URI:spiffe://example.org/"
                            "billing,email:billing@example.com,IP:192.0.2.1,IP:2001:db8::1"})
          .value();
  EXPECT_EQ(certificate.subject, R"(O=Müller,CN=billing\, \"north\")");
  EXPECT_EQ(certificate.dns_names, (std::vector<std::string>{"a.example.com", "b.example.com"}));
  EXPECT_EQ(certificate.uris, std::vector<std::string>{"spiffe://example.org/billing"});
  EXPECT_EQ(certificate.emails, std::vector<std::string>{"billing@example.com"});
  EXPECT_EQ(certificate.ip_addresses, (std::vector<std::string>{"192.0.2.1", "2001:db8::1"}));
  EXPECT_EQ(certificate.key->type(), KeyType::p256);
  EXPECT_LT(certificate.not_before, certificate.not_after);
}

TEST(Certificate, TheThumbprintIsOfTheDer) {  // RFC 8705 §3.1
  const Bytes der = to_der(CertificateAuthority("authority").certificate());
  EXPECT_EQ(parse_certificate(der)->sha256, digest(Hash::sha256, der));
}

TEST(Certificate, WithoutAlternativeNamesHasNone) {
  const Certificate certificate = parse({.common_name = "plain", .organization = "", .alternative = ""}).value();
  EXPECT_EQ(certificate.subject, "CN=plain");
  EXPECT_TRUE(certificate.dns_names.empty());
}

TEST(Certificate, WhatIsNoneIsRefused) {
  const Bytes der = to_der(CertificateAuthority("authority").certificate());
  EXPECT_FALSE(parse_certificate({}));
  EXPECT_FALSE(parse_certificate(ByteView(der).first(der.size() - 1)));
  Bytes longer = der;
  longer.push_back(0);
  EXPECT_FALSE(parse_certificate(longer)) << "something after it";
  EXPECT_FALSE(parse_certificate(Bytes(16 * 1024 + 1, 0x30)));
}

TEST(Certificate, ANameWithANulIsRefused) {
  // "good" NUL ".evil.example.com" as a dNSName.
  EXPECT_FALSE(parse({.common_name = "x",
                      .organization = "",
                      .alternative = "",
                      .alternative_der = *decode_base64("MBiCFmdvb2QALmV2aWwuZXhhbXBsZS5jb20=")}));
}

}  // namespace
}  // namespace mintmark::crypto
