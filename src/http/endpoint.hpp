#pragma once
// How an address and a port are written. Thread safety: pure functions.

#include <cstdint>
#include <string>

namespace mintmark::http {

/// "127.0.0.1:80", "[::1]:80" (RFC 3986 §3.2.2).
inline std::string render_endpoint(const std::string& address, std::uint16_t port) {
  const std::string host = address.find(':') == std::string::npos ? address : "[" + address + "]";
  return host + ":" + std::to_string(port);
}

}  // namespace mintmark::http
