#pragma once
// Certificates for tests, made on the spot. Thread safety: none. Errors: throws std::runtime_error.

#include <chrono>
#include <memory>
#include <string>

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

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name);

  [[nodiscard]] std::string certificate() const;
  /// For "localhost" and 127.0.0.1, as server and as client.
  [[nodiscard]] CertifiedKey issue(const std::string& name, const Validity& validity = {}) const;

 private:
  std::shared_ptr<EVP_PKEY> key_;
  std::shared_ptr<X509> certificate_;
};

}  // namespace mintmark::testing
