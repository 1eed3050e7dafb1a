#pragma once
// TLS of the public side, 1.2 and 1.3, and what is known of the certificate.
// Thread safety: values and pure functions.

#include <filesystem>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::http {

/// Whether a client is asked for a certificate. One that is sent must be good, or there is no connection; but with
/// `any` every one will do, and what it proves is for the rules of OAuth to say.
enum class ClientCertificates { none, request, require, any };

/// "none", "request", "require", "any".
std::string_view name(ClientCertificates mode) noexcept;

struct TlsOptions {
  /// PEM: the server's certificate, then those that lead to the root. Empty: no TLS.
  std::filesystem::path certificate_file = {};
  /// PEM, not encrypted. Requires: given with certificate_file and not without.
  std::filesystem::path key_file = {};
  ClientCertificates client_certificates = ClientCertificates::none;
  /// PEM: who may sign clients' certificates; the system's roots are not trusted for it. Requires: given with `request`
  /// and `require`, and not with `none`.
  std::filesystem::path client_ca_file = {};

  [[nodiscard]] bool enabled() const noexcept { return !certificate_file.empty(); }
  bool operator==(const TlsOptions&) const = default;
};

struct CertificateInfo {
  std::string sha256;  ///< of its DER, in hexadecimal
  Instant not_before;
  Instant not_after;
};

/// Whether a server could use these files. Errors: invalid (no PEM, no pair), not_found, unavailable; each names the
/// file.
Result<CertificateInfo> check_tls(const TlsOptions& options);

}  // namespace mintmark::http
