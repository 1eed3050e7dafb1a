// Mutual TLS (RFC 8705): clients that authenticate by certificates, and tokens that are bound to them.

#include "mintmark/oauth/client_certificate.hpp"

#include "mint.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/jose/jwk.hpp"
#include "support/certificates.hpp"

namespace mintmark::oauth::testing {
namespace {

using mintmark::testing::CertificateAuthority;
using mintmark::testing::CertificateNames;
using mintmark::testing::to_der;
using mintmark::testing::Validity;
using std::chrono::hours;
using std::chrono::minutes;

constexpr const char* kTlsClient = "grant_type=client_credentials&client_id=service";
constexpr const char* kLogin = "grant_type=password&client_id=app&username=alice&password=wonderland";
constexpr const char* kAllNames =
    "DNS:billing.example.com,URI:spiffe://example.org/billing,email:billing@example.com,"
    "IP:192.0.2.7";
/// The clock of the tests is ahead of that by which certificates are made.
constexpr Validity kLong{.from = hours(-1), .until = hours(24) * 3650};

using Presented = std::shared_ptr<const PresentedCertificate>;

Presented present(const std::string& pem, bool has_good_chain = true) {
  return std::make_shared<const PresentedCertificate>(
      PresentedCertificate{crypto::parse_certificate(to_der(pem)).value(), has_good_chain});
}

class ClientCertificateTest : public ::testing::Test {
 protected:
  void register_name(CertificateNameKind kind, const std::string& value) {
    mint_.change_client("service", [&](Client& it) {
      it.auth_methods = {ClientAuthMethod::tls_client_auth};
      it.secrets.clear();
      it.certificate_name = {kind, value};
    });
  }
  void register_key(const std::string& pem) {
    const Json set = {{"keys", Json::array({jose::public_jwk(crypto::PublicKey::from_pem(pem).value())})}};
    mint_.change_client("service", [&](Client& it) {
      it.auth_methods = {ClientAuthMethod::self_signed_tls_client_auth};
      it.secrets.clear();
      it.keys = InlineKeySet{set, std::make_shared<const VerificationKeys>(read_verification_keys(set.dump()).value())};
    });
  }
  Presented issue(const CertificateNames& names = {.common_name = "billing",
                                                   .organization = "Shop",
                                                   .alternative = kAllNames},
                  const Validity& validity = kLong) {
    return present(authority_.issue(names, validity).certificate);
  }
  void expect_refused(const Presented& certificate, const std::string& why) {
    const TokenOutcome outcome = mint_.post_with_certificate(kTlsClient, certificate);
    ASSERT_FALSE(outcome.result) << why;
    EXPECT_EQ(outcome.result.error().code, OAuthCode::invalid_client) << why;
    EXPECT_EQ(outcome.result.error().description.str(), refuse_client("").description.str()) << why;
  }
  Json claims(const TokenOutcome& outcome) {
    EXPECT_TRUE(outcome.result);
    return outcome.result ? mint_.verified(outcome.result->access_token).claims() : Json::object();
  }

  Mint mint_;
  const CertificateAuthority authority_{"authority", kLong};
};

TEST_F(ClientCertificateTest, Rfc8705Section2_1_ANameOfTheCertificateIsTheClients) {
  const std::vector<CertificateName> names{{CertificateNameKind::subject_dn, "O=Shop,CN=billing"},
                                           {CertificateNameKind::san_dns, "Billing.example.com"},
                                           {CertificateNameKind::san_uri, "spiffe://example.org/billing"},
                                           {CertificateNameKind::san_email, "billing@example.com"},
                                           {CertificateNameKind::san_ip, "192.0.2.7"}};
  for (const CertificateName& wanted : names) {
    register_name(wanted.kind, wanted.value);
    EXPECT_TRUE(mint_.post_with_certificate(kTlsClient, issue()).result) << name(wanted.kind);
    register_name(wanted.kind, wanted.value == "192.0.2.7" ? "192.0.2.77" : wanted.value + "x");
    expect_refused(issue(), std::string(name(wanted.kind)) + " of another");
  }
}

TEST_F(ClientCertificateTest, Rfc8705Section2_1_ANameOfOneKindIsNoneOfAnother) {
  register_name(CertificateNameKind::san_dns, "spiffe://example.org/billing");
  expect_refused(issue(), "a URI as a host name");
  register_name(CertificateNameKind::san_uri, "billing.example.com");
  expect_refused(issue(), "a host name as a URI");
  register_name(CertificateNameKind::san_dns, "billing");
  expect_refused(issue(), "the common name as a host name");
  register_name(CertificateNameKind::san_dns, "billing.example.com");
  expect_refused(issue({.common_name = "x", .organization = "", .alternative = "DNS:*.example.com"}), "a wildcard");
}

TEST_F(ClientCertificateTest, Rfc8705Section2_1_OnlyAnAuthorityMakesAName) {
  register_name(CertificateNameKind::san_dns, "billing.example.com");
  const CertificateAuthority other{"authority", kLong};
  const std::string forged =
      other.issue({.common_name = "x", .organization = "", .alternative = kAllNames}, kLong).certificate;
  expect_refused(present(forged, false), "signed by anybody");
  expect_refused(nullptr, "none at all");
}

TEST_F(ClientCertificateTest, Rfc8705Section2_2_TheKeyOfASelfSignedOneIsTheClients) {
  const CertificateAuthority self{"self", kLong};
  register_key(self.certificate());
  EXPECT_TRUE(mint_.post_with_certificate(kTlsClient, present(self.certificate(), false)).result);
  const CertificateAuthority other{"self", kLong};
  expect_refused(present(other.certificate(), false), "of another key, with the same name");
  expect_refused(issue(), "of an authority, but of another key");
  expect_refused(nullptr, "none at all");
}

TEST_F(ClientCertificateTest, AnExpiredOneIsRefused) {
  register_name(CertificateNameKind::san_dns, "billing.example.com");
  const CertificateNames names{.common_name = "x", .organization = "", .alternative = kAllNames};
  expect_refused(issue(names, {.from = hours(-2), .until = hours(-1)}), "expired");
  expect_refused(issue(names, {.from = hours(24) * 1000, .until = hours(24) * 2000}), "not good yet");
}

TEST_F(ClientCertificateTest, Rfc6749Section2_3_ItIsNoneOfTheOtherMethods) {
  // A client of a secret does not authenticate by a certificate, whatever is in it.
  expect_refused(issue(), "a client with a secret");
  register_name(CertificateNameKind::san_dns, "billing.example.com");
  EXPECT_EQ(code_of(mint_.post_with_certificate(std::string(kTlsClient) + "&client_secret=service-secret", issue())),
            OAuthCode::invalid_client);
}

TEST_F(ClientCertificateTest, Rfc8705Section3_TokensAreBoundWhereTheClientWantsIt) {
  register_name(CertificateNameKind::san_dns, "billing.example.com");
  const Presented certificate = issue();
  EXPECT_FALSE(claims(mint_.post_with_certificate(kTlsClient, certificate)).contains("cnf"));
  mint_.change_client("service", [](Client& it) { it.tls_client_certificate_bound_access_tokens = true; });
  const TokenOutcome outcome = mint_.post_with_certificate(kTlsClient, certificate);
  EXPECT_EQ(claims(outcome).at("cnf"), Json({{"x5t#S256", encode_base64url(certificate->certificate.sha256)}}));
  EXPECT_EQ(outcome.result->token_type, TokenKind::bearer);
}

TEST_F(ClientCertificateTest, Rfc8705Section3_OrWhereTheResourceDoes) {
  mint_.change_resource(kApi, [](Resource& it) { it.tls_client_certificate_bound_access_tokens = true; });
  const std::string by_secret = std::string(kTlsClient) + "&client_secret=service-secret";
  EXPECT_EQ(code_of(mint_.post(by_secret)), OAuthCode::invalid_request);
  EXPECT_TRUE(claims(mint_.post_with_certificate(by_secret, issue())).contains("cnf"));
}

TEST_F(ClientCertificateTest, Rfc8705Section4_RefreshTokensOfPublicClientsAreBound) {
  mint_.change_client("app", [](Client& it) { it.tls_client_certificate_bound_access_tokens = true; });
  const Presented certificate = present(authority_.issue("phone", kLong).certificate, false);
  const Presented other = present(authority_.issue("phone", kLong).certificate, false);
  EXPECT_EQ(code_of(mint_.post(kLogin)), OAuthCode::invalid_request);
  const TokenOutcome login = mint_.post_with_certificate(kLogin, certificate);
  const std::string refresh = "grant_type=refresh_token&client_id=app&refresh_token=" +
                              std::string(login.result.value().refresh_token->reveal_text());
  EXPECT_EQ(code_of(mint_.post_with_certificate(refresh, other)), OAuthCode::invalid_grant);
  EXPECT_EQ(code_of(mint_.post(refresh)), OAuthCode::invalid_request);
  // Nobody gets rid of the binding by the client's no longer wanting it.
  mint_.change_client("app", [](Client& it) { it.tls_client_certificate_bound_access_tokens = false; });
  EXPECT_EQ(code_of(mint_.post_with_certificate(refresh, other)), OAuthCode::invalid_grant);
  EXPECT_EQ(claims(mint_.post_with_certificate(refresh, certificate)).at("cnf").at("x5t#S256"),
            encode_base64url(certificate->certificate.sha256));
}

TEST_F(ClientCertificateTest, Rfc8705Section3_AnExpiredOneBindsNothing) {
  mint_.change_resource(kApi, [](Resource& it) { it.tls_client_certificate_bound_access_tokens = true; });
  const Presented expired = present(authority_.issue("x", {.from = hours(-2), .until = hours(-1)}).certificate);
  EXPECT_EQ(code_of(mint_.post_with_certificate(std::string(kTlsClient) + "&client_secret=service-secret", expired)),
            OAuthCode::invalid_request);
}

TEST_F(ClientCertificateTest, ARefusalBurnsNoRefreshToken) {
  mint_.change_client("app", [](Client& it) { it.tls_client_certificate_bound_access_tokens = true; });
  const Presented certificate = issue();
  const TokenOutcome login = mint_.post_with_certificate(kLogin, certificate);
  const std::string refresh = "grant_type=refresh_token&client_id=app&refresh_token=" +
                              std::string(login.result.value().refresh_token->reveal_text());
  EXPECT_FALSE(mint_.post(refresh).result);
  mint_.now += minutes(5);
  EXPECT_TRUE(mint_.post_with_certificate(refresh, certificate).result);
}

}  // namespace
}  // namespace mintmark::oauth::testing
