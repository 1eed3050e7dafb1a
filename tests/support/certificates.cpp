#include "support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace mintmark::testing {
namespace {

template <class T>
T* require(T* made) {
  if (made == nullptr) throw std::runtime_error("certificates: OpenSSL failed");
  return made;
}

void require(bool done) {
  if (!done) throw std::runtime_error("certificates: OpenSSL failed");
}

std::shared_ptr<EVP_PKEY> make_key() {
  return {require(EVP_EC_gen("P-256")), EVP_PKEY_free};
}

void add_extension(X509* certificate, int kind, const char* value) {
  X509_EXTENSION* const extension = require(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value));
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

void add_name_entry(X509* certificate, const char* field, const std::string& value) {
  if (value.empty()) return;
  require(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8,
                                     reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0) == 1);
}

void add_alternative_names(X509* certificate, const CertificateNames& names) {
  if (!names.alternative.empty()) add_extension(certificate, NID_subject_alt_name, names.alternative.c_str());
  if (names.alternative_der.empty()) return;
  const std::unique_ptr<ASN1_OCTET_STRING, void (*)(ASN1_OCTET_STRING*)> content(require(ASN1_OCTET_STRING_new()),
                                                                                 ASN1_OCTET_STRING_free);
  ASN1_OCTET_STRING_set(content.get(), names.alternative_der.data(), static_cast<int>(names.alternative_der.size()));
  X509_EXTENSION* const extension =
      require(X509_EXTENSION_create_by_NID(nullptr, NID_subject_alt_name, 0, content.get()));
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> make_certificate(const CertificateNames& names, const Validity& validity, EVP_PKEY* key) {
  static std::atomic<long> serial{0};
  std::shared_ptr<X509> certificate(require(X509_new()), X509_free);
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), validity.from.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), validity.until.count());
  add_name_entry(certificate.get(), "CN", names.common_name);
  add_name_entry(certificate.get(), "O", names.organization);
  require(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

template <class Write>
std::string to_pem(Write write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(require(BIO_new(BIO_s_mem())), BIO_free);
  require(write(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  return to_pem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

std::string to_pem(EVP_PKEY* key) {
  return to_pem([&](BIO* bio) { return PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

}  // namespace

CertificateAuthority::CertificateAuthority(const std::string& name, const Validity& validity)
    : key_(make_key()), certificate_(make_certificate({.common_name = name}, validity, key_.get())) {
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  add_extension(certificate_.get(), NID_basic_constraints, "critical,CA:TRUE");
  require(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
}

std::string CertificateAuthority::certificate() const {
  return to_pem(certificate_.get());
}

CertifiedKey CertificateAuthority::self_signed() const {
  return {certificate(), to_pem(key_.get())};
}

CertifiedKey CertificateAuthority::issue(const std::string& name, const Validity& validity) const {
  return issue(CertificateNames{.common_name = name}, validity);
}

CertifiedKey CertificateAuthority::issue(const CertificateNames& names, const Validity& validity) const {
  const std::shared_ptr<EVP_PKEY> key = make_key();
  const std::shared_ptr<X509> made = make_certificate(names, validity, key.get());
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  add_alternative_names(made.get(), names);
  require(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
  return {to_pem(made.get()), to_pem(key.get())};
}

CertifiedKey CertificateAuthority::issue_authority(const std::string& name, const Validity& validity) const {
  const std::shared_ptr<EVP_PKEY> key = make_key();
  const std::shared_ptr<X509> made = make_certificate({.common_name = name}, validity, key.get());
  X509_set_issuer_name(made.get(), X509_get_subject_name(certificate_.get()));
  add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  require(X509_sign(made.get(), key_.get(), EVP_sha256()) > 0);
  return {to_pem(made.get()), to_pem(key.get())};
}

CertifiedKey issue_below(const CertifiedKey& authority, const CertificateNames& names, const Validity& validity) {
  const auto read = [](const std::string& pem, auto reader) {
    const std::unique_ptr<BIO, int (*)(BIO*)> bio(require(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))),
                                                  BIO_free);
    return require(reader(bio.get(), nullptr, nullptr, nullptr));
  };
  const std::shared_ptr<X509> issuer(read(authority.certificate, PEM_read_bio_X509), X509_free);
  const std::shared_ptr<EVP_PKEY> issuer_key(read(authority.key, PEM_read_bio_PrivateKey), EVP_PKEY_free);
  const std::shared_ptr<EVP_PKEY> key = make_key();
  const std::shared_ptr<X509> made = make_certificate(names, validity, key.get());
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer.get()));
  add_alternative_names(made.get(), names);
  require(X509_sign(made.get(), issuer_key.get(), EVP_sha256()) > 0);
  return {to_pem(made.get()), to_pem(key.get())};
}

std::vector<std::uint8_t> to_der(const std::string& certificate) {
  const std::unique_ptr<BIO, int (*)(BIO*)> bio(
      require(BIO_new_mem_buf(certificate.data(), static_cast<int>(certificate.size()))), BIO_free);
  const std::shared_ptr<X509> parsed(require(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)), X509_free);
  std::vector<std::uint8_t> der(static_cast<std::size_t>(i2d_X509(parsed.get(), nullptr)));
  unsigned char* end = der.data();
  i2d_X509(parsed.get(), &end);
  return der;
}

}  // namespace mintmark::testing
