// TLS on the public side, met by real clients.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <thread>

#include "mintmark/http/listen_check.hpp"
#include "support/certificates.hpp"
#include "support/temp_dir.hpp"
#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

using mintmark::testing::CertificateAuthority;
using mintmark::testing::CertifiedKey;
using mintmark::testing::TempDir;
using mintmark::testing::TlsClientOptions;
using namespace std::chrono_literals;

constexpr const char* kGetHealth = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

class TlsTest : public ::testing::Test {
 protected:
  void write(const CertifiedKey& pair) const {
    folder_.write("tls.key", pair.key);
    folder_.write("tls.crt", pair.certificate);
  }
  [[nodiscard]] ServerOptions options(ClientCertificates mode = ClientCertificates::none) const {
    ServerOptions options;
    options.tls.certificate_file = folder_ / "tls.crt";
    options.tls.key_file = folder_ / "tls.key";
    options.tls.client_certificates = mode;
    if (mode != ClientCertificates::none) options.tls.client_ca_file = folder_.write("ca.crt", clients_.certificate());
    return options;
  }
  [[nodiscard]] TlsClientOptions client() const { return {.authorities = authority_.certificate()}; }
  [[nodiscard]] TlsClientOptions client(const CertifiedKey& pair) const {
    return {.authorities = authority_.certificate(), .certificate = pair.certificate, .key = pair.key};
  }
  /// TLS 1.3 tells a client only after its own handshake that its certificate is missing or bad.
  static std::string failure(std::uint16_t port, const TlsClientOptions& options) {
    try {
      HttpClient client(port, options);
      return "status " + std::to_string(client.get("/healthz").status);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
  }
  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  TempDir folder_;
  CertificateAuthority authority_{"authority"};
  CertificateAuthority clients_{"clients"};
  CertifiedKey pair_ = authority_.issue("server");

 public:
  TlsTest() { write(pair_); }
};

TEST_F(TlsTest, ServesBothVersionsAndManyRequestsOnOneConnection) {
  TestServer server(options());
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions wish = client();
    wish.min_version = wish.max_version = version;
    HttpClient client(server.port(), wish);
    EXPECT_EQ(client.tls_version(), version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    for (int i = 0; i < 3; ++i) {
      EXPECT_EQ(client.get("/healthz").status, 200);
      EXPECT_EQ(client.post_form("/auth/token", client_credentials()).status, 200);
    }
  }
}

TEST_F(TlsTest, RefusesOlderVersions) {
  TestServer server(options());
  TlsClientOptions old = client();
  old.max_version = TLS1_1_VERSION;
  EXPECT_TRUE(contains(failure(server.port(), old), "alert")) << failure(server.port(), old);
  EXPECT_EQ(server.log().wait_for_failed_handshakes(1).at(0), "127.0.0.1 unsupported protocol");
}

TEST_F(TlsTest, SpeaksHttp11AndNothingElse) {
  TestServer server(options());
  TlsClientOptions both = client();
  both.protocols = {"h2", "http/1.1"};
  EXPECT_EQ(HttpClient(server.port(), both).protocol(), "http/1.1");
  TlsClientOptions other = client();
  other.protocols = {"h2"};
  EXPECT_TRUE(contains(failure(server.port(), other), "no application protocol")) << failure(server.port(), other);
  EXPECT_EQ(HttpClient(server.port(), client()).protocol(), "");
}

TEST_F(TlsTest, ResumesSessionsOnAnyThreadAndAcrossAReload) {
  ServerOptions three = options();
  three.threads = 3;
  TestServer server(three);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    write(pair_);
    (void)server.server().reload_certificate();
    TlsClientOptions wish = client();
    wish.min_version = wish.max_version = version;
    HttpClient first(server.port(), wish);
    EXPECT_EQ(first.get("/healthz").status, 200);
    EXPECT_FALSE(first.is_resumed());
    wish.session = first.session();
    for (int i = 0; i < 6; ++i) {
      HttpClient again(server.port(), wish);
      EXPECT_TRUE(again.is_resumed());
      EXPECT_EQ(again.get("/healthz").status, 200);
      if (version == TLS1_3_VERSION) wish.session = again.session();  // each is good once for a client
    }
    write(authority_.issue("successor"));
    EXPECT_TRUE(server.server().reload_certificate().value());
    EXPECT_TRUE(HttpClient(server.port(), wish).is_resumed());
  }
}

TEST_F(TlsTest, AsksForNoCertificateUnlessTold) {
  TestServer server(options());
  EXPECT_EQ(failure(server.port(), client(clients_.issue("client"))), "status 200");
}

TEST_F(TlsTest, RequestsACertificateAndRefusesABadOne) {
  TestServer server(options(ClientCertificates::request));
  EXPECT_EQ(failure(server.port(), client()), "status 200");
  EXPECT_EQ(failure(server.port(), client(clients_.issue("client"))), "status 200");
  const std::string foreign = failure(server.port(), client(CertificateAuthority("other").issue("client")));
  EXPECT_TRUE(contains(foreign, "unknown ca")) << foreign;
  const std::string expired = failure(server.port(), client(clients_.issue("client", {-2h, -1h})));
  EXPECT_TRUE(contains(expired, "certificate expired")) << expired;
}

TEST_F(TlsTest, RequiresACertificateOfTheRightAuthority) {
  TestServer server(options(ClientCertificates::require));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClientOptions without = client();
    TlsClientOptions good = client(clients_.issue("client"));
    TlsClientOptions foreign = client(authority_.issue("client"));
    for (TlsClientOptions* wish : {&without, &good, &foreign})
      wish->min_version = wish->max_version = version;
    EXPECT_TRUE(contains(failure(server.port(), without), "alert")) << failure(server.port(), without);
    EXPECT_EQ(failure(server.port(), good), "status 200");
    EXPECT_TRUE(contains(failure(server.port(), foreign), "unknown ca")) << failure(server.port(), foreign);
  }
}

TEST_F(TlsTest, ASessionOfBeforeCertificatesWereRequiredIsNotResumed) {
  TestServer server(options());
  HttpClient first(server.port(), client());
  EXPECT_EQ(first.get("/healthz").status, 200);
  TlsClientOptions resume = client();
  resume.session = first.session();
  ServerOptions next = options(ClientCertificates::require);
  next.port = 0;
  next.private_side.port = 0;
  next.threads = 2;
  ASSERT_TRUE(server.server().update(next));
  EXPECT_TRUE(contains(failure(server.port(), resume), "alert")) << failure(server.port(), resume);
}

TEST_F(TlsTest, ReplacesTheCertificateUnderLoadWithoutLosingAnything) {
  TestServer server(options());
  HttpClient before(server.port(), client());
  const std::string former = before.server_certificate();
  std::atomic<bool> stop = false;
  std::atomic<int> failed = 0;
  std::atomic<int> served = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back([&] {
      try {
        HttpClient kept(server.port(), client());
        while (!stop) {
          HttpClient fresh(server.port(), client());
          const bool good = kept.get("/healthz").status == 200 && fresh.get("/healthz").status == 200;
          ++(good ? served : failed);
        }
      } catch (const std::runtime_error& error) {
        ADD_FAILURE() << error.what();
        ++failed;
      }
    });
  }
  std::string last = former;
  for (int i = 0; i < 20; ++i) {
    write(authority_.issue("successor"));
    EXPECT_TRUE(server.server().reload_certificate().value());
    const std::string now = HttpClient(server.port(), client()).server_certificate();
    EXPECT_NE(now, last);
    EXPECT_EQ(now, server.server().certificate()->sha256);
    last = now;
  }
  stop = true;
  clients.clear();
  EXPECT_EQ(failed, 0);
  EXPECT_GT(served, 0);
  EXPECT_EQ(before.get("/healthz").status, 200) << "a connection outlives the certificate that it began with";
}

TEST_F(TlsTest, ABadPairIsRefusedOnceItHasSettledAndTheFormerStays) {
  TestServer server(options());
  const std::string former = server.server().certificate()->sha256;
  EXPECT_FALSE(server.server().reload_certificate().value()) << "nothing has changed";
  const CertifiedKey next = authority_.issue("next");
  folder_.write("tls.crt", next.certificate);
  EXPECT_FALSE(server.server().reload_certificate().value()) << "the key may be just being written";
  const Result<bool> settled = server.server().reload_certificate();
  ASSERT_FALSE(settled);
  EXPECT_TRUE(contains(settled.error().detail, "tls.key: is not the key of the certificate in "));
  EXPECT_EQ(HttpClient(server.port(), client()).server_certificate(), former);
  std::filesystem::remove(folder_ / "tls.crt");
  EXPECT_FALSE(server.server().reload_certificate().value());
  EXPECT_FALSE(server.server().reload_certificate());
  EXPECT_EQ(HttpClient(server.port(), client()).server_certificate(), former);
  write(next);
  EXPECT_TRUE(server.server().reload_certificate().value());
  EXPECT_NE(HttpClient(server.port(), client()).server_certificate(), former);
}

TEST_F(TlsTest, CutsASlowHandshake) {
  ServerOptions hasty = options();
  hasty.request_deadline = 100ms;
  TestServer server(hasty);
  HttpClient silent(server.port());
  HttpClient begun(server.port());
  begun.send(std::string_view("\x16\x03\x01\x02\x00\x01", 6));
  EXPECT_TRUE(silent.at_end());
  EXPECT_TRUE(begun.at_end());
  EXPECT_EQ(failure(server.port(), client()), "status 200");
}

TEST_F(TlsTest, GarbageEndsOneConnectionAndIsCounted) {
  TestServer server(options());
  HttpClient client(server.port());
  client.send(std::string(100, '\xff'));
  try {
    while (!client.at_end())
      client.receive();
  } catch (const std::runtime_error&) {  // an alert, or a reset: both are an end
  }
  EXPECT_TRUE(server.log().wait_for_failed_handshakes(1).at(0).starts_with("127.0.0.1 "));
  EXPECT_EQ(failure(server.port(), this->client()), "status 200");
}

TEST_F(TlsTest, TellsPlainHttpToUseHttps) {
  TestServer server(options());
  HttpClient client(server.port());
  client.send(kGetHealth);
  const HttpAnswer answer = client.receive();
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.error(), "invalid_request");
  EXPECT_TRUE(client.at_end());
}

TEST_F(TlsTest, ReadsWhatComesInOneRecordAndInManyAndAnswersAHalfClosedClient) {
  TestServer server(options());
  HttpClient pipelined(server.port(), client());
  pipelined.send(std::string(kGetHealth) + kGetHealth + kGetHealth);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(pipelined.receive().status, 200);
  HttpClient slow(server.port(), client());
  for (const char byte : std::string(kGetHealth))
    slow.send(std::string(1, byte));
  EXPECT_EQ(slow.receive().status, 200);
  HttpClient half(server.port(), client());
  half.send(kGetHealth);
  half.finish_sending();
  EXPECT_EQ(half.receive().status, 200);
  EXPECT_TRUE(half.at_end());
}

TEST_F(TlsTest, SaysFarewellWhenItClosesIdleConnectionsAndWhenItDrains) {
  ServerOptions impatient = options();
  impatient.idle_timeout = 100ms;
  TestServer server(impatient);
  HttpClient idle(server.port(), client());
  EXPECT_TRUE(idle.at_end());  // throws if it is cut off
  HttpClient last(server.port(), client());
  last.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(last.receive().status, 200);
  EXPECT_TRUE(last.at_end());
  server.server().drain();
  EXPECT_TRUE(server.wait_until_stopped());
}

TEST_F(TlsTest, ThePrivateSideIsPlain) {
  TestServer server(options());
  EXPECT_EQ(server.connect_privately().get("/metrics").status, 200);
}

TEST_F(TlsTest, NamesFilesThatCannotBeUsed) {
  const auto problem = [&] {
    const Result<CertificateInfo> checked = check_tls(options().tls);
    return checked ? "" : checked.error().detail;
  };
  EXPECT_EQ(problem(), "");
  folder_.write("tls.crt", "nothing");
  EXPECT_TRUE(problem().ends_with("tls.crt: holds no certificate in PEM")) << problem();
  write(pair_);
  folder_.write("tls.key", "nothing");
  EXPECT_TRUE(problem().ends_with("tls.key: holds no private key in PEM, or an encrypted one")) << problem();
  std::filesystem::remove(folder_ / "tls.key");
  EXPECT_TRUE(problem().ends_with("tls.key: does not exist")) << problem();
  std::filesystem::create_directory(folder_ / "tls.key");
  EXPECT_TRUE(problem().ends_with("tls.key: is not a regular file")) << problem();
}

TEST_F(TlsTest, AnExpiredCertificateIsServedAllTheSame) {
  write(authority_.issue("server", {-2h, -1h}));
  TestServer server(options());
  EXPECT_LT(server.server().certificate()->not_after, std::chrono::system_clock::now());
  EXPECT_EQ(failure(server.port(), {}), "status 200");
}

}  // namespace
}  // namespace mintmark::http::testing
