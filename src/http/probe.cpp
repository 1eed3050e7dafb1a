#include "mintmark/http/probe.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <optional>

#include "asio_types.hpp"
#include "endpoint.hpp"

namespace mintmark::http {
namespace {

namespace bhttp = boost::beast::http;

constexpr std::uint32_t kMaxHeaderBytes = 16 * 1024;

std::string spell(const tcp::endpoint& endpoint) {
  return render_endpoint(endpoint.address().to_string(), endpoint.port());
}

/// The status of the answer; its body is of no interest.
Task<unsigned> get(tcp::endpoint endpoint, std::string target) {
  const auto throwing = asio::use_awaitable_t<Executor>();
  Socket socket(co_await asio::this_coro::executor);
  co_await socket.async_connect(endpoint, throwing);
  bhttp::request<bhttp::empty_body> request(bhttp::verb::get, target, 11);
  request.set(bhttp::field::host, spell(endpoint));
  request.set(bhttp::field::connection, "close");
  co_await bhttp::async_write(socket, request, throwing);

  boost::beast::flat_buffer buffer;
  bhttp::response_parser<bhttp::empty_body> parser;
  parser.header_limit(kMaxHeaderBytes);
  co_await bhttp::async_read_header(socket, buffer, parser, throwing);
  co_return parser.get().result_int();
}

/// None, where the deadline came first.
std::optional<unsigned> get_within(const tcp::endpoint& endpoint, std::string_view target, Duration deadline) {
  std::optional<unsigned> status;
  asio::io_context loop(1);
  asio::co_spawn(loop, get(endpoint, std::string(target)), [&status](const std::exception_ptr& failure, unsigned got) {
    if (failure) std::rethrow_exception(failure);
    status = got;
  });
  loop.run_for(deadline);
  return status;
}

}  // namespace

Result<void> probe(const ProbeAddress& at, std::string_view target, Duration deadline) {
  error_code not_an_address;
  const tcp::endpoint endpoint(asio::ip::make_address(at.address, not_an_address), at.port);
  if (not_an_address) return invalid(at.address + ": expected an IPv4 or IPv6 address");
  const std::string what = "http://" + spell(endpoint) + std::string(target) + ": ";
  try {
    const std::optional<unsigned> status = get_within(endpoint, target, deadline);
    if (!status) return unavailable(what + "no answer in time");
    if (*status != 200) return unavailable(what + "the answer has status " + std::to_string(*status) + ", not 200");
    return {};
  } catch (const boost::system::system_error& failure) {
    return unavailable(what + failure.code().message());
  }
}

}  // namespace mintmark::http
