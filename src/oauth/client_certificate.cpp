#include "mintmark/oauth/client_certificate.hpp"

#include <algorithm>
#include <array>

#include "mintmark/base/base64.hpp"
#include "mintmark/base/contains.hpp"
#include "mintmark/base/ip_address.hpp"
#include "mintmark/base/text.hpp"
#include "mintmark/jose/jwk.hpp"
#include "mintmark/oauth/client.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kMaxNameBytes = 1024;

/// RFC 4343, RFC 5280 §7.2: host names have no case; a wildcard is a pattern for servers, and names no client.
bool is_dns_name(const crypto::Certificate& certificate, std::string_view wanted) {
  return std::ranges::any_of(certificate.dns_names,
                             [&](const std::string& name) { return equals_ignoring_case(name, wanted); });
}

bool is_address(const crypto::Certificate& certificate, std::string_view wanted) {
  const std::optional<IpAddress> address = IpAddress::parse(wanted);
  return address && contains(certificate.ip_addresses, address->str());
}

bool has_name(const crypto::Certificate& certificate, const CertificateName& wanted) {
  switch (wanted.kind) {
    case CertificateNameKind::subject_dn:
      return certificate.subject == wanted.value;
    case CertificateNameKind::san_dns:
      return is_dns_name(certificate, wanted.value);
    case CertificateNameKind::san_uri:
      return contains(certificate.uris, wanted.value);
    case CertificateNameKind::san_ip:
      return is_address(certificate, wanted.value);
    case CertificateNameKind::san_email:
      break;
  }
  return contains(certificate.emails, wanted.value);
}

/// Whether a key of the client's set is that of the certificate (RFC 8705 §2.2): by its numbers, whatever it is for.
bool has_key(const VerificationKeys& keys, const crypto::PublicKey& key) {
  const Json numbers = jose::public_jwk(key);
  return std::ranges::any_of(keys, [&](const jose::VerificationKey& each) {
    const Json jwk = each.public_jwk();
    return std::ranges::all_of(numbers.items(), [&](const auto& member) {
      const auto found = jwk.find(member.key());
      return found != jwk.end() && *found == member.value();
    });
  });
}

Result<void> verify_name(const PresentedCertificate& presented, const Client& client) {
  if (!presented.has_good_chain) return invalid("not signed by an authority for clients");
  if (!client.certificate_name || !has_name(presented.certificate, *client.certificate_name)) {
    return invalid("without the client's name");
  }
  return {};
}

Result<void> verify_self_signed(const PresentedCertificate& presented, const Client& client,
                                VerificationKeySets& key_sets, Instant now) {
  if (!client.keys || !presented.certificate.key) return invalid("of a key that is not the client's");
  const std::shared_ptr<const VerificationKeys> keys = key_sets.find(*client.keys, now);
  if (keys == nullptr) return unavailable("the key set has not been fetched yet");
  if (has_key(*keys, *presented.certificate.key)) return {};
  // The client may have begun to use a key that is younger than what was fetched.
  if (key_sets.renew(*client.keys, now)) return unavailable("the key set is fetched once more, for a key not in it");
  return invalid("of a key that is not the client's");
}

}  // namespace

bool is_good_at(const PresentedCertificate& presented, Instant now) noexcept {
  return now >= presented.certificate.not_before && now <= presented.certificate.not_after;
}

std::string thumbprint(const PresentedCertificate& presented) {
  return encode_base64url(presented.certificate.sha256);
}

std::string_view name(CertificateNameKind kind) noexcept {
  switch (kind) {
    case CertificateNameKind::subject_dn:
      return "tls_client_auth_subject_dn";
    case CertificateNameKind::san_dns:
      return "tls_client_auth_san_dns";
    case CertificateNameKind::san_uri:
      return "tls_client_auth_san_uri";
    case CertificateNameKind::san_ip:
      return "tls_client_auth_san_ip";
    case CertificateNameKind::san_email:
      break;
  }
  return "tls_client_auth_san_email";
}

std::span<const CertificateNameKind> all_certificate_name_kinds() noexcept {
  using enum CertificateNameKind;
  static constexpr std::array kAll{subject_dn, san_dns, san_uri, san_ip, san_email};
  return kAll;
}

std::optional<CertificateName> read_certificate_name(JsonReader& in) {
  std::optional<CertificateName> found;
  for (const CertificateNameKind kind : all_certificate_name_kinds()) {
    if (!in.has(name(kind))) continue;
    if (found) in.reject(name(kind), "expected one name alone (RFC 8705 §2.1.2)");
    found = CertificateName{kind, in.string(name(kind))};
    if (found->value.empty() || found->value.size() > kMaxNameBytes) in.reject(name(kind), "expected a name");
    if (kind == CertificateNameKind::san_ip && !IpAddress::parse(found->value)) {
      in.reject(name(kind), "expected an IP address");
    }
  }
  return found;
}

Result<void> verify_client_certificate(const PresentedCertificate& presented, const Client& client,
                                       VerificationKeySets& key_sets, Instant now) {
  if (!is_good_at(presented, now)) return invalid("expired, or not good yet");
  Result<void> verified = invalid("not a method of the client");
  if (client.may_use(ClientAuthMethod::tls_client_auth)) verified = verify_name(presented, client);
  if (!verified && client.may_use(ClientAuthMethod::self_signed_tls_client_auth)) {
    verified = verify_self_signed(presented, client, key_sets, now);
  }
  return verified;
}

}  // namespace mintmark::oauth
