#include "stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <cerrno>
#include <new>
#include <utility>

namespace mintmark::http {
namespace {

// OpenSSL's own BIO for sockets raises SIGPIPE where the peer has gone, and keeps a descriptor that the socket may have
// closed meanwhile.

Socket& socket_of(BIO* bio) {
  return *static_cast<Socket*>(BIO_get_data(bio));
}

bool would_block(int reason) noexcept {
  return reason == EAGAIN || reason == EINTR || reason == EWOULDBLOCK;
}

int read_bio(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t done = ::recv(socket_of(bio).native_handle(), data, static_cast<std::size_t>(size), 0);
  if (done < 0 && would_block(errno)) BIO_set_retry_read(bio);
  return static_cast<int>(done);
}

int write_bio(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t done = ::send(socket_of(bio).native_handle(), data, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (done < 0 && would_block(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(done);
}

long control_bio(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mintmark socket");
    if (made == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(made, read_bio);
    BIO_meth_set_write(made, write_bio);
    BIO_meth_set_ctrl(made, control_bio);
    return made;
  }();
  return method;
}

}  // namespace

Stream::Stream(Socket socket, SSL_CTX* tls) : socket_(std::move(socket)) {
  if (tls == nullptr) return;
  BIO* const bio = BIO_new(socket_method());
  ssl_ = SSL_new(tls);
  if (bio == nullptr || ssl_ == nullptr) {
    BIO_free(bio);
    SSL_free(ssl_);
    throw std::bad_alloc();
  }
  BIO_set_data(bio, &socket_);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_accept_state(ssl_);
  state_ = State::shaking_hands;
}

Stream::~Stream() {
  SSL_free(ssl_);
}

/// What the result of an SSL function means. Whatever is left in OpenSSL's queue of errors would be taken for the next
/// call's, of any connection.
Stream::Progress Stream::judge(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return {.bytes = 0, .wait = Socket::wait_read};
    case SSL_ERROR_WANT_WRITE:
      return {.bytes = 0, .wait = Socket::wait_write};
    case SSL_ERROR_ZERO_RETURN:
      return {};
    default: {
      // After these nothing may be sent any more, not even a farewell (SSL_get_error(3)).
      state_ = State::closed;
      const char* const reason = ERR_reason_error_string(ERR_peek_error());
      if (reason != nullptr) failure_ = reason;
      ERR_clear_error();
      return {};
    }
  }
}

Task<Stream::Handshake> Stream::shake_hands() {
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) break;
    const bool plain_http = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
    const Progress progress = judge(result);
    if (!progress.wait) {
      SSL_free(std::exchange(ssl_, nullptr));
      state_ = State::open;
      co_return plain_http ? Handshake::plain_http : Handshake::failed;
    }
    error_code error;
    co_await wait(*progress.wait, error);
    if (error) co_return Handshake::failed;
  }
  state_ = State::open;
  co_return Handshake::done;
}

std::optional<Stream::PeerCertificate> Stream::peer_certificate() const {
  X509* const certificate = ssl_ == nullptr ? nullptr : SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return std::nullopt;
  unsigned char* begin = nullptr;
  const int size = i2d_X509(certificate, &begin);
  const std::unique_ptr<unsigned char, decltype([](unsigned char* memory) { OPENSSL_free(memory); })> owner(begin);
  if (size <= 0) {
    ERR_clear_error();
    return std::nullopt;
  }
  return PeerCertificate{Bytes(begin, begin + size), SSL_get_verify_result(ssl_) == X509_V_OK};
}

Stream::Progress Stream::try_read(std::span<char> room) {
  if (ssl_ == nullptr) {
    for (;;) {
      error_code error;
      const std::size_t size = socket_.read_some(asio::buffer(room.data(), room.size()), error);
      if (!error) return {.bytes = size};
      if (error == asio::error::would_block) return {.bytes = 0, .wait = Socket::wait_read};
      if (error != asio::error::interrupted) return {};
    }
  }
  if (!socket_.is_open()) return {};
  ERR_clear_error();
  std::size_t size = 0;
  const int result = SSL_read_ex(ssl_, room.data(), room.size(), &size);
  return result == 1 ? Progress{.bytes = size} : judge(result);
}

Task<std::size_t> Stream::write(std::string_view bytes, error_code& error) {
  std::size_t written = 0;
  if (ssl_ == nullptr) {
    written = co_await asio::async_write(socket_, asio::buffer(bytes), resume_with(error));
    co_return written;
  }
  while (written < bytes.size()) {
    if (!socket_.is_open() || state_ == State::closed) {
      error = asio::error::not_connected;
      break;
    }
    state_ = State::writing;
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_write_ex(ssl_, bytes.data() + written, bytes.size() - written, &size);
    if (result == 1) {
      written += size;
      state_ = State::open;
      continue;
    }
    const Progress progress = judge(result);
    if (progress.wait) {
      co_await wait(*progress.wait, error);
    } else {
      error = asio::error::connection_reset;
    }
    if (error) break;
  }
  co_return written;
}

bool Stream::has_buffered_bytes() const {
  return ssl_ != nullptr && SSL_has_pending(ssl_) == 1;
}

bool Stream::has_unread_bytes() const {
  error_code failed;
  return has_buffered_bytes() || (socket_.available(failed) > 0 && !failed);
}

void Stream::cancel() {
  error_code ignored;
  socket_.cancel(ignored);
}

void Stream::say_farewell() {
  if (ssl_ == nullptr || state_ != State::open || !socket_.is_open()) return;
  state_ = State::closed;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

void Stream::finish_sending() {
  say_farewell();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

void Stream::close() {
  say_farewell();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace mintmark::http
