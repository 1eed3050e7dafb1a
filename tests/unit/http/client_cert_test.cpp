// The field Client-Cert (RFC 9440).

#include "mintmark/http/client_cert.hpp"

#include <gtest/gtest.h>

#include "mintmark/base/base64.hpp"
#include "support/certificates.hpp"

namespace mintmark::http {
namespace {

using mintmark::testing::CertificateAuthority;
using mintmark::testing::to_der;

TEST(ClientCert, Rfc9440Section2_1_IsTheDerBetweenColons) {
  const Bytes der = to_der(CertificateAuthority("x").certificate());
  const std::string value = ':' + encode_base64(der) + ':';
  EXPECT_EQ(read_client_cert(value, ClientCertField::verified)->certificate.subject, "CN=x");
  EXPECT_TRUE(read_client_cert(value, ClientCertField::verified)->has_good_chain);
  EXPECT_FALSE(read_client_cert(value, ClientCertField::any)->has_good_chain);
}

TEST(ClientCert, WhatIsNoneIsNull) {
  const std::string der = encode_base64(to_der(CertificateAuthority("x").certificate()));
  for (const std::string& value :
       {std::string(), std::string(":"), std::string("::"), der, ':' + der, der + ':', ':' + der + ":;a=1",
        ':' + der + ":, :" + der + ':', std::string(":AAAA:"), std::string(":not base64:"), " :" + der + ':'}) {
    EXPECT_EQ(read_client_cert(value, ClientCertField::verified), nullptr) << value;
  }
}

}  // namespace
}  // namespace mintmark::http
