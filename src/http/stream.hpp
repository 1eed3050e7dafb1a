#pragma once
// The bytes of one client, in clear or by TLS: one type for both, so that a connection has one code path. OpenSSL works
// on the socket itself, without blocking; whoever is told to wait waits for the socket.
// Thread safety: none.

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "asio_types.hpp"
#include "mintmark/base/bytes.hpp"

using SSL = struct ssl_st;
using SSL_CTX = struct ssl_ctx_st;

namespace mintmark::http {

class Stream {
 public:
  /// What came of an attempt that does not block.
  struct Progress {
    std::size_t bytes = 0;
    std::optional<Socket::wait_type> wait = {};  ///< to try again after; none with no bytes: nothing more will come
  };
  enum class Handshake {
    done,
    plain_http,  ///< the client speaks no TLS but HTTP, and can be told so: the stream is in clear from here on
    failed,      ///< in clear too, for what the client still sends; it has been sent an alert where there was time
  };

  /// `tls`: null for bytes in clear. Requires: `socket` does not block.
  Stream(Socket socket, SSL_CTX* tls);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  [[nodiscard]] bool is_tls() const noexcept { return ssl_ != nullptr; }
  /// To be called once before everything else where is_tls().
  Task<Handshake> shake_hands();
  /// The certificate of the client, in DER; none where it has shown none. Requires: the handshake is done.
  struct PeerCertificate {
    Bytes der;
    bool has_good_chain;
  };
  [[nodiscard]] std::optional<PeerCertificate> peer_certificate() const;
  /// Why that failed, of a closed set of literals. Empty if the client just went away.
  [[nodiscard]] std::string_view failure() const noexcept { return failure_; }

  [[nodiscard]] Progress try_read(std::span<char> room);
  /// All of it, or as much as could be written before `error`.
  Task<std::size_t> write(std::string_view bytes, error_code& error);
  auto wait(Socket::wait_type what, error_code& error) { return socket_.async_wait(what, resume_with(error)); }

  /// A request that has arrived is in flight, although nobody here has seen it.
  [[nodiscard]] bool has_unread_bytes() const;
  /// Whether try_read() might find something without the socket becoming readable.
  [[nodiscard]] bool has_buffered_bytes() const;

  /// Ends what waits, with an error.
  void cancel();
  /// Says that nothing more will come. Waits for no reply (RFC 8446 §6.1 asks for none).
  void finish_sending();
  /// Says so too where it can be said in an orderly way. Closing twice is harmless.
  void close();

 private:
  enum class State { shaking_hands, open, writing, closed };

  Progress judge(int result);
  void say_farewell();

  Socket socket_;
  SSL* ssl_ = nullptr;
  State state_ = State::open;
  std::string_view failure_;
};

}  // namespace mintmark::http
