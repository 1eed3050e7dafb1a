// The real binary's ways to listen: TLS with files that change, Unix-domain sockets, sockets that systemd hands over,
// the private side, and how it leaves.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "integration/service_process.hpp"
#include "support/certificates.hpp"
#include "support/patience.hpp"

namespace mintmark::testing {
namespace {

class TlsConfig : public MintConfig {
 public:
  TlsConfig() {
    renew("first");
    document["server"]["tls"] = {{"certificate_file", "tls.crt"}, {"key_file", "tls.key"}};
    document["server"]["port"] = port;
  }
  void renew(const std::string& name) const {
    const CertifiedKey pair = authority.issue(name);
    folder().write("tls.key", pair.key);
    folder().write("tls.crt", pair.certificate);
  }
  [[nodiscard]] TlsClientOptions client() const { return {.authorities = authority.certificate()}; }

  const std::uint16_t port = free_port();
  const CertificateAuthority authority{"authority"};
};

HttpAnswer ask_for_token(HttpClient& client) {
  return client.post_form("/token", {{"grant_type", "client_credentials"}},
                          {{"Authorization", basic_authorization("service", kServiceSecret)}});
}

TEST(Listen, AReplacedCertificateIsTakenUpUnderLoadWithoutAFailure) {
  const TlsConfig config;
  const BackgroundProcess process({.arguments = {"serve", "--config", config.write().string()}},
                                  config.folder().path());
  ASSERT_TRUE(eventually([&] { return HttpClient(config.port, config.client()).get("/readyz").status == 200; }))
      << process.standard_error();
  const std::string former = HttpClient(config.port, config.client()).server_certificate();
  std::atomic<bool> stop = false;
  std::atomic<int> failed = 0;
  std::vector<std::jthread> clients;
  for (int i = 0; i < 2; ++i) {
    clients.emplace_back([&] {
      try {
        HttpClient kept(config.port, config.client());
        while (!stop) {
          HttpClient fresh(config.port, config.client());
          if (ask_for_token(kept).status != 200 || ask_for_token(fresh).status != 200) ++failed;
        }
      } catch (const std::runtime_error& error) {
        ADD_FAILURE() << error.what();
        ++failed;
      }
    });
  }
  config.renew("second");
  EXPECT_TRUE(eventually([&] { return HttpClient(config.port, config.client()).server_certificate() != former; }));
  stop = true;
  clients.clear();
  EXPECT_EQ(failed, 0);

  config.folder().write("tls.key", "no key");
  const auto said = [&] { return process.standard_error(); };
  EXPECT_TRUE(eventually([&] { return said().find("reading the TLS certificate") != std::string::npos; })) << said();
  EXPECT_EQ(HttpClient(config.port, config.client()).get("/healthz").status, 200) << "the former stays in use";
}

TEST(Listen, FilesThatAreNoPairKeepItFromStartingAndFailTheCheck) {
  const TlsConfig config;
  config.folder().write("tls.key", config.authority.issue("other").key);
  const ProcessResult started = run_mintmark({.arguments = {"serve", "--config", config.write().string()}});
  EXPECT_EQ(started.exit_code, 1);
  EXPECT_NE(started.standard_error.find("tls.key: is not the key of the certificate in"), std::string::npos)
      << started.standard_error;
  EXPECT_FALSE(std::filesystem::exists(config.database()));
  EXPECT_NE(run_command(config, {"config", "check"}).exit_code, 0);
}

TEST(Listen, ASocketThatAKilledServiceLeftIsReplacedAndOneThatIsLeftInPeaceIsRemoved) {
  MintConfig config;
  config.document["server"] = {{"port", "off"}, {"unix_socket", "mint.sock"}, {"threads", 2}};
  config.document["private"] = {{"port", "off"}, {"unix_socket", "private.sock"}, {"unix_socket_mode", "0600"}};
  const std::filesystem::path path = config.folder() / "mint.sock";
  const ProcessOptions options{.arguments = {"serve", "--config", config.write().string()}};
  const auto is_ready = [&] { return HttpClient(path).get("/readyz").status == 200; };
  {
    BackgroundProcess killed(options, config.folder().path());
    ASSERT_TRUE(eventually(is_ready)) << killed.standard_error();
    killed.signal(SIGKILL);
    killed.wait(std::chrono::seconds(20));
  }
  EXPECT_TRUE(std::filesystem::exists(path));
  BackgroundProcess process(options, config.folder().path());
  ASSERT_TRUE(eventually(is_ready)) << process.standard_error();
  EXPECT_EQ(HttpClient(config.folder() / "private.sock").get("/readyz").status, 200);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(std::chrono::seconds(20)), 0);
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_FALSE(std::filesystem::exists(config.folder() / "private.sock"));
}

/// A listening socket of 127.0.0.1 and its port.
std::pair<int, std::uint16_t> bind_socket() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_TRUE(::bind(fd, generic, size) == 0 && ::listen(fd, 64) == 0 && ::getsockname(fd, generic, &size) == 0);
  return {fd, ntohs(address.sin_port)};
}

TEST(Listen, SystemdHandsOverSocketsWhichOutliveTheService) {
  MintConfig config;
  const auto [clients, port] = bind_socket();
  const auto [operators, private_port] = bind_socket();
  const std::string file = config.write().string();
  const auto start = [&] {
    return std::make_unique<BackgroundProcess>(
        ProcessOptions{.arguments = {"serve", "--config", file},
                       .environment = {{"LISTEN_FDS", "2"}, {"LISTEN_FDNAMES", "public:private"}},
                       .sockets = {clients, operators}},
        config.folder().path());
  };
  // The queue of the socket holds what comes before and between two services.
  HttpClient early(port);
  early.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  std::unique_ptr<BackgroundProcess> service = start();
  EXPECT_EQ(early.receive().status, 200);
  EXPECT_EQ(HttpClient(private_port).get("/readyz").status, 200);
  EXPECT_EQ(HttpClient(private_port).post_form("/token", {}).status, 404);
  service->signal(SIGTERM);
  EXPECT_EQ(service->wait(std::chrono::seconds(20)), 0) << service->standard_error();
  HttpClient between(port);
  between.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  service = start();
  EXPECT_EQ(between.receive().status, 200);
  ::close(clients);
  ::close(operators);
}

TEST(Listen, WithADelayItIsNotReadyButServesBeforeItGoes) {
  MintConfig config;
  config.document["server"]["drain_delay"] = "2s";
  ServiceProcess service(config);
  service.process().signal(SIGTERM);
  EXPECT_TRUE(eventually([&] { return HttpClient(service.port()).get("/readyz").status == 503; }));
  HttpClient client(service.port());
  EXPECT_EQ(ask_for_token(client).status, 200);
  EXPECT_EQ(service.process().wait(std::chrono::seconds(20)), 0);
}

}  // namespace
}  // namespace mintmark::testing
