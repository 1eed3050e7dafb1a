// Connections: framing, limits, deadlines, draining. What is answered is in documents_test.cpp and
// token_route_test.cpp.

#include "mintmark/http/server.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <set>
#include <stdexcept>
#include <thread>

#include "mintmark/http/listen_check.hpp"
#include "test_server.hpp"

namespace mintmark::http::testing {
namespace {

using namespace std::chrono_literals;

TEST(Server, AnswersManyRequestsOnOneConnection) {
  TestServer server;
  HttpClient client = server.connect();
  for (int i = 0; i < 3; ++i) {
    const HttpAnswer answer = client.get("/healthz");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"status":"ok"})");
    EXPECT_FALSE(answer.has("connection"));
  }
}

TEST(Server, PutsTheCommonFieldsOnEveryAnswer) {
  TestServer server;
  HttpClient client = server.connect();
  std::set<std::string> ids;
  for (const HttpAnswer& answer : {client.get("/healthz"), client.get("/nothing"), client.get("/auth/token"),
                                   client.post_form("/auth/token", client_credentials())}) {
    EXPECT_EQ(answer.field("x-content-type-options"), "nosniff");
    EXPECT_EQ(answer.field("date"), "Fri, 15 Jan 2027 08:00:00 GMT");
    EXPECT_EQ(answer.field("x-request-id").size(), 16u);
    EXPECT_FALSE(answer.has("server"));
    ids.insert(answer.field("x-request-id"));
  }
  EXPECT_EQ(ids.size(), 4u);
}

TEST(Server, IgnoresForeignRequestIdsAndForwardingFields) {
  TestServer server;
  const HttpAnswer answer = server.connect().get(
      "/healthz", {{"X-Request-Id", "mine"}, {"X-Forwarded-For", "9.9.9.9"}, {"Forwarded", "for=9.9.9.9"}});
  EXPECT_NE(answer.field("x-request-id"), "mine");
  const auto served = server.log().wait_for_served(1);
  EXPECT_EQ(served.at(0).remote_address, "127.0.0.1");
  EXPECT_EQ(served.at(0).request_id, answer.field("x-request-id"));
}

// https://www.w3.org/TR/trace-context/
TEST(Server, TellsTheTraceToTheLogAndNobodyElse) {
  TestServer server;
  HttpClient client = server.connect();
  const std::string trace_id = "4bf92f3577b34da6a3ce929d0e0e4736";
  const HttpAnswer answer =
      client.post_form("/auth/token", {{"grant_type", "client_credentials"}},
                       {{"Traceparent", "00-" + trace_id + "-00f067aa0ba902b7-01"}, {"tracestate", "vendor=opaque"}});
  client.get("/healthz", {{"traceparent", "00-" + trace_id + "-0000000000000000-01"}});
  const auto served = server.log().wait_for_served(2);
  EXPECT_EQ(served.at(0).trace_id, trace_id);
  EXPECT_EQ(served.at(0).parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(served.at(1).trace_id, "");
  EXPECT_EQ(served.at(1).parent_id, "");
  EXPECT_EQ(answer.raw.find("trace"), std::string::npos);
  EXPECT_EQ(answer.raw.find(trace_id), std::string::npos);
}

TEST(Server, ServesBothFamiliesOnOneSocket) {
  if (!check_can_listen({.address = "::", .port = 0})) GTEST_SKIP() << "no IPv6 here";
  TestServer server({.address = "::"});
  EXPECT_EQ(HttpClient(server.port(), "127.0.0.1").get("/healthz").status, 200);
  EXPECT_EQ(server.log().wait_for_served(1).at(0).remote_address, "127.0.0.1");  // RFC 4291 §2.5.5.2: not ::ffff:…
  EXPECT_EQ(HttpClient(server.port(), "::1").get("/healthz").status, 200);
  EXPECT_EQ(server.log().wait_for_served(2).at(1).remote_address, "::1");
}

TEST(Server, ReportsEachRequestWithClosedLabels) {
  TestServer server;
  HttpClient client = server.connect();
  const HttpAnswer health = client.get("/healthz?secret=1");
  client.request("BREW", "/pot");
  client.post_form("/auth/token", {{"grant_type", "client_credentials"}});
  const auto served = server.log().wait_for_served(3);
  ASSERT_EQ(served.size(), 3u);
  EXPECT_EQ(served[0].method, Method::get);
  EXPECT_EQ(served[0].route, Route::health);
  EXPECT_EQ(served[0].status, 200u);
  EXPECT_EQ(served[0].answer_bytes, health.raw.size());
  EXPECT_TRUE(served[0].complete);
  EXPECT_EQ(served[0].error, std::nullopt);
  EXPECT_EQ(served[1].method, Method::other);
  EXPECT_EQ(served[1].route, Route::other);
  EXPECT_EQ(served[1].status, 404u);
  EXPECT_EQ(served[2].route, Route::token);
  EXPECT_EQ(served[2].error, oauth::OAuthCode::invalid_client);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  Gate gate;
  TestServer server({}, {.readiness = [&gate]() -> Result<void> {
                      gate.pass();
                      return {};
                    }});
  HttpClient client = server.connect();
  client.send(
      "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
      "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
  gate.open();  // The first is the slowest.
  EXPECT_EQ(client.receive().body, R"({"status":"ready"})");
  EXPECT_EQ(client.receive().body, R"({"status":"ok"})");
  EXPECT_EQ(client.receive().status, 404);
}

TEST(Server, ReadsARequestByteByByte) {
  TestServer server;
  HttpClient client = server.connect();
  for (const char c : std::string("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")) {
    client.send(std::string_view(&c, 1));
  }
  EXPECT_EQ(client.receive().status, 200);
}

TEST(Server, ClosesWhenAsked) {  // RFC 9112 §9.6
  TestServer server;
  HttpClient client = server.connect();
  EXPECT_EQ(client.get("/healthz", {{"Connection", "close"}}).field("connection"), "close");
  EXPECT_TRUE(client.at_end());
  HttpClient old = server.connect();
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.receive().status, 200);
  EXPECT_TRUE(old.at_end());
}

TEST(Server, ClosesAfterTheLastRequestOfAConnection) {
  TestServer server({.max_requests_per_connection = 2});
  HttpClient client = server.connect();
  EXPECT_FALSE(client.get("/healthz").has("connection"));
  EXPECT_EQ(client.get("/healthz").field("connection"), "close");
  EXPECT_TRUE(client.at_end());
}

TEST(Server, AnswersAHalfClosedClient) {
  TestServer server;
  HttpClient client = server.connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
  client.finish_sending();
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_TRUE(client.at_end());
}

TEST(Server, RefusesAndClosesAfterAnyFramingError) {  // RFC 9112 §9.3, §11.2
  TestServer server;
  const std::string next = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  const std::string post = "POST /auth/token HTTP/1.1\r\nHost: a\r\n";
  const std::vector<std::pair<std::string, int>> rows = {
      {"nonsense\r\n\r\n", 400},
      {post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {post + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n", 400},
      {post + "X: y\r\n folded\r\nContent-Length: 0\r\n\r\n", 400},
      {post + "Host: b\r\nContent-Length: 0\r\n\r\n", 400},
      {post + "Authorization: Basic a\r\nAuthorization: Basic b\r\nContent-Length: 0\r\n\r\n", 400},
      {post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
      {post + "Transfer-Encoding: gzip\r\n\r\n", 501},
      {post + "\r\n", 411},
      {post + "Content-Length: 1\r\nExpect: more\r\n\r\n", 417},
      {post + "Content-Length: 40000\r\n\r\n", 413},
      {"GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n", 414},
      {"GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n\r\n", 431},
  };
  for (const auto& [bytes, status] : rows) {
    HttpClient client = server.connect();
    client.send(bytes + next);
    const HttpAnswer answer = client.receive();
    EXPECT_EQ(answer.status, status) << bytes.substr(0, 80);
    EXPECT_EQ(answer.field("content-type"), "application/json");
    EXPECT_EQ(answer.error(), "invalid_request");
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_EQ(answer.field("cache-control"), "no-store");
    client.finish_sending();
    EXPECT_TRUE(client.at_end()) << bytes.substr(0, 80);
  }
  EXPECT_EQ(server.log().wait_for_served(rows.size()).size(), rows.size());  // and none of the requests behind them
}

TEST(Server, AnswersAnOversizedBodyThatIsBeingSent) {
  TestServer server;
  HttpClient client = server.connect();
  client.send("POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n");
  client.send(std::string(200'000, 'x'));
  EXPECT_EQ(client.receive().status, 413);
}

TEST(Server, TakesChunkedBodies) {
  TestServer server;
  HttpClient client = server.connect();
  client.send(
      "POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Transfer-Encoding: chunked\r\n\r\n1d\r\ngrant_type=client_credentials\r\n"
      "2f\r\n&client_id=service&client_secret=service-secret\r\n0\r\n\r\n");
  EXPECT_EQ(client.receive().status, 200);
  EXPECT_EQ(client.get("/healthz").status, 200);
}

TEST(Server, SaysContinueOnlyToWhoWaits) {  // RFC 9110 §10.1.1
  TestServer server;
  HttpClient client = server.connect();
  const std::string head =
      "POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
      "Expect: 100-continue\r\nContent-Length: 13\r\n\r\n";
  client.send(head);
  EXPECT_EQ(client.receive_head().raw, "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("grant_type=xy");
  EXPECT_EQ(client.receive().status, 401);
  client.send(head + "grant_type=xy");
  EXPECT_EQ(client.receive().status, 401);
}

TEST(Server, AnswersASlowRequestWith408) {  // a slow-loris
  TestServer server({.request_deadline = 100ms});
  for (const char* begin : {"G", "GET /healthz HTTP/1.1\r\nHost: a\r\n",
                            "POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"}) {
    HttpClient client = server.connect();
    client.send(begin);
    const HttpAnswer answer = client.receive();
    EXPECT_EQ(answer.status, 408);
    EXPECT_EQ(answer.error(), "invalid_request");
    EXPECT_EQ(answer.field("connection"), "close");
  }
}

// RFC 9112 §9.6: closing on what is still arriving would reset the connection, and the answer could be lost.
TEST(Server, ListensOnForAMomentToAClientThatWasToldItIsSlow) {
  TestServer server({.request_deadline = 100ms});
  HttpClient client = server.connect();
  client.send("G");
  EXPECT_EQ(client.receive().status, 408);
  EXPECT_NO_THROW({
    for (int i = 0; i < 5; ++i) {
      client.send("E");
      std::this_thread::sleep_for(10ms);  // for a reset to come back
    }
  });
}

TEST(Server, ClosesIdleConnectionsWithoutAWord) {
  TestServer server({.idle_timeout = 100ms});
  EXPECT_TRUE(server.connect().at_end());
  HttpClient used = server.connect();
  EXPECT_EQ(used.get("/healthz").status, 200);
  EXPECT_TRUE(used.at_end());
}

TEST(Server, CutsClientsThatDoNotRead) {
  TestServer server({.write_deadline = 100ms, .max_requests_per_connection = 1'000'000});
  HttpClient client = server.connect();
  std::string many;
  for (int i = 0; i < 1000; ++i) {
    many += "GET /auth/.well-known/jwks.json HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  // Unread answers fill the buffers of both sides, and then the server stops reading and cuts.
  EXPECT_THROW(
      {
        for (int i = 0; i < 1000; ++i) {
          client.send(many);
        }
      },
      std::runtime_error);
  const std::optional<RecordingLog::Served> cut = server.log().wait_for_incomplete();
  ASSERT_TRUE(cut);
  EXPECT_LT(cut->answer_bytes, server.log().wait_for_served(1).at(0).answer_bytes);
}

TEST(Server, RefusesConnectionsBeyondTheLimit) {
  TestServer server({.max_connections = 2});
  HttpClient first = server.connect();
  {
    HttpClient second = server.connect();
    EXPECT_EQ(first.get("/healthz").status, 200);
    EXPECT_EQ(second.get("/healthz").status, 200);
    HttpClient third = server.connect();
    const HttpAnswer answer = third.receive();
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.error(), "temporarily_unavailable");
    EXPECT_EQ(answer.field("retry-after"), "1");
    EXPECT_EQ(answer.field("connection"), "close");
    EXPECT_TRUE(third.at_end());
    const ServerLoad load = server.server().load();
    EXPECT_EQ(load.connections, 2u);
    EXPECT_EQ(load.max_connections, 2u);
    EXPECT_EQ(second.get("/healthz", {{"Connection", "close"}}).status, 200);
    EXPECT_TRUE(second.at_end());
  }
  // The place is free again as soon as the server has noticed.
  for (int status = 0; status != 200;) {
    HttpClient again = server.connect();
    again.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    status = again.receive().status;
  }
}

/// Lets this process open no more files than `more` beside those that are open.
class FewFiles {
 public:
  explicit FewFiles(rlim_t more) {
    const int next = ::dup(STDERR_FILENO);  // the lowest that is free
    ::close(next);
    ::getrlimit(RLIMIT_NOFILE, &former_);
    rlimit limit = former_;
    limit.rlim_cur = static_cast<rlim_t>(next) + more;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  FewFiles(const FewFiles&) = delete;
  FewFiles& operator=(const FewFiles&) = delete;
  ~FewFiles() { ::setrlimit(RLIMIT_NOFILE, &former_); }

 private:
  rlimit former_{};
};

TEST(Server, RefusesConnectionsOfOneSourceBeyondItsLimit) {
  TestServer server({.max_connections_per_source = 2});
  HttpClient first(server.port());
  ASSERT_EQ(first.get("/healthz").status, 200);
  {
    HttpClient second(server.port());
    ASSERT_EQ(second.get("/healthz").status, 200);
    HttpClient third(server.port());
    const HttpAnswer refused = third.receive();
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.error(), "temporarily_unavailable");
    EXPECT_TRUE(third.at_end());
  }
  EXPECT_EQ(server.log().refused_connections(), std::vector<std::string>{"too_many_of_source 127.0.0.1"});
  // A place is free again as soon as the server has seen the end of a connection.
  bool served = false;
  for (int attempt = 0; attempt < 1000 && !served; ++attempt) {
    try {
      served = HttpClient(server.port()).get("/healthz").status == 200;
    } catch (const std::runtime_error&) {  // refused and reset
    }
  }
  EXPECT_TRUE(served);
}

TEST(Server, DoesNotCountTheConnectionsOfTrustedProxies) {
  ServerOptions options{.max_connections_per_source = 1};
  ASSERT_TRUE(add_trusted_proxy(options.trusted_proxies, "127.0.0.0/8"));
  TestServer server(options);
  HttpClient first(server.port());
  HttpClient second(server.port());
  EXPECT_EQ(first.get("/healthz").status, 200);
  EXPECT_EQ(second.get("/healthz").status, 200);
}

TEST(Server, BelievesTheOneHeaderOfTrustedProxies) {  // RFC 7239
  ServerOptions options;
  ASSERT_TRUE(add_trusted_proxy(options.trusted_proxies, "127.0.0.1"));
  TestServer server(options);
  HttpClient client = server.connect();
  (void)client.get("/healthz", {{"X-Forwarded-For", "6.6.6.6, 198.51.100.7"}, {"Forwarded", "for=198.51.100.9"}});
  (void)client.get("/healthz", {{"x-forwarded-for", "198.51.100.7"}, {"X-FORWARDED-FOR", "2001:db8::7"}});
  (void)client.get("/healthz", {{"Forwarded", "for=198.51.100.9"}});
  client.send("POST /token HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.7\r\n\r\n");  // 411: not understood
  const auto served = server.log().wait_for_served(4);
  ASSERT_EQ(served.size(), 4U);
  EXPECT_EQ(served[0].remote_address, "198.51.100.7");
  EXPECT_EQ(served[1].remote_address, "2001:db8::7");
  EXPECT_EQ(served[2].remote_address, "127.0.0.1");
  EXPECT_EQ(served[3].remote_address, "127.0.0.1");
}

TEST(Server, ReadsForwardedWhereItIsConfigured) {  // RFC 7239
  ServerOptions options{.forwarded_header = ForwardedHeader::forwarded};
  ASSERT_TRUE(add_trusted_proxy(options.trusted_proxies, "127.0.0.1"));
  TestServer server(options);
  (void)server.connect().get("/healthz", {{"X-Forwarded-For", "198.51.100.7"}, {"Forwarded", "for=198.51.100.9"}});
  EXPECT_EQ(server.log().wait_for_served(1).at(0).remote_address, "198.51.100.9");
}

TEST(Server, GoesOnAfterItHasRunOutOfFilesAndSaysSoOnce) {
  ServerOptions options{.threads = 1};
  options.private_side.port = std::nullopt;  // which would run out of them too
  TestServer server(options);
  std::optional<FewFiles> limit(1);
  HttpClient client = server.connect();
  const std::vector<std::string> told{" cannot accept a connection: Too many open files"};
  EXPECT_EQ(server.log().wait_for_problems(1), told);
  std::this_thread::sleep_for(500ms);  // for the next attempts to fail
  EXPECT_EQ(server.log().problems(), told);
  limit.reset();
  EXPECT_EQ(client.get("/healthz").status, 200);
}

TEST(Server, TurnsAnExceptionIntoA500AndGoesOn) {
  TestServer server({},
                    {.password_grant = [](const oauth::RequestContext&) -> oauth::OAuthResult<oauth::Authorization> {
                      throw std::runtime_error("internals");
                    }});
  HttpClient client = server.connect();
  const HttpAnswer answer = client.post_form("/auth/token", password_login());
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.error(), "server_error");
  EXPECT_EQ(answer.json()["request_id"], answer.field("x-request-id"));
  EXPECT_EQ(answer.raw.find("internals"), std::string::npos);
  EXPECT_TRUE(client.at_end());
  EXPECT_EQ(server.connect().get("/healthz").status, 200);
  const std::vector<std::string> problems = server.log().problems();
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], answer.field("x-request-id") + " request failed: internals");
}

TEST(Server, AnswersAtOnceWhenAPoolIsFull) {
  Gate gate;
  TestServer server(
      {}, {.password_grant = [&gate](const oauth::RequestContext&) -> oauth::OAuthResult<oauth::Authorization> {
        gate.pass();
        return oauth::OAuthError{oauth::OAuthCode::invalid_grant, "wrong username or password"};
      }});
  const std::string login = [] {
    const std::string form = mintmark::testing::encode_form(password_login());
    return "POST /auth/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nOrigin: " +
           std::string(kAppOrigin) + "\r\nContent-Length: " + std::to_string(form.size()) + "\r\n\r\n" + form;
  }();
  HttpClient running = server.connect();
  running.send(login);
  gate.wait_for_arrivals(1);
  // Of two more, the queue takes one; which one is for the network threads to race for.
  HttpClient waiting = server.connect();
  HttpClient third = server.connect();
  waiting.send(login);
  third.send(login);
  const auto refused = server.log().wait_for_served(1);
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_EQ(refused[0].status, 503u);
  EXPECT_EQ(refused[0].error, oauth::OAuthCode::temporarily_unavailable);
  EXPECT_EQ(server.connect().get("/healthz").status, 200);  // Network threads wait for no pool.
  gate.open();
  EXPECT_EQ(running.receive().status, 400);
  const HttpAnswer a = waiting.receive();
  const HttpAnswer b = third.receive();
  EXPECT_EQ(a.status + b.status, 400 + 503);
  const HttpAnswer& busy = a.status == 503 ? a : b;
  EXPECT_EQ(busy.error(), "temporarily_unavailable");
  EXPECT_EQ(busy.field("retry-after"), "1");
  EXPECT_EQ(busy.field("cache-control"), "no-store");
}

TEST(Server, DropsAJobThatHasWaitedLongerThanTheRequestDeadline) {
  Gate gate;
  std::atomic<int> begun = 0;
  TestServer server({.request_deadline = 100ms},
                    {.password_grant = [&](const oauth::RequestContext&) -> oauth::OAuthResult<oauth::Authorization> {
                      ++begun;
                      gate.pass();
                      return oauth::OAuthError{oauth::OAuthCode::invalid_grant, "wrong username or password"};
                    }});
  const auto log_in = [&] { return server.connect().post_form("/auth/token", password_login()); };
  std::future<HttpAnswer> running = std::async(std::launch::async, log_in);
  gate.wait_for_arrivals(1);
  std::future<HttpAnswer> waiting = std::async(std::launch::async, log_in);
  server.wait_for_queued_login();
  std::this_thread::sleep_for(150ms);  // beyond the deadline
  gate.open();
  EXPECT_EQ(running.get().status, 400) << "work that has begun is finished";
  const HttpAnswer dropped = waiting.get();
  EXPECT_EQ(dropped.status, 503);
  EXPECT_EQ(dropped.error(), "temporarily_unavailable");
  EXPECT_EQ(dropped.field("retry-after"), "1");
  EXPECT_EQ(begun, 1);
}

TEST(Server, Demand6_RefusesALoginAtOnceThatCouldNotBeAnsweredInTime) {
  Gate gate;
  std::atomic<int> begun = 0;
  TestServer server({.request_deadline = 100ms},
                    {.password_grant = [&](const oauth::RequestContext&) -> oauth::OAuthResult<oauth::Authorization> {
                      if (++begun == 1) std::this_thread::sleep_for(150ms);  // what a hash takes here
                      if (begun > 1) gate.pass();
                      return oauth::OAuthError{oauth::OAuthCode::invalid_grant, "wrong username or password"};
                    }});
  const auto log_in = [&] {
    return server.connect().post_form("/auth/token", password_login(), {{"Origin", kAppOrigin}});
  };
  EXPECT_EQ(log_in().status, 400);
  std::future<HttpAnswer> running = std::async(std::launch::async, log_in);
  gate.wait_for_arrivals(1);
  const HttpAnswer refused = log_in();  // while the only thread is at work: nobody has to let it go first
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.error(), "temporarily_unavailable");
  EXPECT_EQ(refused.field("retry-after"), "1");
  EXPECT_EQ(refused.field("access-control-allow-origin"), kAppOrigin);
  gate.open();
  EXPECT_EQ(running.get().status, 400);
  EXPECT_EQ(log_in().status, 400) << "an idle thread is always tried again";
  EXPECT_EQ(begun, 3);
}

TEST(Server, DrainsIdleConnectionsAtOnceAndRequestsInFlightWhenTheyAreDone) {
  Gate gate;
  TestServer server({}, {.readiness = [&gate]() -> Result<void> {
                      gate.pass();
                      return {};
                    }});
  HttpClient idle = server.connect();
  EXPECT_EQ(idle.get("/healthz").status, 200);
  HttpClient busy = server.connect();
  busy.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
  gate.wait_for_arrivals(1);
  server.server().drain();
  EXPECT_TRUE(idle.at_end());
  gate.open();
  const HttpAnswer answer = busy.receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("connection"), "close");
  EXPECT_TRUE(busy.at_end());
  EXPECT_TRUE(server.wait_until_stopped());
  EXPECT_THROW(server.connect(), std::runtime_error);
}

TEST(Server, FinishesAHalfReadRequestButIsNotReadyWhileItDrains) {
  TestServer server;
  HttpClient client = server.connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /readyz HTTP/1.1\r\n");
  EXPECT_EQ(client.receive().status, 200);
  server.server().drain();
  client.send("Host: a\r\n\r\n");
  const HttpAnswer answer = client.receive();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, R"({"status":"not ready"})");
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(server.wait_until_stopped());
}

TEST(Server, CutsWhatHasNotFinishedAfterTheDrainTime) {
  TestServer server({.drain_time = 100ms});
  HttpClient client = server.connect();
  client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\n");
  EXPECT_EQ(client.receive().status, 200);
  server.server().drain();
  EXPECT_TRUE(client.at_end());
  EXPECT_TRUE(server.wait_until_stopped());
}

TEST(Server, StopsWithoutConnectionsAtOnce) {
  TestServer server({.drain_time = 10min});
  server.server().drain();
  EXPECT_TRUE(server.wait_until_stopped());
}

TEST(Server, StopsNowAndWaitsOnlyForJobsThatRun) {
  Gate gate;
  std::atomic<int> begun = 0;
  TestServer server({.drain_time = 10min}, {.readiness = [&]() -> Result<void> {
                      ++begun;
                      gate.pass();
                      return {};
                    }});
  HttpClient running = server.connect();
  running.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
  gate.wait_for_arrivals(1);
  HttpClient queued = server.connect();
  queued.send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\nx");
  HttpClient idle = server.connect();
  server.server().stop_now();
  EXPECT_TRUE(idle.at_end());
  EXPECT_TRUE(running.at_end());
  gate.open();
  EXPECT_TRUE(server.wait_until_stopped());
  EXPECT_EQ(begun, 1);
}

}  // namespace
}  // namespace mintmark::http::testing
