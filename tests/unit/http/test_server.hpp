#pragma once
// A real server on a free port of 127.0.0.1, whose grants, store and readiness do what the test says.

#include <gtest/gtest.h>

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "mintmark/http/server.hpp"
#include "support/http_client.hpp"

namespace mintmark::http::testing {

using mintmark::testing::basic_authorization;
using mintmark::testing::HttpAnswer;
using mintmark::testing::HttpClient;
using mintmark::testing::HttpFields;

inline constexpr const char* kApi = "https://api.example.com";
inline constexpr const char* kAppOrigin = "https://app.example.com";
inline constexpr const char* kStoredOrigin = "https://stored.example.com";

class RecordingLog final : public AccessLog {
 public:
  struct Served {
    Method method;
    Route route;
    unsigned status;
    std::size_t answer_bytes;
    bool complete;
    std::string request_id;
    std::string remote_address;
    std::optional<oauth::OAuthCode> error;
    std::optional<oauth::GrantType> grant;
    std::string trace_id;
    std::string parent_id;
  };

  void request_served(const ServedRequest& request) noexcept override;
  void server_problem(std::string_view request_id, const Error& error) noexcept override;
  void connection_refused(ConnectionRefusal why, std::string_view peer) noexcept override;
  void handshake_failed(const FailedHandshake& handshake) noexcept override;

  /// Waits until there are as many.
  std::vector<Served> wait_for_served(std::size_t count);
  /// Waits for an answer that was not sent to its end.
  std::optional<Served> wait_for_incomplete();
  std::vector<std::string> problems();
  /// "REASON PEER" of each.
  std::vector<std::string> refused_connections();
  /// "127.0.0.1 wrong version number"
  std::vector<std::string> wait_for_failed_handshakes(std::size_t count);
  /// Waits until there are as many.
  std::vector<std::string> wait_for_problems(std::size_t count);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Served> served_;
  std::vector<std::string> problems_;
  std::vector<std::string> refused_;
  std::vector<std::string> failed_handshakes_;
};

/// Where jobs wait until the test lets them go.
class Gate {
 public:
  /// From a job: says that it is here, and waits.
  void pass();
  void wait_for_arrivals(std::size_t count);
  void open();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t arrivals_ = 0;
  bool open_ = false;
};

/// What the test decides. All of it is called from several threads.
struct Script {
  oauth::RequestLimits limits = {};
  std::function<oauth::OAuthResult<oauth::Authorization>(const oauth::RequestContext&)> password_grant = {};
  std::function<Result<void>()> readiness = [] { return Result<void>(); };
  std::function<std::string()> metrics = [] { return std::string("up 1\n"); };
  std::function<Result<bool>(std::string_view)> stored_origin = [](std::string_view origin) {
    return Result<bool>(origin == kStoredOrigin);
  };
};

/// Clients: "service" (client_credentials, secret "service-secret"), "app" (public, password, pages of kAppOrigin).
/// Pools of one thread; the password pool lets one job wait.
class TestServer {
 public:
  explicit TestServer(ServerOptions options = {}, Script script = {});
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  /// Opens nothing: a job that still waits must be let go by the test.
  ~TestServer();

  [[nodiscard]] HttpClient connect() const { return HttpClient(port()); }
  [[nodiscard]] HttpClient connect_privately() const { return HttpClient(server_->private_port()); }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  Server& server() { return *server_; }
  RecordingLog& log() { return log_; }
  void publish_metadata(std::string document);
  [[nodiscard]] const keys::KeyRing& ring() const;
  /// Waits until a job waits for a thread of the password pool.
  void wait_for_queued_login() const;
  /// Whether run() returns within ten seconds.
  bool wait_until_stopped();

 private:
  struct Mint;
  RecordingLog log_;
  Script script_;
  std::unique_ptr<Mint> mint_;
  std::unique_ptr<Server> server_;
  std::future<void> running_;
};

/// A form that "service" may post.
HttpFields client_credentials();
/// A form that "app" may post; the script decides what becomes of it.
HttpFields password_login();

}  // namespace mintmark::http::testing
