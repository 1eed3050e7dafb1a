// Mutual TLS (RFC 8705) over real connections, and certificates that a proxy shows (RFC 9440).

#include "integration/mint_server.hpp"
#include "mintmark/base/base64.hpp"
#include "mintmark/crypto/digest.hpp"
#include "support/certificates.hpp"

namespace mintmark::testing {
namespace {

using std::chrono::hours;

constexpr Validity kLong{.from = hours(-1), .until = hours(24) * 3650};

/// "named" authenticates by a name in its certificate and has its tokens bound to it, "keyed" by the key of one that it
/// has signed itself.
class MutualTls : public ::testing::Test {
 protected:
  std::function<void(Json&)> adjust(const std::string& mode) {
    return [this, mode](Json& config) {
      config["server"]["tls"] = {{"certificate_file", folder_.write("tls.crt", server_.certificate).string()},
                                 {"key_file", folder_.write("tls.key", server_.key).string()},
                                 {"client_certificates", mode},
                                 {"client_ca_file", folder_.write("ca.crt", clients_.certificate()).string()}};
      add_clients(config);
    };
  }
  std::function<void(Json&)> behind_proxy(const std::string& field, const std::string& proxy = "127.0.0.1") {
    return [this, field, proxy](Json& config) {
      config["server"]["trusted_proxies"] = {proxy};
      config["server"]["client_cert_header"] = field;
      add_clients(config);
    };
  }
  void add_clients(Json& config) {
    Json named = config["clients"][0];
    named.erase("secrets");
    named["client_id"] = "named";
    named["tls_client_auth_san_dns"] = "billing.example.com";
    named["tls_client_certificate_bound_access_tokens"] = true;
    Json keyed = config["clients"][0];
    keyed.erase("secrets");
    keyed["client_id"] = "keyed";
    keyed["auth_methods"] = {"self_signed_tls_client_auth"};
    keyed["jwks"] = {
        {"keys", Json::array({jose::public_jwk(crypto::PublicKey::from_pem(self_signed_.certificate).value())})}};
    config["clients"].push_back(named);
    config["clients"].push_back(keyed);
  }

  static HttpFields form(const char* client) { return {{"grant_type", "client_credentials"}, {"client_id", client}}; }
  HttpAnswer ask(const MintServer& mint, const char* client, const CertifiedKey& pair) {
    return HttpClient(mint.port(),
                      TlsClientOptions{
                          .authorities = authority_.certificate(), .certificate = pair.certificate, .key = pair.key})
        .post_form("/token", form(client));
  }
  static std::string field_of(const CertifiedKey& pair) { return ':' + encode_base64(to_der(pair.certificate)) + ':'; }
  static Json claims_of(const HttpAnswer& answer) {
    const std::string token = answer.json().at("access_token");
    return parse_json_object(as_text(jose::decode_unverified(token, token.size())->payload)).value();
  }
  static std::string thumbprint(const CertifiedKey& pair) {
    return encode_base64url(crypto::digest(crypto::Hash::sha256, to_der(pair.certificate)));
  }

  TempDir folder_;
  CertificateAuthority authority_{"authority", kLong};
  CertificateAuthority clients_{"clients", kLong};
  const CertifiedKey server_ = authority_.issue("server", kLong);
  const CertifiedKey named_ =
      clients_.issue({.common_name = "billing", .organization = "", .alternative = "DNS:billing.example.com"}, kLong);
  const CertifiedKey self_signed_ = CertificateAuthority("self", kLong).self_signed();
  const CertifiedKey stranger_ =
      CertificateAuthority("clients", kLong)
          .issue({.common_name = "billing", .organization = "", .alternative = "DNS:billing.example.com"}, kLong);
};

TEST_F(MutualTls, Rfc8705Section2_ClientsAuthenticateByTheirConnections) {
  MintServer mint(adjust("any"));
  const HttpAnswer named = ask(mint, "named", named_);
  ASSERT_EQ(named.status, 200) << named.raw;
  EXPECT_EQ(claims_of(named).at("cnf"), Json({{"x5t#S256", thumbprint(named_)}}));
  EXPECT_EQ(ask(mint, "keyed", self_signed_).status, 200);
  EXPECT_EQ(ask(mint, "named", self_signed_).error(), "invalid_client");
  EXPECT_EQ(ask(mint, "keyed", named_).error(), "invalid_client");
  EXPECT_EQ(ask(mint, "named", stranger_).error(), "invalid_client") << "a name that no authority has given";
  HttpClient without(mint.port(), TlsClientOptions{.authorities = authority_.certificate()});
  EXPECT_EQ(without.post_form("/token", form("named")).error(), "invalid_client");
}

TEST_F(MutualTls, WithoutAuthoritiesOnlyKeysAuthenticate) {
  MintServer mint([&](Json& config) {
    adjust("any")(config);
    config["server"]["tls"].erase("client_ca_file");
  });
  EXPECT_EQ(ask(mint, "keyed", self_signed_).status, 200);
  EXPECT_EQ(ask(mint, "named", named_).error(), "invalid_client");
}

TEST_F(MutualTls, AResumedSessionBringsItsCertificate) {
  MintServer mint(adjust("request"));
  TlsClientOptions options{
      .authorities = authority_.certificate(), .certificate = named_.certificate, .key = named_.key};
  {
    HttpClient first(mint.port(), options);
    EXPECT_EQ(first.post_form("/token", form("named")).status, 200);
    options.session = first.session();
  }
  HttpClient second(mint.port(), options);
  const HttpAnswer answer = second.post_form("/token", form("named"));
  EXPECT_TRUE(second.is_resumed());
  EXPECT_EQ(answer.status, 200) << answer.raw;
}

TEST_F(MutualTls, AnAuthorityBelowARootIsTrustedWithoutIt) {
  const CertifiedKey intermediate = clients_.issue_authority("intermediate", kLong);
  const CertifiedKey below = issue_below(
      intermediate, {.common_name = "billing", .organization = "", .alternative = "DNS:billing.example.com"}, kLong);
  MintServer mint([&](Json& config) {
    adjust("request")(config);
    config["server"]["tls"]["client_ca_file"] = folder_.write("below.crt", intermediate.certificate).string();
  });
  EXPECT_EQ(ask(mint, "named", below).status, 200);
}

TEST_F(MutualTls, Attack22_TheProxysOwnCertificateIsNoClients) {
  MintServer mint([&](Json& config) {
    adjust("request")(config);
    config["server"]["trusted_proxies"] = {"127.0.0.1"};
  });
  EXPECT_EQ(ask(mint, "named", named_).error(), "invalid_client");
}

TEST_F(MutualTls, ACertificateIsWorthNothingOnceItsAuthorityIsTakenAway) {
  MintServer mint(adjust("any"));
  HttpClient open(
      mint.port(),
      TlsClientOptions{.authorities = authority_.certificate(), .certificate = named_.certificate, .key = named_.key});
  ASSERT_EQ(open.post_form("/token", form("named")).status, 200);
  folder_.write("ca.crt", CertificateAuthority("others", kLong).certificate());
  for (int i = 0; i < 3; ++i) {
    mint.clock.advance(std::chrono::minutes(1));
    mint.tick();
  }
  EXPECT_EQ(open.post_form("/token", form("named")).error(), "invalid_client") << "on a connection that goes on";
}

TEST_F(MutualTls, Attack22_WithoutAProxyTheFieldIsNobody) {
  MintServer mint(adjust("any"));
  HttpClient client(mint.port(), TlsClientOptions{.authorities = authority_.certificate()});
  EXPECT_EQ(client.post_form("/token", form("named"), {{"Client-Cert", field_of(named_)}}).error(), "invalid_client");
}

TEST_F(MutualTls, Rfc9440_ATrustedProxyShowsTheCertificate) {
  MintServer mint(behind_proxy("verified"));
  const HttpAnswer answer = mint.token(form("named"), {{"Client-Cert", field_of(named_)}});
  ASSERT_EQ(answer.status, 200) << answer.raw;
  EXPECT_EQ(claims_of(answer).at("cnf"), Json({{"x5t#S256", thumbprint(named_)}}));
  EXPECT_EQ(mint.token(form("named")).error(), "invalid_client");
  const HttpFields twice{{"Client-Cert", field_of(named_)}, {"client-cert", field_of(named_)}};
  EXPECT_EQ(mint.token(form("named"), twice).status, 400);
  for (const std::string& value : {std::string("x"), std::string("::"), field_of(named_).substr(1),
                                   ":" + field_of(named_), ":" + encode_base64(as_bytes(named_.certificate)) + ":"})
    EXPECT_EQ(mint.token(form("named"), {{"Client-Cert", value}}).error(), "invalid_client") << value;
}

TEST_F(MutualTls, Rfc9440_AProxyThatPassesOnAnythingVouchesForNoName) {
  MintServer mint(behind_proxy("any"));
  EXPECT_EQ(mint.token(form("named"), {{"Client-Cert", field_of(named_)}}).error(), "invalid_client");
  EXPECT_EQ(mint.token(form("keyed"), {{"Client-Cert", field_of(self_signed_)}}).status, 200);
}

TEST_F(MutualTls, Attack22_OnlyATrustedProxyIsBelieved) {  // CVE-2024-10039
  MintServer mint(behind_proxy("verified", "192.0.2.1"));
  EXPECT_EQ(mint.token(form("named"), {{"Client-Cert", field_of(named_)}}).error(), "invalid_client");
  MintServer ignoring(behind_proxy("none"));
  EXPECT_EQ(ignoring.token(form("named"), {{"Client-Cert", field_of(named_)}}).error(), "invalid_client");
}

TEST_F(MutualTls, Rfc8705Section3_3_TheMetadataSaysSoWhereCertificatesAreSeen) {
  MintServer with(behind_proxy("verified"));
  const Json metadata = with.get("/.well-known/oauth-authorization-server").json();
  EXPECT_EQ(metadata.at("tls_client_certificate_bound_access_tokens"), true);
  EXPECT_TRUE(metadata.at("token_endpoint_auth_methods_supported").dump().find("self_signed_tls_client_auth") !=
              std::string::npos);
  MintServer without;
  const Json plain = without.get("/.well-known/oauth-authorization-server").json();
  EXPECT_FALSE(plain.contains("tls_client_certificate_bound_access_tokens"));
  EXPECT_EQ(plain.dump().find("tls_client_auth"), std::string::npos);
}

}  // namespace
}  // namespace mintmark::testing
