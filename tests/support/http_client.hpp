#pragma once
// A raw HTTP/1.1 client for tests: it sends exactly the bytes that it is given, good or bad, and reads what comes back.
// Thread safety: none. Errors: throws std::runtime_error, also when nothing comes for ten seconds times patience().

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mintmark/base/json.hpp"

struct ssl_st;
struct ssl_session_st;

namespace mintmark::testing {

struct HttpAnswer {
  int status = 0;
  std::multimap<std::string, std::string> fields;  ///< names in lower case
  std::string body;
  std::string raw;  ///< every byte of it

  /// The value of a field; empty if absent. Requires: `name` in lower case.
  [[nodiscard]] std::string field(const std::string& name) const;
  [[nodiscard]] bool has(const std::string& name) const { return fields.contains(name); }
  [[nodiscard]] Json json() const;
  /// The member `error` of the body (RFC 6749 §5.2).
  [[nodiscard]] std::string error() const;
};

using HttpFields = std::vector<std::pair<std::string, std::string>>;

/// What a TLS client offers and trusts.
struct TlsClientOptions {
  std::string authorities;                  ///< PEM; empty: whatever certificate the server has is fine
  std::vector<std::string> protocols = {};  ///< of ALPN, offered in this order
  int min_version = 0;                      ///< TLS1_2_VERSION, …; 0: any
  int max_version = 0;
  std::string certificate = {};  ///< PEM; of the client
  std::string key = {};
  std::shared_ptr<ssl_session_st> session = {};  ///< to resume
};

class HttpClient {
 public:
  /// Connects to 127.0.0.1, or to another address, IPv4 or IPv6.
  explicit HttpClient(std::uint16_t port, const std::string& address = "127.0.0.1");
  explicit HttpClient(const std::filesystem::path& unix_socket);
  /// To 127.0.0.1 by TLS. A handshake that fails throws with OpenSSL's reason.
  HttpClient(std::uint16_t port, const TlsClientOptions& tls);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  void send(std::string_view bytes);
  /// Says that nothing more will be sent, but goes on reading.
  void finish_sending();
  /// The next answer, also a 100. Requires: it is not one to HEAD.
  HttpAnswer receive();
  HttpAnswer receive_head();
  /// True if the server has closed, false if there are further bytes.
  bool at_end();

  // Of a TLS connection:
  /// "TLSv1.3".
  [[nodiscard]] std::string tls_version() const;
  /// What ALPN chose; empty: nothing.
  [[nodiscard]] std::string protocol() const;
  [[nodiscard]] bool is_resumed() const;
  /// To be taken after an answer: TLS 1.3 has it then.
  [[nodiscard]] std::shared_ptr<ssl_session_st> session() const;
  /// SHA-256 of the server's certificate, in hexadecimal.
  [[nodiscard]] std::string server_certificate() const;

  /// Host and, with a body, Content-Length are added.
  HttpAnswer request(std::string_view method, std::string_view target, const HttpFields& fields = {},
                     std::string_view body = {});
  HttpAnswer get(std::string_view target, const HttpFields& fields = {}) { return request("GET", target, fields); }
  HttpAnswer post_form(std::string_view target, const HttpFields& parameters, const HttpFields& fields = {});
  HttpAnswer post_json(std::string_view target, const Json& body, const HttpFields& fields = {});

 private:
  void set_timeout();
  void shake_hands(const TlsClientOptions& tls);
  void close_all();
  bool read_more();
  std::string take_until(std::string_view terminator);
  std::string take(std::size_t size);

  int socket_;
  ssl_st* ssl_ = nullptr;
  std::string buffer_;
};

/// application/x-www-form-urlencoded.
std::string encode_form(const HttpFields& parameters);
/// "Basic …" as RFC 6749 §2.3.1 wants it: both parts form-encoded.
std::string basic_authorization(std::string_view client_id, std::string_view secret);

}  // namespace mintmark::testing
