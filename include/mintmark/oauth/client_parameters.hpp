#pragma once
// By what a request to any endpoint names its client and proves it (RFC 6749 §2.3, RFC 7521 §4.2): as sent, nothing
// believed yet. Thread safety: values.

#include <memory>
#include <optional>
#include <string>

#include "mintmark/base/secret.hpp"

namespace mintmark::oauth {

struct ForeignToken;
struct PresentedCertificate;

/// No server takes a longer Authorization header.
inline constexpr std::size_t kMaxTokenBytes = std::size_t{16} * 1024;

struct ClientParameters {
  std::optional<std::string> client_id;
  std::optional<Secret> client_secret;
  std::optional<Secret> authorization;  ///< the header's value, scheme included
  std::optional<std::string> client_assertion_type;
  /// Read once, because several steps ask who it names. Null where there is none.
  std::shared_ptr<const ForeignToken> client_assertion;
  std::shared_ptr<const PresentedCertificate> certificate;  ///< of the connection; null without one
};

}  // namespace mintmark::oauth
