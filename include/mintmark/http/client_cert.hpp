#pragma once
// The certificate of a client, where a proxy ends its TLS connection: the field Client-Cert (RFC 9440).
// Thread safety: pure functions.

#include <memory>
#include <optional>
#include <string_view>

#include "mintmark/oauth/client_certificate.hpp"

namespace mintmark::http {

/// What a trusted proxy's Client-Cert field is worth.
enum class ClientCertField {
  ignored,
  verified,  ///< the proxy passes on only what an authority for clients has signed
  any,       ///< the proxy passes on whatever it was shown
};

/// "none", "verified", "any"
std::string_view name(ClientCertField field) noexcept;

/// RFC 9440 §2.1: one byte sequence, the DER between colons. Null for anything else.
std::shared_ptr<const oauth::PresentedCertificate> read_client_cert(std::string_view value, ClientCertField field);

}  // namespace mintmark::http
