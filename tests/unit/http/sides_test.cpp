// Where the server listens: IPv4 and IPv6, Unix-domain sockets, sockets handed over, the private side; and how these
// go when it drains.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "mintmark/http/listen_check.hpp"
#include "support/temp_dir.hpp"
#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

using mintmark::testing::TempDir;
using namespace std::chrono_literals;

/// As systemd would make it.
class BoundSocket {
 public:
  BoundSocket() : descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(descriptor_, 16), 0);
  }
  BoundSocket(const BoundSocket&) = delete;
  BoundSocket& operator=(const BoundSocket&) = delete;
  ~BoundSocket() { ::close(descriptor_); }
  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// A socket file that nobody listens on: what a killed server leaves.
void leave_stale_socket(const std::filesystem::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(fd);
}

TEST(Sides, ServesIpv4AndIpv6OnTheWildcardAddress) {
  TestServer server({.address = "::"});
  EXPECT_EQ(HttpClient(server.port(), "127.0.0.1").get("/healthz").status, 200);
  EXPECT_EQ(HttpClient(server.port(), "::1").get("/healthz").status, 200);
  const auto served = server.log().wait_for_served(2);
  ASSERT_EQ(served.size(), 2u);
  EXPECT_EQ(served[0].remote_address, "127.0.0.1");
  EXPECT_EQ(served[1].remote_address, "::1");
  EXPECT_EQ(server.server().addresses(), "[::]:" + std::to_string(server.port()));
}

TEST(Sides, ServesAUnixSocketBesideThePortAndRemovesIt) {
  const TempDir folder;
  const std::filesystem::path path = folder / "mint.sock";
  leave_stale_socket(path);
  {
    TestServer server({.unix_socket = path, .unix_socket_mode = 0606, .threads = 3});
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(HttpClient(path).post_form("/auth/token", client_credentials()).status, 200);
    }
    EXPECT_EQ(server.log().wait_for_served(1).at(0).remote_address, "unix");
    EXPECT_EQ(server.connect().get("/healthz").status, 200);
    struct stat found {};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0606U);
    EXPECT_EQ(server.server().addresses(), "127.0.0.1:" + std::to_string(server.port()) + ", unix:" + path.string());
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(Sides, AUnixSocketMayBeAll) {
  const TempDir folder;
  const TestServer server({.port = std::nullopt, .unix_socket = folder / "mint.sock"});
  EXPECT_EQ(server.port(), 0);
  EXPECT_EQ(HttpClient(folder / "mint.sock").get("/healthz").status, 200);
}

std::string problem(const ServerOptions& options) {
  const Result<void> checked = check_can_listen(options);
  return checked ? "" : checked.error().detail;
}

TEST(Sides, NeitherTakesALiveSocketNorAFileThatIsNone) {
  const TempDir folder;
  const std::filesystem::path path = folder / "mint.sock";
  const TestServer server({.unix_socket = path});
  const ServerOptions second{.port = std::nullopt, .unix_socket = path};
  EXPECT_EQ(problem(second), "cannot listen on unix:" + path.string() + ": Address already in use");
  EXPECT_EQ(HttpClient(path).get("/healthz").status, 200);
  const std::filesystem::path file = folder.write("file", "precious");
  EXPECT_EQ(problem({.port = std::nullopt, .unix_socket = file}),
            "cannot listen on unix:" + file.string() + ": there is a file that is no socket");
  EXPECT_EQ(mintmark::testing::read_all(file), "precious");
  EXPECT_NE(problem({.port = std::nullopt, .unix_socket = folder / std::string(120, 'x')}).find("at most 107 bytes"),
            std::string::npos);
}

TEST(Sides, ThereIsNothingWithoutAPublicListener) {
  EXPECT_EQ(problem({.port = std::nullopt}), "there is nothing to listen on: neither a port nor a Unix-domain socket");
}

TEST(Sides, TakesSocketsThatWereHandedOverInsteadOfItsAddresses) {
  const BoundSocket for_clients;
  const BoundSocket for_operators;
  ServerOptions options{.threads = 3};
  options.activated = {{for_clients.descriptor(), false}, {for_operators.descriptor(), true}};
  TestServer server(options);
  EXPECT_NE(server.port(), server.server().private_port());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(server.connect().post_form("/auth/token", client_credentials()).status, 200);
  }
  EXPECT_EQ(server.connect_privately().get("/metrics").status, 200);
  EXPECT_EQ(server.server().addresses(), "127.0.0.1:" + std::to_string(server.port()));
}

TEST(Sides, RefusesAHandedDescriptorThatDoesNotListen) {
  const int pipe_like = ::dup(STDERR_FILENO);
  ServerOptions options;
  options.activated = {{pipe_like, false}};
  EXPECT_EQ(problem(options),
            "cannot listen on descriptor " + std::to_string(pipe_like) + ": not a listening stream socket");
  ::close(pipe_like);
}

TEST(PrivateSide, ServesOperatorsAndNoClients) {
  TestServer server;
  HttpClient client = server.connect_privately();
  const HttpAnswer metrics = client.get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_EQ(metrics.body, "up 1\n");
  EXPECT_EQ(metrics.field("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(metrics.field("cache-control"), "no-store");
  EXPECT_EQ(client.get("/healthz").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  EXPECT_EQ(client.post_form("/auth/token", client_credentials()).status, 404);
  EXPECT_EQ(client.get("/auth/.well-known/jwks.json").status, 404);
  EXPECT_EQ(client.post_form("/metrics", {}).status, 405);
  EXPECT_EQ(server.log().wait_for_served(1).at(0).route, Route::metrics);
}

TEST(PrivateSide, IsWhereMetricsAreAndNowhereElse) {
  TestServer server;
  EXPECT_EQ(server.connect().get("/metrics").status, 404);
}

TEST(PrivateSide, CanBeLeftOut) {
  ServerOptions options;
  options.private_side.port = std::nullopt;
  TestServer server(options);
  EXPECT_EQ(server.server().private_port(), 0);
  EXPECT_EQ(server.server().private_addresses(), "");
  EXPECT_EQ(server.connect().get("/healthz").status, 200);
  server.server().drain();
  EXPECT_TRUE(server.wait_until_stopped());
}

TEST(PrivateSide, IsThereWhenClientsHaveTakenAllConnectionsAndThePoolIsBusy) {
  Gate gate;
  TestServer server({.max_connections = 1}, {.stored_origin = [&gate](std::string_view) -> Result<bool> {
                      gate.pass();
                      return false;
                    }});
  HttpClient only = server.connect();
  only.send(
      "OPTIONS /auth/token HTTP/1.1\r\nHost: a\r\nOrigin: https://unknown.example.com\r\n"
      "Access-Control-Request-Method: POST\r\n\r\n");
  gate.wait_for_arrivals(1);  // on the one thread of the storage pool
  EXPECT_EQ(server.connect().receive().status, 503);
  HttpClient client = server.connect_privately();
  EXPECT_EQ(client.get("/metrics").status, 200);
  EXPECT_EQ(client.get("/readyz").status, 200);
  gate.open();
  EXPECT_EQ(only.receive().status, 204);
}

TEST(PrivateSide, HasALimitOfItsOwn) {
  ServerOptions options;
  options.private_side.max_connections = 1;
  TestServer server(options);
  HttpClient first = server.connect_privately();
  EXPECT_EQ(first.get("/healthz").status, 200);
  EXPECT_EQ(server.connect_privately().receive().status, 503);
  EXPECT_EQ(server.connect().get("/healthz").status, 200);
}

TEST(Drain, ServesClientsWhileItIsNotReadyAndOperatorsToTheEnd) {
  Gate gate;
  TestServer server(
      {.drain_delay = 300ms},
      {.password_grant = [&gate](const oauth::RequestContext&) -> oauth::OAuthResult<oauth::Authorization> {
        gate.pass();
        return oauth::OAuthError{oauth::OAuthCode::invalid_grant, "wrong username or password"};
      }});
  HttpClient idle = server.connect();
  EXPECT_EQ(idle.get("/healthz").status, 200);
  HttpClient login = server.connect();
  server.server().drain();
  EXPECT_EQ(server.connect().get("/readyz").status, 503);
  EXPECT_EQ(server.connect_privately().get("/readyz").status, 503);
  const HttpAnswer token = server.connect().post_form("/auth/token", client_credentials());
  EXPECT_EQ(token.status, 200) << "new connections are accepted";
  EXPECT_EQ(token.field("connection"), "close") << "and asked to go elsewhere";
  login.send(
      "POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Content-Length: 63\r\n\r\ngrant_type=password&client_id=app&username=alice&password=secre");
  gate.wait_for_arrivals(1);
  EXPECT_TRUE(idle.at_end()) << "after the delay";
  EXPECT_EQ(server.connect_privately().get("/metrics").status, 200) << "while a client is waited for";
  EXPECT_EQ(server.connect_privately().get("/readyz").status, 503);
  gate.open();
  EXPECT_EQ(login.receive().status, 400);
  EXPECT_TRUE(server.wait_until_stopped());
  EXPECT_THROW(server.connect_privately(), std::runtime_error);
}

TEST(Update, TakesOverWhatCanChangeForTheNextRequest) {
  ServerOptions options{.port = 0, .threads = 2};
  options.private_side.port = 0;
  TestServer server(options);
  HttpClient client = server.connect();
  EXPECT_EQ(client.get("/healthz").status, 200);
  options.max_requests_per_connection = 2;
  options.max_body_bytes = 1024;
  ASSERT_TRUE(server.server().update(options));
  EXPECT_EQ(client.post_form("/auth/token", {{"x", std::string(2000, 'x')}}).status, 413);
  HttpClient next = server.connect();
  EXPECT_EQ(next.get("/healthz").field("connection"), "");
  EXPECT_EQ(next.get("/healthz").field("connection"), "close");
}

TEST(Update, RefusesWhatCannotChange) {
  ServerOptions options{.port = 0, .threads = 2};
  options.private_side.port = 0;
  TestServer server(options);
  const auto refused = [&](const auto& change) {
    ServerOptions next = options;
    next.max_requests_per_connection = 1;
    change(next);
    const Result<void> updated = server.server().update(next);
    EXPECT_FALSE(updated);
    return updated ? "" : updated.error().detail;
  };
  EXPECT_EQ(refused([](ServerOptions& next) { next.port = 1; }),
            "the address and port cannot be changed while the server runs");
  EXPECT_EQ(refused([](ServerOptions& next) { next.threads = 3; }),
            "the number of network threads cannot be changed while the server runs");
  EXPECT_EQ(refused([](ServerOptions& next) { next.private_side.port = 1; }),
            "the private address and port cannot be changed while the server runs");
  EXPECT_NE(refused([](ServerOptions& next) { next.tls.certificate_file = "/nowhere.crt"; }).find("/nowhere.crt"),
            std::string::npos);
  HttpClient client = server.connect();
  EXPECT_EQ(client.get("/healthz").field("connection"), "") << "nothing has changed";
}

}  // namespace
}  // namespace mintmark::http::testing
