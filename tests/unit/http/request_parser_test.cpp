#include <gtest/gtest.h>

#include "mintmark/http/request.hpp"

namespace mintmark::http {
namespace {

using State = RequestParser::State;

constexpr std::size_t kMaxHeader = 512;
constexpr std::size_t kMaxBody = 64;

/// Feeds `bytes` in pieces, as a connection would, and says how many were used.
std::size_t feed(RequestParser& parser, std::string_view bytes, std::size_t piece) {
  std::string pending;
  std::size_t used_in_all = 0;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    pending += bytes.substr(at, piece);
    while (!pending.empty()) {
      const std::size_t used = parser.consume(pending);
      pending.erase(0, used);
      used_in_all += used;
      if (parser.state() == State::complete || parser.state() == State::refused) return used_in_all;
      if (used == 0) break;
    }
  }
  return used_in_all;
}

RequestParser parse(std::string_view bytes, std::size_t piece = std::string_view::npos) {
  RequestParser parser(kMaxHeader, kMaxBody);
  feed(parser, bytes, std::min(piece, bytes.size()));
  return parser;
}

/// The status of the refusal; 0 for a complete request and -1 for one that wants more. Whole and byte by byte must
/// agree.
int refusal(std::string_view bytes) {
  const auto status = [](const RequestParser& parser) {
    if (parser.state() == State::refused) return static_cast<int>(parser.refusal().status);
    return parser.state() == State::complete ? 0 : -1;
  };
  const int whole = status(parse(bytes));
  EXPECT_EQ(status(parse(bytes, 1)), whole) << bytes;
  return whole;
}

TEST(RequestParser, ReadsWhatIsActedUpon) {
  const std::string bytes =
      "POST /token?x=1 HTTP/1.1\r\nHost: a\r\nauthorization:  Basic eA== \r\nContent-Type: application/json\r\n"
      "Origin: https://o\r\nAccept: a/b\r\nIf-None-Match: \"e\"\r\nAccess-Control-Request-Method: POST\r\n"
      "X-Forwarded-For: 1.2.3.4\r\nContent-Length: 5\r\n\r\nhello";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
    const RequestParser parser = parse(bytes, piece);
    ASSERT_EQ(parser.state(), State::complete);
    const Request& request = parser.request();
    EXPECT_EQ(request.method, Method::post);
    EXPECT_EQ(request.path, "/token");
    EXPECT_EQ(request.query, "x=1");
    EXPECT_EQ(request.authorization, "Basic eA==");
    EXPECT_EQ(request.content_type, "application/json");
    EXPECT_EQ(request.origin, "https://o");
    EXPECT_EQ(request.accept, "a/b");
    EXPECT_EQ(request.if_none_match, "\"e\"");
    EXPECT_EQ(request.access_control_request_method, "POST");
    EXPECT_EQ(request.body, "hello");
    EXPECT_TRUE(request.keep_alive);
    EXPECT_FALSE(parser.expects_continue());
  }
}

// https://www.w3.org/TR/trace-context/#traceparent-header
TEST(RequestParser, ReadsTheTraceThatARequestBelongsTo) {
  const std::string value = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto read = [](const std::string& fields) {
    const RequestParser parser = parse("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
    EXPECT_EQ(parser.state(), State::complete) << fields;
    return std::pair(std::string(parser.request().trace.trace_id), std::string(parser.request().trace.parent_id));
  };
  const std::pair<std::string, std::string> none;
  const std::pair<std::string, std::string> expected("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
  EXPECT_EQ(read("traceparent: " + value + "\r\n"), expected);
  EXPECT_EQ(read("TraceParent:\t" + value + " \r\ntracestate: a=b\r\n"), expected);
  EXPECT_EQ(read(""), none);
  EXPECT_EQ(read("traceparent: \r\n"), none);
  EXPECT_EQ(read("traceparent: " + value + "-\r\n"), none);
  EXPECT_EQ(read("traceparent: " + value + "\r\ntraceparent: " + value + "\r\n"), none) << "two";
  EXPECT_EQ(read("trace-parent: " + value + "\r\n"), none);
}

TEST(RequestParser, LeavesWhatFollowsToTheNextParser) {
  const std::string first = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok";
  RequestParser parser(kMaxHeader, kMaxBody);
  EXPECT_EQ(feed(parser, first + "GET / HTTP/1.1\r\n", 1000), first.size());
  EXPECT_EQ(parser.state(), State::complete);
}

TEST(RequestParser, ReadsChunkedBodiesAndDropsTrailers) {  // RFC 9112 §7.1
  const std::string bytes =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3;ext=\"v\"\r\nabc\r\n0004\r\ndefg\r\n0\r\nAuthorization: evil\r\nExpires: x\r\n\r\n";
  for (const std::size_t piece : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
    const RequestParser parser = parse(bytes, piece);
    ASSERT_EQ(parser.state(), State::complete);
    EXPECT_EQ(parser.request().body, "abcdefg");
    EXPECT_EQ(parser.request().authorization, std::nullopt);
  }
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 0);
}

TEST(RequestParser, KnowsWhoWillSendAnotherRequest) {  // RFC 9112 §9.3
  EXPECT_TRUE(parse("GET / HTTP/1.1\r\nHost: a\r\n\r\n").request().keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n").request().keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").request().keep_alive);
  EXPECT_FALSE(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").request().keep_alive);
}

TEST(RequestParser, TakesTheAbsoluteFormOfATarget) {  // RFC 9112 §3.2.2
  EXPECT_EQ(parse("GET http://h:80/p?q HTTP/1.1\r\nHost: a\r\n\r\n").request().path, "/p");
  EXPECT_EQ(parse("GET HTTPS://h HTTP/1.1\r\nHost: a\r\n\r\n").request().path, "/");
  EXPECT_EQ(parse("GET ftp://h/p HTTP/1.1\r\nHost: a\r\n\r\n").request().path, "");
  EXPECT_EQ(parse("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request().path, "");
  EXPECT_EQ(parse("CONNECT h:80 HTTP/1.1\r\nHost: a\r\n\r\n").request().path, "");
}

TEST(RequestParser, SkipsOneEmptyLineBeforeARequest) {  // RFC 9112 §2.2
  EXPECT_EQ(refusal("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
  EXPECT_EQ(refusal("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesAmbiguousFraming) {  // RFC 9112 §6.1, §6.3, §11.2
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_EQ(refusal(head + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(refusal(head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: 3, 3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: +3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: -3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: 0x3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: 99999999999999999999999\r\n\r\n"), 400);
  EXPECT_EQ(refusal(head + "Content-Length: \r\n\r\n"), 400);
  EXPECT_EQ(refusal(head + "Content-Length : 3\r\n\r\nabc"), 400);
  EXPECT_EQ(refusal(head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
}

TEST(RequestParser, RefusesUnknownTransferCodings) {  // RFC 9112 §6.1
  for (const char* coding : {"gzip", "gzip, chunked", "chunked, gzip", "chunked, chunked", "identity", "xchunked",
                             "chunked;q=1", "\"chunked\"", ""}) {
    EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: " + std::string(coding) + "\r\n\r\n"), 501)
        << coding;
  }
}

TEST(RequestParser, RefusesLinesThatOthersWouldReadDifferently) {  // RFC 9112 §2.2, §5.1, §5.2
  EXPECT_EQ(refusal("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost a\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n: a\r\n\r\n"), 400);
  EXPECT_EQ(refusal(std::string_view("GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29)), 400);
  EXPECT_EQ(refusal(std::string_view("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28)), 400);
}

TEST(RequestParser, RefusesMalformedRequestLines) {  // RFC 9112 §3
  for (const char* line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET / / HTTP/1.1", "GET /\tHTTP/1.1", "GET / HTTP/2.0",
        "GET / HTTP/1.2", "GET / http/1.1", "GET / HTTP/1.", "G@T / HTTP/1.1", "PRI * HTTP/2.0", "\x16\x03\x01"}) {
    EXPECT_EQ(refusal(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  }
}

TEST(RequestParser, RefusesRepeatedSingletons) {
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n";
  for (const char* field :
       {"Host", "Authorization", "Content-Type", "Origin", "Expect", "Access-Control-Request-Method"}) {
    const std::string line = std::string(field) + ": 100-continue\r\n";
    EXPECT_EQ(refusal(head + line + line + "\r\n"), 400) << field;
  }
  EXPECT_EQ(refusal(head + "X: 1\r\nX: 2\r\n\r\n"), 0);
}

TEST(RequestParser, WantsAHostFromHttp11) {  // RFC 9112 §3.2
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(refusal("GET / HTTP/1.0\r\n\r\n"), 0);
}

TEST(RequestParser, WantsALengthForAPost) {  // RFC 9110 §15.5.12
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\n\r\n"), 411);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"), 0);
}

TEST(RequestParser, BoundsTheHead) {
  const std::string line = "GET / HTTP/1.1\r\nHost: a\r\n";
  const auto padded = [&](std::size_t size) {
    return line + "X: " + std::string(size - line.size() - 7, 'x') + "\r\n\r\n";
  };
  EXPECT_EQ(refusal(padded(kMaxHeader)), 0);
  EXPECT_EQ(refusal(padded(kMaxHeader + 1)), 431);
  EXPECT_EQ(refusal(padded(kMaxHeader).substr(0, kMaxHeader - 1)), -1);
  EXPECT_EQ(refusal("GET /" + std::string(kMaxHeader, 'x')), 414);
}

TEST(RequestParser, BoundsTheBody) {
  const auto with_length = [](std::size_t size) {
    return "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
  };
  EXPECT_EQ(refusal(with_length(kMaxBody) + std::string(kMaxBody, 'x')), 0);
  EXPECT_EQ(refusal(with_length(kMaxBody + 1)), 413);  // at once, without a byte of the body
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(
      refusal(chunked + "20\r\n" + std::string(0x20, 'x') + "\r\n20\r\n" + std::string(0x20, 'x') + "\r\n0\r\n\r\n"),
      0);
  EXPECT_EQ(refusal(chunked + "20\r\n" + std::string(0x20, 'x') + "\r\n21\r\n"), 413);
  EXPECT_EQ(refusal(chunked + "ffffffffffffffff\r\n"), 413);
  EXPECT_EQ(refusal(chunked + "10000000000000000\r\n"), 400);
}

TEST(RequestParser, RefusesMalformedChunks) {  // RFC 9112 §7.1
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* body :
       {"x\r\nabc\r\n", "\r\nabc\r\n0\r\n\r\n", "3 \r\nabc\r\n0\r\n\r\n", "-3\r\nabc\r\n", "0x3\r\nabc\r\n\r\n",
        "3\r\nabcd\r\n0\r\n\r\n", "3\r\nabc0\r\n\r\n\r\n", "3\rabc\r\n0\r\n\r\n"}) {
    EXPECT_EQ(refusal(chunked + body), 400) << body;
  }
  EXPECT_EQ(refusal(chunked + "3\nabc\n0\n\n"), 400);
  EXPECT_EQ(refusal(chunked + "3;a=\"\r\nabc\r\n0\r\n\r\n\"\r\n"), 0);  // No quoted string reaches over a line end.
  EXPECT_EQ(refusal(chunked + "1;" + std::string(kMaxHeader, 'x')), 431);
  EXPECT_EQ(refusal(chunked + "0\r\nX: " + std::string(kMaxHeader, 'x')), 431);
}

TEST(RequestParser, ReadsTheSameHoweverTheBytesArrive) {
  const std::string with_length = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok";
  const std::string chunked =
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2;x\r\nok\r\n0\r\nA: b\r\n\r\n";
  for (const std::string& good : {with_length, chunked}) {
    for (std::size_t at = 0; at < good.size(); ++at) {
      for (const char c : std::string_view("\0\r\n\t :,;0\x80", 10)) {
        std::string bad = good;
        bad[at] = c;
        refusal(bad);
        bad.insert(at, 1, good[at]);
        refusal(bad);
      }
    }
  }
}

TEST(RequestParser, HandlesExpectations) {  // RFC 9110 §10.1.1
  const std::string head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n";
  const RequestParser waiting = parse(head + "Expect: 100-Continue\r\n\r\n");
  EXPECT_EQ(waiting.state(), State::body);
  EXPECT_TRUE(waiting.expects_continue());
  EXPECT_EQ(refusal(head + "Expect: 200-ok\r\n\r\n"), 417);
  EXPECT_FALSE(parse("POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n").expects_continue());
}

TEST(RequestParser, WantsMoreWhileItIsIncomplete) {
  const std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    EXPECT_EQ(refusal(bytes.substr(0, size)), -1) << size;
  }
}

}  // namespace
}  // namespace mintmark::http
