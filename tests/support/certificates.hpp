#pragma once
// Certificates for tests, made on the spot. Thread safety: none. Errors: throws std::runtime_error.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

using EVP_PKEY = struct evp_pkey_st;
using X509 = struct x509_st;

namespace mintmark::testing {

/// Both in PEM.
struct CertifiedKey {
  std::string certificate;
  std::string key;
};

/// From now.
struct Validity {
  std::chrono::seconds from = std::chrono::hours(-1);
  std::chrono::seconds until = std::chrono::hours(24);
};

/// Of the subject. Empty: without.
struct CertificateNames {
  std::string common_name;
  std::string organization = {};
  std::string alternative = "DNS:localhost,IP:127.0.0.1";  ///< as in openssl.cnf
  std::vector<std::uint8_t> alternative_der = {};          ///< or the extension's content
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name, const Validity& validity = {});

  [[nodiscard]] std::string certificate() const;
  /// Its own certificate and key.
  [[nodiscard]] CertifiedKey self_signed() const;
  /// For "localhost" and 127.0.0.1, as server and as client.
  [[nodiscard]] CertifiedKey issue(const std::string& name, const Validity& validity = {}) const;
  [[nodiscard]] CertifiedKey issue(const CertificateNames& names, const Validity& validity = {}) const;
  /// Another authority, below this one.
  [[nodiscard]] CertifiedKey issue_authority(const std::string& name, const Validity& validity = {}) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

/// Signed by an authority that issue_authority() made.
CertifiedKey issue_below(const CertifiedKey& authority, const CertificateNames& names, const Validity& validity = {});

/// What is between the lines of PEM. Requires: one certificate.
std::vector<std::uint8_t> to_der(const std::string& certificate);

}  // namespace mintmark::testing
