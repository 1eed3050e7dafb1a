#include "support/http_client.hpp"
#include "support/patience.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <system_error>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/text.hpp"

namespace mintmark::testing {
namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error("http client: " + what + ": " + std::generic_category().message(errno));
}

[[noreturn]] void fail_tls(const std::string& what) {
  const char* const reason = ERR_reason_error_string(ERR_peek_error());
  ERR_clear_error();
  throw std::runtime_error("http client: " + what + ": " + (reason == nullptr ? "no reason" : reason));
}

template <class T, class Read>
T* read_pem(const std::string& pem, Read read) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  T* const object = read(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  if (object == nullptr) fail_tls("no PEM");
  return object;
}

std::shared_ptr<SSL_CTX> make_context(const TlsClientOptions& tls) {
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // it is the server that is to refuse
  SSL_CTX_set_min_proto_version(context.get(), tls.min_version);
  SSL_CTX_set_max_proto_version(context.get(), tls.max_version);
  if (!tls.authorities.empty()) {
    X509* const authority = read_pem<X509>(tls.authorities, PEM_read_bio_X509);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority);
    X509_free(authority);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  if (!tls.certificate.empty()) {
    X509* const certificate = read_pem<X509>(tls.certificate, PEM_read_bio_X509);
    EVP_PKEY* const key = read_pem<EVP_PKEY>(tls.key, PEM_read_bio_PrivateKey);
    SSL_CTX_use_certificate(context.get(), certificate);
    SSL_CTX_use_PrivateKey(context.get(), key);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::string protocols;
  for (const std::string& protocol : tls.protocols)
    protocols.append(1, static_cast<char>(protocol.size())).append(protocol);
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
  return context;
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
  if (socket_ < 0 || connect(socket_, peer, is_v6(address) ? sizeof v6 : sizeof v4) != 0) {
    const int reason = errno;
    close_all();
    errno = reason;
    fail("cannot connect");
  }
  set_timeout();
}

HttpClient::HttpClient(const std::filesystem::path& unix_socket) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, unix_socket.c_str(), sizeof address.sun_path - 1);
  if (socket_ < 0 || connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const int reason = errno;
    close_all();
    errno = reason;
    fail("cannot connect");
  }
  set_timeout();
}

HttpClient::HttpClient(std::uint16_t port, const TlsClientOptions& tls) : HttpClient(port) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  shake_hands(tls);
}

HttpClient::~HttpClient() {
  close_all();
}

void HttpClient::set_timeout() {
  const timeval timeout{.tv_sec = 10 * patience(), .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
}

void HttpClient::shake_hands(const TlsClientOptions& tls) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context = make_context(tls);
  ssl_ = SSL_new(context.get());
  SSL_set_fd(ssl_, socket_);
  std::string name = "localhost";
  SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
  if (tls.session) SSL_set_session(ssl_, tls.session.get());
  if (SSL_connect(ssl_) != 1) fail_tls("no handshake");
}

void HttpClient::close_all() {
  // Otherwise OpenSSL takes the session for one that an attacker has ended, and does not resume it.
  if (ssl_ != nullptr) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  if (ssl_ != nullptr) SSL_free(ssl_);
  if (socket_ >= 0) close(socket_);
}

std::string HttpClient::tls_version() const {
  return SSL_get_version(ssl_);
}

std::string HttpClient::protocol() const {
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &chosen, &size);
  return {reinterpret_cast<const char*>(chosen), size};
}

bool HttpClient::is_resumed() const {
  return SSL_session_reused(ssl_) == 1;
}

std::shared_ptr<SSL_SESSION> HttpClient::session() const {
  return {SSL_get1_session(ssl_), SSL_SESSION_free};
}

std::string HttpClient::server_certificate() const {
  X509* const certificate = SSL_get1_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  Bytes hash(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), hash.data(), &size);
  X509_free(certificate);
  hash.resize(size);
  return to_hex(hash);
}

void HttpClient::send(std::string_view bytes) {
  if (ssl_ != nullptr) {
    ERR_clear_error();
    if (SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) <= 0) fail_tls("cannot send");
    return;
  }
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0) fail("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

void HttpClient::finish_sending() {
  if (ssl_ != nullptr) SSL_shutdown(ssl_);
  shutdown(socket_, SHUT_WR);
}

bool HttpClient::read_more() {
  char chunk[4096];
  if (ssl_ != nullptr) {
    ERR_clear_error();
    const int size = SSL_read(ssl_, chunk, sizeof chunk);
    if (size > 0) buffer_.append(chunk, static_cast<std::size_t>(size));
    // Without a farewell the end could be an attacker's.
    if (size <= 0 && SSL_get_error(ssl_, size) != SSL_ERROR_ZERO_RETURN) fail_tls("cannot receive");
    return size > 0;
  }
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
