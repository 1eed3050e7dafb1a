#include "mintmark/crypto/certificate.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <ctime>

#include "mintmark/base/ip_address.hpp"
#include "openssl_ptr.hpp"

namespace mintmark::crypto {
namespace {

constexpr std::size_t kMaxCertificateBytes = std::size_t{16} * 1024;

using NamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

std::optional<Instant> to_instant(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return from_unix_ms(std::int64_t{timegm(&parts)} * 1000);
}

std::string take_text(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string();
}

Result<std::string> read_subject(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  // As RFC 4514 §2 says, but that UTF-8 is not escaped byte by byte.
  constexpr unsigned long kFlags = XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  if (!bio || X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, kFlags) < 0) {
    return invalid("certificate: its subject cannot be read");
  }
  return take_text(bio.get());
}

Result<std::string> read_text(const ASN1_STRING* text) {
  std::string value(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                    static_cast<std::size_t>(ASN1_STRING_length(text)));
  if (value.find('\0') != std::string::npos) return invalid("certificate: a NUL in a name");
  return value;
}

Result<std::string> read_address(const ASN1_STRING* bytes) {
  const std::optional<IpAddress> address =
      IpAddress::from_bytes({ASN1_STRING_get0_data(bytes), static_cast<std::size_t>(ASN1_STRING_length(bytes))});
  if (!address) return invalid("certificate: an IP address of no known length");
  return address->str();
}

Result<void> add_name(Certificate& certificate, const GENERAL_NAME& name) {
  const auto add = [](std::vector<std::string>& names, Result<std::string> value) -> Result<void> {
    if (!value) return value.error();
    names.push_back(*std::move(value));
    return {};
  };
  switch (name.type) {
    case GEN_DNS:
      return add(certificate.dns_names, read_text(name.d.dNSName));
    case GEN_URI:
      return add(certificate.uris, read_text(name.d.uniformResourceIdentifier));
    case GEN_EMAIL:
      return add(certificate.emails, read_text(name.d.rfc822Name));
    case GEN_IPADD:
      return add(certificate.ip_addresses, read_address(name.d.iPAddress));
    default:
      return {};
  }
}

Result<void> add_names(Certificate& certificate, X509* from) {
  int critical = 0;
  const NamesPtr names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(from, NID_subject_alt_name, &critical, nullptr)));
  // Minus one says that there is none; else there is one that cannot be read, or are two.
  if (!names) return critical == -1 ? Result<void>() : invalid("certificate: its alternative names cannot be read");
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    if (Result<void> added = add_name(certificate, *sk_GENERAL_NAME_value(names.get(), i)); !added) return added;
  }
  return {};
}

/// Through PEM, because that is how public keys are read and checked.
std::optional<PublicKey> read_key(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_X509(bio.get(), certificate) != 1) return std::nullopt;
  Result<PublicKey> key = PublicKey::from_pem(take_text(bio.get()));
  return key ? std::optional(*std::move(key)) : std::nullopt;
}

}  // namespace

Result<Certificate> parse_certificate(ByteView der) {
  const ErrorQueueScope errors;
  if (der.size() > kMaxCertificateBytes) return invalid("certificate: too large");
  const unsigned char* end = der.data();
  const CertificatePtr parsed(d2i_X509(nullptr, &end, static_cast<long>(der.size())));
  if (!parsed || end != der.data() + der.size()) return invalid("certificate: not one in DER");
  const std::optional<Instant> not_before = to_instant(X509_get0_notBefore(parsed.get()));
  const std::optional<Instant> not_after = to_instant(X509_get0_notAfter(parsed.get()));
  if (!not_before || !not_after) return invalid("certificate: its times cannot be read");
  Result<std::string> subject = read_subject(parsed.get());
  if (!subject) return subject.error();
  Certificate certificate{.sha256 = digest(Hash::sha256, der),
                          .subject = *std::move(subject),
                          .dns_names = {},
                          .uris = {},
                          .emails = {},
                          .ip_addresses = {},
                          .not_before = *not_before,
                          .not_after = *not_after,
                          .key = read_key(parsed.get())};
  if (Result<void> added = add_names(certificate, parsed.get()); !added) return added.error();
  return certificate;
}

}  // namespace mintmark::crypto
