#include "support/document_server.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

namespace mintmark::testing {

DocumentServer::DocumentServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  const bool listens = ::bind(listener_, generic, size) == 0 && ::listen(listener_, 16) == 0 &&
                       ::getsockname(listener_, generic, &size) == 0;
  if (!listens) throw std::runtime_error("cannot listen");
  port_ = ntohs(address.sin_port);
  take_away();
  thread_ = std::thread([this] { serve(); });
}

DocumentServer::~DocumentServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

void DocumentServer::publish(const std::string& document, const std::string& fields) {
  const std::scoped_lock lock(mutex_);
  answer_ =
      "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(document.size()) + "\r\n\r\n" + document;
}

void DocumentServer::take_away() {
  const std::scoped_lock lock(mutex_);
  answer_ = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
}

void DocumentServer::serve() {
  for (int connection = 0; (connection = ::accept(listener_, nullptr, nullptr)) >= 0;) {
    std::string request;
    char c = 0;
    while (!request.ends_with("\r\n\r\n") && ::recv(connection, &c, 1, 0) == 1)
      request += c;
    {
      const std::scoped_lock lock(mutex_);
      (void)::send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
    ::close(connection);
    ++requests_;
  }
}

}  // namespace mintmark::testing
