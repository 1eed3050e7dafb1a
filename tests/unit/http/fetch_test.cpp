#include "mintmark/http/fetch.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <thread>

namespace mintmark::http {
namespace {

using namespace std::chrono_literals;

/// Listens on a loopback port and hands its first connection to `serve`, on a thread of its own.
class OneConnection {
 public:
  explicit OneConnection(std::function<void(int)> serve) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, serve = std::move(serve)] {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      serve(connection);
      ::close(connection);
    });
  }
  OneConnection(const OneConnection&) = delete;
  OneConnection& operator=(const OneConnection&) = delete;
  ~OneConnection() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  [[nodiscard]] const std::string& port() const { return port_; }

 private:
  int listener_;
  std::string port_;
  std::thread thread_;
};

/// Reads until the head of the request is there.
std::string read_request(int connection) {
  std::string request;
  char c = 0;
  while (!request.ends_with("\r\n\r\n") && ::recv(connection, &c, 1, 0) == 1)
    request += c;
  return request;
}

std::function<void(int)> answer_with(const std::string& answer, std::string* request = nullptr) {
  return [=](int connection) {
    const std::string got = read_request(connection);
    if (request != nullptr) *request = got;
    EXPECT_EQ(::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL), static_cast<ssize_t>(answer.size()));
  };
}

std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string detail_of(const Result<FetchedDocument>& result) {
  return result ? "" : result.error().detail;
}

TEST(Fetch, GetsTheBodyOfATwoHundred) {
  std::string request;
  Result<FetchedDocument> answer = unavailable("not asked");
  std::string host;
  {
    const OneConnection server(answer_with(ok("{\"keys\":[]}"), &request));
    host = "127.0.0.1:" + server.port();
    answer = fetch("http://" + host + "/keys?v=1");
  }
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "{\"keys\":[]}");
  EXPECT_TRUE(request.starts_with("GET /keys?v=1 HTTP/1.1\r\n")) << request;
  EXPECT_NE(request.find("Host: " + host + "\r\n"), std::string::npos) << request;
}

TEST(Fetch, ResolvesLocalhost) {
  const OneConnection server(answer_with(ok("x")));
  const Result<FetchedDocument> answer = fetch("http://localhost:" + server.port());
  EXPECT_TRUE(answer) << detail_of(answer);
}

TEST(Fetch, RefusesUrlsThatItMustNotFollow) {
  for (const std::string_view url :
       {"", "keys.json", "ftp://localhost/", "http://example.com/keys", "http://10.0.0.1/",
        "http://127.0.0.1.example.com/", "http://localhost@example.com/", "https://user@example.com/", "https:///keys",
        "https://example.com:/", "https://example.com:port/", "https://example.com/#fragment",
        "https://example.com/a b"}) {
    const Result<FetchedDocument> answer = fetch(url);
    ASSERT_FALSE(answer) << url;
    EXPECT_EQ(answer.error().kind, ErrorKind::invalid) << url;
  }
}

TEST(Fetch, TakesNoOtherStatusAndNoRedirect) {
  for (const std::string status : {"302 Found\r\nLocation: http://127.0.0.1:1/", "404 Not Found", "204 No Content"}) {
    const OneConnection server(answer_with("HTTP/1.1 " + status + "\r\nContent-Length: 0\r\n\r\n"));
    const Result<FetchedDocument> answer = fetch("http://127.0.0.1:" + server.port() + "/");
    EXPECT_NE(detail_of(answer).find("status " + status.substr(0, 3)), std::string::npos) << detail_of(answer);
  }
}

TEST(Fetch, RefusesALargerAnswerWhetherItSaysSoOrNot) {
  const std::string large(2000, 'x');
  for (const std::string& sent : {ok(large), "HTTP/1.1 200 OK\r\n\r\n" + large}) {
    const OneConnection server(answer_with(sent));
    const Result<FetchedDocument> answer = fetch("http://127.0.0.1:" + server.port() + "/", {.max_bytes = 1999});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  }
}

TEST(Fetch, RefusesATruncatedAnswer) {
  const OneConnection server(answer_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"));
  EXPECT_FALSE(fetch("http://127.0.0.1:" + server.port() + "/"));
}

TEST(Fetch, GivesUpAtItsDeadline) {
  const OneConnection server([](int connection) {
    char c = 0;
    while (::recv(connection, &c, 1, 0) == 1) {
    }
  });
  const Result<FetchedDocument> answer = fetch("http://127.0.0.1:" + server.port() + "/", {.deadline = 50ms});
  EXPECT_NE(detail_of(answer).find("time limit"), std::string::npos) << detail_of(answer);
}

TEST(Fetch, NamesTheUrlThatCannotBeReached) {
  std::string url;
  {
    const OneConnection server([](int) {});
    url = "http://127.0.0.1:" + server.port() + "/";
  }
  const Result<FetchedDocument> answer = fetch(url);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::unavailable);
  EXPECT_TRUE(answer.error().detail.starts_with(url + ": ")) << answer.error().detail;
}

TEST(Fetch, EndsAtOnceWhenItIsToldTo) {
  std::stop_source stop;
  const OneConnection server([&](int connection) {
    (void)read_request(connection);
    stop.request_stop();
    char c = 0;
    (void)::recv(connection, &c, 1, 0);
  });
  const Result<FetchedDocument> answer =
      fetch("http://127.0.0.1:" + server.port() + "/", {.deadline = 1h, .stop = stop.get_token()});
  EXPECT_NE(detail_of(answer).find("given up"), std::string::npos) << detail_of(answer);
}

TEST(Fetch, Rfc9111Section5_2_2_SaysHowLongTheAnswerMayBeKept) {
  const std::vector<std::pair<std::string, std::optional<Duration>>> cases{
      {"", std::nullopt},
      {"Cache-Control: public\r\n", std::nullopt},
      {"Cache-Control: max-age=300\r\n", 300s},
      {"cache-control: public, MAX-AGE=\"60\" , must-revalidate\r\n", 60s},
      {"Cache-Control: s-maxage=9, max-age=300\r\n", 300s},
      {"Cache-Control: max-age=1, max-age=2\r\n", 1s},
      {"Cache-Control: public\r\nCache-Control: max-age=7\r\n", 7s},
      {"Cache-Control: max-age=99999999999999999999999\r\n", std::chrono::seconds(std::int64_t{1} << 31U)},
      {"Cache-Control: max-age=300, no-store\r\n", 0s},
      {"Cache-Control: no-cache\r\n", 0s},
      {"Cache-Control: max-age=-1\r\n", 0s},
      {"Cache-Control: max-age=soon\r\n", 0s},
      {"Cache-Control: max-age\r\n", 0s},
  };
  for (const auto& [fields, expected] : cases) {
    const OneConnection server(answer_with("HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 2\r\n\r\n{}"));
    const Result<FetchedDocument> answer = fetch("http://127.0.0.1:" + server.port() + "/");
    ASSERT_TRUE(answer) << detail_of(answer);
    EXPECT_EQ(answer->max_age, expected) << fields;
  }
}

// Attack 21: a key set URL that leads into the network of the mint, however it is spelt.
TEST(Fetch, Attack21_PublicOnlyConnectsToNothingElse) {
  for (const std::string host :
       {"127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "10.0.0.1", "192.168.1",
        "169.254.169.254", "0xa9fea9fe", "100.64.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]", "[fe80::1]", "[fd00::1]"}) {
    const Result<FetchedDocument> answer = fetch("https://" + host + "/", {.addresses = AllowedAddresses::public_only});
    ASSERT_FALSE(answer) << host;
    EXPECT_NE(detail_of(answer).find("none of its addresses may be connected to"), std::string::npos)
        << detail_of(answer);
  }
}

TEST(Fetch, PublicOnlyLeavesHttpOnThisMachineToDevelopment) {
  const OneConnection server(answer_with(ok("x")));
  const Result<FetchedDocument> answer =
      fetch("http://127.0.0.1:" + server.port() + "/", {.addresses = AllowedAddresses::public_only});
  EXPECT_TRUE(answer) << detail_of(answer);
}

template <auto Free>
struct Freer {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, Freer<X509_free>>;
using ContextPtr = std::unique_ptr<SSL_CTX, Freer<SSL_CTX_free>>;
using ConnectionPtr = std::unique_ptr<SSL, Freer<SSL_free>>;

/// A self-signed certificate for 127.0.0.1 alone, written to a file as well.
class TlsIdentity {
 public:
  TlsIdentity() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 3600);
    X509_NAME* const name = X509_get_subject_name(certificate_.get());
    const unsigned char* const text = reinterpret_cast<const unsigned char*>("fetch_test");
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), name);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_EXTENSION* const names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate_.get(), names, -1);
    X509_EXTENSION_free(names);
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
    std::FILE* const out = std::fopen(file_.c_str(), "w");
    PEM_write_X509(out, certificate_.get());
    std::fclose(out);
  }
  TlsIdentity(const TlsIdentity&) = delete;
  TlsIdentity& operator=(const TlsIdentity&) = delete;
  ~TlsIdentity() { std::filesystem::remove(file_); }

  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

  /// Serves `answer` over TLS; a client that refuses the handshake gets nothing.
  [[nodiscard]] std::function<void(int)> answer_with(std::string answer) const {
    return [this, answer = std::move(answer)](int connection) {
      const ContextPtr context(SSL_CTX_new(TLS_server_method()));
      SSL_CTX_use_certificate(context.get(), certificate_.get());
      SSL_CTX_use_PrivateKey(context.get(), key_.get());
      const ConnectionPtr tls(SSL_new(context.get()));
      SSL_set_fd(tls.get(), connection);
      if (SSL_accept(tls.get()) != 1) return;
      std::string request;
      char c = 0;
      while (!request.ends_with("\r\n\r\n") && SSL_read(tls.get(), &c, 1) == 1)
        request += c;
      SSL_write(tls.get(), answer.data(), static_cast<int>(answer.size()));
      SSL_shutdown(tls.get());
    };
  }

 private:
  KeyPtr key_;
  CertificatePtr certificate_;
  std::filesystem::path file_ =
      std::filesystem::temp_directory_path() / ("mintmark_fetch_test." + std::to_string(::getpid()) + ".pem");
};

TEST(FetchOverTls, TrustsACertificateOfATrustedIssuerForThatHost) {
  const TlsIdentity identity;
  const OneConnection server(identity.answer_with(ok("{}")));
  const Result<FetchedDocument> answer =
      fetch("https://127.0.0.1:" + server.port() + "/", {.ca_file = identity.file()});
  ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(answer->body, "{}");
}

TEST(FetchOverTls, RefusesAnUntrustedCertificate) {
  const TlsIdentity identity;
  const OneConnection server(identity.answer_with(ok("{}")));
  const Result<FetchedDocument> answer = fetch("https://127.0.0.1:" + server.port() + "/");
  EXPECT_NE(detail_of(answer).find("certificate verify failed"), std::string::npos) << detail_of(answer);
}

TEST(FetchOverTls, RefusesACertificateForAnotherHost) {
  const TlsIdentity identity;
  const OneConnection server(identity.answer_with(ok("{}")));
  const Result<FetchedDocument> answer =
      fetch("https://localhost:" + server.port() + "/", {.ca_file = identity.file()});
  EXPECT_NE(detail_of(answer).find("certificate verify failed"), std::string::npos) << detail_of(answer);
}

TEST(FetchOverTls, RefusesPlainTextWhereTlsIsExpected) {
  const OneConnection server([](int connection) {
    char greeting[64];
    (void)::recv(connection, greeting, sizeof greeting, 0);
    (void)::send(connection, "HTTP/1.1 200 OK\r\n\r\n", 19, MSG_NOSIGNAL);
  });
  EXPECT_FALSE(fetch("https://127.0.0.1:" + server.port() + "/"));
}

}  // namespace
}  // namespace mintmark::http
