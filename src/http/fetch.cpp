#include "mintmark/http/fetch.hpp"

#include <openssl/ssl.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "mintmark/base/text.hpp"

namespace mintmark::http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using boost::system::system_error;

constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;

enum class Scheme { http, https };

struct Url {
  Scheme scheme;
  std::string host;  ///< without the brackets of an IPv6 address
  std::string port;
  std::string authority;  ///< as written, for Host
  std::string target;
};

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool is_loopback_host(const std::string& host) {
  error_code failure;
  const asio::ip::address address = asio::ip::make_address(host, failure);
  return failure ? equals_ignoring_case(host, "localhost") : address.is_loopback();
}

Result<Url> parse_url(std::string_view text) {
  const bool https = text.starts_with("https://");
  if (!is_absolute_uri(text) || (!https && !text.starts_with("http://"))) return invalid("expected an https URL");
  const std::string_view rest = text.substr(https ? 8 : 7);
  const std::size_t end = std::min(rest.find_first_of("/?"), rest.size());
  const std::string_view authority = rest.substr(0, end);
  if (authority.find('@') != std::string_view::npos) return invalid("a URL to be fetched has no user in it");

  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const std::string_view host = authority.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? (https ? "443" : "80") : authority.substr(colon + 1);
  if (host.empty() || !is_port(port)) return invalid("expected an https URL with a host");

  Url url{.scheme = https ? Scheme::https : Scheme::http,
          .host = std::string(bracket == std::string_view::npos ? host : host.substr(1, bracket - 1)),
          .port = std::string(port),
          .authority = std::string(authority),
          .target = std::string(rest.substr(end))};
  if (!url.target.starts_with('/')) url.target.insert(0, 1, '/');
  if (!https && !is_loopback_host(url.host)) return invalid("http is for loopback hosts alone: use https");
  return url;
}

ssl::context make_tls_context(const FetchOptions& options) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  if (options.ca_file.empty()) {
    context.set_default_verify_paths();
  } else {
    context.load_verify_file(options.ca_file.string());
  }
  context.set_verify_mode(ssl::verify_peer);
  return context;
}

/// RFC 6066 §3: a name alone is announced, never an address.
void set_server_name(ssl::stream<tcp::socket>& stream, std::string host) {
  error_code not_an_address;
  (void)asio::ip::make_address(host, not_an_address);
  if (!not_an_address) return;
  SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data());
}

asio::awaitable<void> connect(tcp::socket& socket, const Url& url) {
  tcp::resolver resolver(socket.get_executor());
  const tcp::resolver::results_type found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
  const auto allowed = [&](const error_code&, const tcp::endpoint& next) {
    // "localhost" is a name too, and a name can be made to point anywhere.
    return url.scheme == Scheme::https || next.address().is_loopback();
  };
  co_await asio::async_connect(socket, found, allowed, asio::use_awaitable);
}

template <class Stream>
asio::awaitable<Result<std::string>> get(Stream& stream, const Url& url, const FetchOptions& options) {
  bhttp::request<bhttp::empty_body> request(bhttp::verb::get, url.target, 11);
  request.set(bhttp::field::host, url.authority);
  request.set(bhttp::field::accept, "application/jwk-set+json, application/json");
  request.set(bhttp::field::connection, "close");
  co_await bhttp::async_write(stream, request, asio::use_awaitable);

  boost::beast::flat_buffer buffer;
  bhttp::response_parser<bhttp::string_body> parser;
  parser.header_limit(kMaxHeaderBytes);
  parser.body_limit(options.max_bytes);
  co_await bhttp::async_read_header(stream, buffer, parser, asio::use_awaitable);
  const unsigned status = parser.get().result_int();
  if (status != 200) co_return unavailable("the answer has status " + std::to_string(status) + ", not 200");
  co_await bhttp::async_read(stream, buffer, parser, asio::use_awaitable);
  co_return std::move(parser.get().body());
}

asio::awaitable<Result<std::string>> get_over_http(const Url& url, const FetchOptions& options) {
  tcp::socket socket(co_await asio::this_coro::executor);
  co_await connect(socket, url);
  co_return co_await get(socket, url, options);
}

asio::awaitable<Result<std::string>> get_over_https(const Url& url, const FetchOptions& options) {
  ssl::context context = make_tls_context(options);
  ssl::stream<tcp::socket> stream(co_await asio::this_coro::executor, context);
  stream.set_verify_callback(ssl::host_name_verification(url.host));
  set_server_name(stream, url.host);
  co_await connect(stream.next_layer(), url);
  co_await stream.async_handshake(ssl::stream_base::client, asio::use_awaitable);
  co_return co_await get(stream, url, options);
}

asio::awaitable<void> run(const Url& url, const FetchOptions& options, std::optional<Result<std::string>>& answer) {
  try {
    if (url.scheme == Scheme::https) {
      answer = co_await get_over_https(url, options);
    } else {
      answer = co_await get_over_http(url, options);
    }
  } catch (const system_error& failure) {
    answer = unavailable(failure.code().message());
  }
}

Result<std::string> fetch_url(const Url& url, const FetchOptions& options) {
  std::optional<Result<std::string>> answer;
  try {
    asio::io_context loop(1);
    asio::co_spawn(loop, run(url, options, answer), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
    loop.run_for(options.deadline);
  } catch (const std::exception& failure) {
    return unavailable(failure.what());
  }
  if (!answer) return unavailable("no whole answer within the time limit");
  return *std::move(answer);
}

}  // namespace

Result<std::string> fetch(std::string_view url, const FetchOptions& options) {
  const Result<Url> parsed = parse_url(url);
  if (!parsed) return Error{parsed.error().kind, std::string(url) + ": " + parsed.error().detail};
  Result<std::string> answer = fetch_url(*parsed, options);
  if (!answer) return Error{answer.error().kind, std::string(url) + ": " + answer.error().detail};
  return answer;
}

}  // namespace mintmark::http
