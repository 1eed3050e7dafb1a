#include "mintmark/http/fetch.hpp"

#include <openssl/ssl.h>

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
#include <vector>

#include "cache_control.hpp"
#include "mintmark/base/url.hpp"
#include "mintmark/http/address_rules.hpp"

namespace mintmark::http {
namespace {

namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
namespace bhttp = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using boost::system::system_error;

constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;

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

bool is_public(const asio::ip::address& address) {
  if (address.is_v4()) return is_public_address(address.to_v4().to_bytes());
  return is_public_address(address.to_v6().to_bytes());
}

bool may_connect(const FetchUrl& url, const FetchOptions& options, const asio::ip::address& address) {
  // "localhost" is a name too, and a name can be made to point anywhere.
  if (url.scheme == UrlScheme::http) return address.is_loopback();
  return options.addresses == AllowedAddresses::any || is_public(address);
}

asio::awaitable<Result<void>> connect(tcp::socket& socket, const FetchUrl& url, const FetchOptions& options) {
  tcp::resolver resolver(socket.get_executor());
  const tcp::resolver::results_type found = co_await resolver.async_resolve(url.host, url.port, asio::use_awaitable);
  std::vector<tcp::endpoint> allowed;
  for (const auto& entry : found) {
    if (may_connect(url, options, entry.endpoint().address())) allowed.push_back(entry.endpoint());
  }
  if (allowed.empty()) co_return unavailable("none of its addresses may be connected to");
  co_await asio::async_connect(socket, allowed, asio::use_awaitable);
  co_return Result<void>();
}

/// RFC 9110 §5.3: several fields of one name are one list.
std::string join_fields(const bhttp::fields& fields, bhttp::field name) {
  std::string joined;
  const auto [begin, end] = fields.equal_range(name);
  for (auto field = begin; field != end; ++field) {
    if (!joined.empty()) joined += ',';
    joined += field->value();
  }
  return joined;
}

template <class Stream>
asio::awaitable<Result<FetchedDocument>> get(Stream& stream, const FetchUrl& url, const FetchOptions& options) {
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
  const std::optional<Duration> max_age = read_max_age(join_fields(parser.get(), bhttp::field::cache_control));
  co_return FetchedDocument{std::move(parser.get().body()), max_age};
}

asio::awaitable<Result<FetchedDocument>> get_over_http(const FetchUrl& url, const FetchOptions& options) {
  tcp::socket socket(co_await asio::this_coro::executor);
  if (Result<void> connected = co_await connect(socket, url, options); !connected) co_return connected.error();
  co_return co_await get(socket, url, options);
}

asio::awaitable<Result<FetchedDocument>> get_over_https(const FetchUrl& url, const FetchOptions& options) {
  tcp::socket socket(co_await asio::this_coro::executor);
  if (Result<void> connected = co_await connect(socket, url, options); !connected) co_return connected.error();
  ssl::context context = make_tls_context(options);
  ssl::stream<tcp::socket> stream(std::move(socket), context);
  stream.set_verify_callback(ssl::host_name_verification(url.host));
  set_server_name(stream, url.host);
  co_await stream.async_handshake(ssl::stream_base::client, asio::use_awaitable);
  co_return co_await get(stream, url, options);
}

asio::awaitable<void> run(const FetchUrl& url, const FetchOptions& options,
                          std::optional<Result<FetchedDocument>>& answer) {
  try {
    if (url.scheme == UrlScheme::https) {
      answer = co_await get_over_https(url, options);
    } else {
      answer = co_await get_over_http(url, options);
    }
  } catch (const system_error& failure) {
    answer = unavailable(failure.code().message());
  }
}

Result<FetchedDocument> fetch_url(const FetchUrl& url, const FetchOptions& options) {
  std::optional<Result<FetchedDocument>> answer;
  try {
    asio::io_context loop(1);
    asio::co_spawn(loop, run(url, options, answer), [](const std::exception_ptr& bug) {
      if (bug) std::rethrow_exception(bug);
    });
    const std::stop_callback on_stop(options.stop, [&loop] { loop.stop(); });
    loop.run_for(options.deadline);
  } catch (const std::exception& failure) {
    return unavailable(failure.what());
  }
  if (!answer && options.stop.stop_requested()) return unavailable("given up");
  if (!answer) return unavailable("no whole answer within the time limit");
  return *std::move(answer);
}

}  // namespace

Result<FetchedDocument> fetch(std::string_view url, const FetchOptions& options) {
  const Result<FetchUrl> parsed = parse_fetch_url(url);
  if (!parsed) return Error{parsed.error().kind, std::string(url) + ": " + parsed.error().detail};
  Result<FetchedDocument> answer = fetch_url(*parsed, options);
  if (!answer) return Error{answer.error().kind, std::string(url) + ": " + answer.error().detail};
  return answer;
}

}  // namespace mintmark::http
