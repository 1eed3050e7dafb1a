#pragma once
// Clients that authenticate by the certificate of their TLS connection (RFC 8705 §2): by a name in one that an
// authority has signed (tls_client_auth), or by the key of one that they have signed themselves
// (self_signed_tls_client_auth). Thread safety: values; functions from any thread.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/json_reader.hpp"
#include "mintmark/crypto/certificate.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"

namespace mintmark::oauth {

struct Client;

/// Of whom a request came, who has proven to have its key.
struct PresentedCertificate {
  crypto::Certificate certificate;
  bool has_good_chain;  ///< whether an authority that is trusted for clients has signed it
};

/// Whether it is neither expired nor of the future.
[[nodiscard]] bool is_good_at(const PresentedCertificate& presented, Instant now) noexcept;

/// What `cnf` calls "x5t#S256" (RFC 8705 §3.1).
std::string thumbprint(const PresentedCertificate& presented);

/// Which name of a certificate says whose it is (RFC 8705 §2.1.2).
enum class CertificateNameKind { subject_dn, san_dns, san_uri, san_ip, san_email };

struct CertificateName {
  CertificateNameKind kind;
  std::string value;

  bool operator==(const CertificateName&) const = default;
};

/// The member of a client document: "tls_client_auth_subject_dn", …
std::string_view name(CertificateNameKind kind) noexcept;
std::span<const CertificateNameKind> all_certificate_name_kinds() noexcept;

/// Reads these members, of which at most one may be there; problems are recorded in `in`.
std::optional<CertificateName> read_certificate_name(JsonReader& in);

/// Whether the certificate is the client's, by one of its methods, and good at `now`. Errors: invalid, with what is
/// wrong, for the log; unavailable, where the client's keys have not been fetched yet.
Result<void> verify_client_certificate(const PresentedCertificate& presented, const Client& client,
                                       VerificationKeySets& key_sets, Instant now);

}  // namespace mintmark::oauth
