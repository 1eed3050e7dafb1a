#pragma once
// Infrastructure errors. Protocol errors, the ones that clients see, are oauth::OAuthError.

#include <string>
#include <string_view>

namespace mintmark {

enum class ErrorKind {
  invalid,      ///< malformed input: a key, a token, a file
  not_found,    ///< what was named does not exist
  conflict,     ///< it exists already, or somebody else changed it first
  unavailable,  ///< cannot be reached now; trying again may help
  corrupt,      ///< stored data that cannot be what we wrote
  crypto,       ///< a cryptographic check failed
  unsupported,  ///< well formed, but not on this machine or not by us
};

/// `detail` is for logs and operators; it never holds a secret and never reaches a client.
struct Error {
  ErrorKind kind;
  std::string detail;

  bool operator==(const Error&) const = default;
};

/// The enumerator as it is spelt.
std::string_view name(ErrorKind kind) noexcept;

inline Error invalid(std::string detail) {
  return {ErrorKind::invalid, std::move(detail)};
}
inline Error not_found(std::string detail) {
  return {ErrorKind::not_found, std::move(detail)};
}
inline Error conflict(std::string detail) {
  return {ErrorKind::conflict, std::move(detail)};
}
inline Error unavailable(std::string detail) {
  return {ErrorKind::unavailable, std::move(detail)};
}
inline Error corrupt(std::string detail) {
  return {ErrorKind::corrupt, std::move(detail)};
}
inline Error crypto_error(std::string detail) {
  return {ErrorKind::crypto, std::move(detail)};
}
inline Error unsupported(std::string detail) {
  return {ErrorKind::unsupported, std::move(detail)};
}

}  // namespace mintmark
