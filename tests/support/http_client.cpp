#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("http client: " + what + ": " + std::generic_category().message(errno));
}

bool is_v6(const std::string& address) {
  return address.find(':') != std::string::npos;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

HttpAnswer parse_head(const std::string& head) {
  HttpAnswer answer;
  answer.raw = head;
  const std::vector<std::string_view> lines = split(head, '\n');
  if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) throw std::runtime_error("http client: no answer: " + head);
  answer.status = std::stoi(head.substr(9, 3));
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/1.1 ") || colon == std::string_view::npos) continue;
    answer.fields.emplace(lower_case(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  return answer;
}

std::string encode_component(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '.' || c == '_') {
      out += c;
    } else {
      out.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return out;
}

}  // namespace

std::string HttpAnswer::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : found->second;
}

Json HttpAnswer::json() const {
  Result<Json> parsed = parse_json(body);
  if (!parsed) throw std::runtime_error("http client: not JSON: " + body);
  return *std::move(parsed);
}

std::string HttpAnswer::error() const {
  return json().value("error", "");
}

HttpClient::HttpClient(std::uint16_t port, const std::string& address)
    : socket_(::socket(is_v6(address) ? AF_INET6 : AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in v4{.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  inet_pton(AF_INET, address.c_str(), &v4.sin_addr);
  inet_pton(AF_INET6, address.c_str(), &v6.sin6_addr);
  const auto* const peer =
      is_v6(address) ? reinterpret_cast<const sockaddr*>(&v6) : reinterpret_cast<const sockaddr*>(&v4);
  timeval timeout{.tv_sec = 10, .tv_usec = 0};
  if (socket_ < 0 || setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0 ||
      connect(socket_, peer, is_v6(address) ? sizeof v6 : sizeof v4) != 0) {
    const int reason = errno;
    if (socket_ >= 0) close(socket_);
    errno = reason;
    fail("cannot connect");
  }
}

HttpClient::~HttpClient() {
  close(socket_);
}

void HttpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void HttpClient::finish_sending() {
  shutdown(socket_, SHUT_WR);
}

bool HttpClient::read_more() {
  char chunk[4096];
  const ssize_t received = recv(socket_, chunk, sizeof chunk, 0);
  if (received < 0) fail("cannot receive");
  buffer_.append(chunk, static_cast<std::size_t>(received));
  return received > 0;
}

std::string HttpClient::take(std::size_t size) {
  while (buffer_.size() < size) {
    if (!read_more()) throw std::runtime_error("http client: closed in the middle of an answer");
  }
  std::string taken = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return taken;
}

std::string HttpClient::take_until(std::string_view terminator) {
  while (buffer_.find(terminator) == std::string::npos) {
    if (!read_more()) throw std::runtime_error("http client: closed before an answer");
  }
  return take(buffer_.find(terminator) + terminator.size());
}

HttpAnswer HttpClient::receive_head() {
  return parse_head(take_until("\r\n\r\n"));
}

HttpAnswer HttpClient::receive() {
  HttpAnswer answer = receive_head();
  if (answer.has("content-length")) answer.body = take(std::stoul(answer.field("content-length")));
  answer.raw += answer.body;
  return answer;
}

bool HttpClient::at_end() {
  return buffer_.empty() && !read_more();
}

HttpAnswer HttpClient::request(std::string_view method, std::string_view target, const HttpFields& fields,
                               std::string_view body) {
  std::string bytes;
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  for (const auto& [name, value] : fields) {
    bytes.append(name).append(": ").append(value).append("\r\n");
  }
  if (!body.empty() || method == "POST") {
    bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  }
  bytes.append("\r\n").append(body);
  send(bytes);
  return method == "HEAD" ? receive_head() : receive();
}

HttpAnswer HttpClient::post_form(std::string_view target, const HttpFields& parameters, const HttpFields& fields) {
  HttpFields all = fields;
  all.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return request("POST", target, all, encode_form(parameters));
}

HttpAnswer HttpClient::post_json(std::string_view target, const Json& body, const HttpFields& fields) {
  HttpFields all = fields;
  all.emplace_back("Content-Type", "application/json");
  return request("POST", target, all, body.dump());
}

std::string encode_form(const HttpFields& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (!out.empty()) out += '&';
    out.append(encode_component(name)).append("=").append(encode_component(value));
  }
  return out;
}

std::string basic_authorization(std::string_view client_id, std::string_view secret) {
  const std::string pair = encode_component(client_id) + ":" + encode_component(secret);
  return "Basic " + encode_base64(as_bytes(pair));
}

}  // namespace mintmark::testing
