#include "tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <ctime>
#include <system_error>

#include "mintmark/base/file.hpp"
#include "mintmark/crypto/digest.hpp"

namespace mintmark::http {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{1024} * 1024;
constexpr std::size_t kMaxChain = 16;
constexpr auto kTicketKeysLive = std::chrono::hours(24);
constexpr long kSessionSeconds = 2 * 60 * 60;

/// Of TLS 1.2: forward secrecy and authenticated encryption, or nothing. All are good, so the client's order decides:
/// it knows which one its processor is fast at. TLS 1.3 has no others.
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

template <class T, void (*free_it)(T*)>
struct FreeBy {
  void operator()(T* object) const noexcept { free_it(object); }
};
struct FreeBio {
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};
using Certificate = std::unique_ptr<X509, FreeBy<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, FreeBy<EVP_PKEY, EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, FreeBio>;

/// Why the last call of OpenSSL failed; empties its queue.
std::string take_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown reason" : reason;
}

Error bad_file(const std::filesystem::path& file, const std::string& problem) {
  return invalid("TLS: " + file.string() + ": " + problem);
}

/// A pipe or a device would be waited for.
Result<void> require_regular(const std::filesystem::path& file) {
  std::error_code failure;
  const std::filesystem::file_status status = std::filesystem::status(file, failure);
  if (!std::filesystem::exists(status)) return not_found("TLS: " + file.string() + ": does not exist");
  if (failure) return unavailable("TLS: " + file.string() + ": " + failure.message());
  if (!std::filesystem::is_regular_file(status)) return bad_file(file, "is not a regular file");
  return {};
}

Error about_tls(const Error& error) {
  return {error.kind, "TLS: " + error.detail};
}

Result<std::string> read_certificates(const std::filesystem::path& file) {
  if (Result<void> regular = require_regular(file); !regular) return regular.error();
  Result<std::string> content = read_file(file, kMaxFileBytes);
  if (!content) return about_tls(content.error());
  return content;
}

Bio view(std::string_view content) {
  return Bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())));
}

/// Asking at a terminal for the passphrase of an encrypted key is no option.
int refuse_passphrase(char*, int, int, void*) {
  return -1;
}

Certificate next_certificate(BIO* from) {
  return Certificate(PEM_read_bio_X509(from, nullptr, refuse_passphrase, nullptr));
}

Instant to_instant(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Instant{};
  return from_unix_ms(std::int64_t{timegm(&parts)} * 1000);
}

CertificateInfo describe(X509* certificate) {
  Bytes der(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
  unsigned char* end = der.data();
  i2d_X509(certificate, &end);
  return {.sha256 = to_hex(crypto::digest(crypto::Hash::sha256, der)),
          .not_before = to_instant(X509_get0_notBefore(certificate)),
          .not_after = to_instant(X509_get0_notAfter(certificate))};
}

Result<CertificateInfo> use_certificate(SSL_CTX* context, const std::filesystem::path& file, std::string_view content) {
  const Bio from = view(content);
  const Certificate own = next_certificate(from.get());
  if (!own) return bad_file(file, "holds no certificate in PEM");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return bad_file(file, take_reason());
  std::size_t chain = 0;
  while (const Certificate issuer = next_certificate(from.get())) {
    if (++chain > kMaxChain) return bad_file(file, "holds too many certificates");
    if (SSL_CTX_add1_chain_cert(context, issuer.get()) != 1) return bad_file(file, take_reason());
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!at_end) return bad_file(file, "holds something that is no certificate");
  return describe(own.get());
}

Result<void> use_key(SSL_CTX* context, const TlsOptions& options, const Secret& content) {
  const Bio from = view(content.reveal_text());
  const Key key(PEM_read_bio_PrivateKey(from.get(), nullptr, refuse_passphrase, nullptr));
  ERR_clear_error();
  if (!key) return bad_file(options.key_file, "holds no private key in PEM, or an encrypted one");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    ERR_clear_error();
    return bad_file(options.key_file, "is not the key of the certificate in " + options.certificate_file.string());
  }
  return {};
}

Result<void> use_client_ca(SSL_CTX* context, const TlsOptions& options, std::string_view content) {
  const Bio from = view(content);
  // The names are for the client, which chooses its certificate by them. Where any will do, they would keep some from
  // showing one.
  const bool names_authorities = options.client_certificates != ClientCertificates::any;
  std::size_t count = 0;
  while (const Certificate authority = next_certificate(from.get())) {
    if (X509_check_ca(authority.get()) == 0) {
      return bad_file(options.client_ca_file, "holds a certificate that is no authority");
    }
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        (names_authorities && SSL_CTX_add_client_CA(context, authority.get()) != 1)) {
      return bad_file(options.client_ca_file, take_reason());
    }
    ++count;
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (count == 0) return bad_file(options.client_ca_file, "holds no certificate in PEM");
  if (!at_end) return bad_file(options.client_ca_file, "holds something that is no certificate");
  // An authority below a root is trusted without the root, which may have others below it.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  return {};
}

/// SSL_get_verify_result() still tells what was wrong.
int accept_any_certificate(int, X509_STORE_CTX*) {
  return 1;
}

void ask_for_certificates(SSL_CTX* context, ClientCertificates mode) {
  int flags = SSL_VERIFY_PEER;
  if (mode == ClientCertificates::require) flags |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, flags, mode == ClientCertificates::any ? accept_any_certificate : nullptr);
}

/// RFC 7301 §3.2: a client that speaks other protocols alone hears no_application_protocol.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size, const unsigned char* offered,
                    unsigned int offered_size, void*) {
  static constexpr std::array<unsigned char, 9> kHttp11{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, chosen_size, kHttp11.data(), kHttp11.size(), offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

bool set_rules(SSL_CTX* context) {
  // Said here, because what openssl.cnf says differs from machine to machine.
  SSL_CTX_set_security_level(context, 2);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_clear_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  // Sessions are kept by the clients, in tickets, and take no memory here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, 0) == 1 && SSL_CTX_set_cipher_list(context, kCiphers) == 1;
}

/// A session is good only among servers that ask clients for the same: one that was made while no certificate was
/// asked for, or one of another authority, is not resumed.
Bytes client_demand_of(const TlsOptions& options, std::string_view client_ca) {
  const std::string demand = std::string(name(options.client_certificates)) + '\n' + std::string(client_ca);
  return crypto::digest(crypto::Hash::sha256, as_bytes(demand));
}

bool bind_sessions(SSL_CTX* context, const Bytes& client_demand) {
  return SSL_CTX_set_session_id_context(context, client_demand.data(), static_cast<unsigned>(client_demand.size())) ==
         1;
}

bool copy_ticket_keys(SSL_CTX* from, SSL_CTX* to) {
  const long size = SSL_CTX_get_tlsext_ticket_keys(from, nullptr, 0);
  if (size <= 0) return false;
  Bytes keys(static_cast<std::size_t>(size));
  const bool copied = SSL_CTX_get_tlsext_ticket_keys(from, keys.data(), size) == 1 &&
                      SSL_CTX_set_tlsext_ticket_keys(to, keys.data(), size) == 1;
  wipe(keys.data(), keys.size());
  return copied;
}

}  // namespace

std::string_view name(ClientCertificates mode) noexcept {
  switch (mode) {
    case ClientCertificates::request:
      return "request";
    case ClientCertificates::require:
      return "require";
    case ClientCertificates::any:
      return "any";
    case ClientCertificates::none:
      break;
  }
  return "none";
}

Result<CertificateInfo> check_tls(const TlsOptions& options) {
  const Result<TlsFiles> files = read_tls_files(options);
  if (!files) return files.error();
  const auto context = TlsContext::make(options, *files, nullptr, TlsContext::Clock::now());
  if (!context) return context.error();
  return (*context)->certificate();
}

Bytes TlsFiles::digest() const {
  const Bytes parts[] = {crypto::digest(crypto::Hash::sha256, as_bytes(certificate)),
                         crypto::digest(crypto::Hash::sha256, key.reveal()),
                         crypto::digest(crypto::Hash::sha256, as_bytes(client_ca))};
  Bytes all;
  for (const Bytes& part : parts) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

Result<TlsFiles> read_tls_files(const TlsOptions& options) {
  Result<std::string> certificate = read_certificates(options.certificate_file);
  if (!certificate) return certificate.error();
  if (Result<void> regular = require_regular(options.key_file); !regular) return regular.error();
  Result<Secret> key = read_secret_file(options.key_file);
  if (!key) return about_tls(key.error());
  TlsFiles files{*std::move(certificate), *std::move(key), {}};
  if (!options.client_ca_file.empty()) {
    Result<std::string> client_ca = read_certificates(options.client_ca_file);
    if (!client_ca) return client_ca.error();
    files.client_ca = *std::move(client_ca);
  }
  return files;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::make(const TlsOptions& options, const TlsFiles& files,
                                                           const TlsContext* former, Clock::time_point now) {
  ERR_clear_error();
  Handle context(SSL_CTX_new(TLS_server_method()));
  Bytes client_demand = client_demand_of(options, files.client_ca);
  if (!context || !set_rules(context.get()) || !bind_sessions(context.get(), client_demand)) {
    return crypto_error("TLS: " + take_reason());
  }
  Result<CertificateInfo> certificate = use_certificate(context.get(), options.certificate_file, files.certificate);
  if (!certificate) return certificate.error();
  if (Result<void> used = use_key(context.get(), options, files.key); !used) return used.error();
  if (!options.client_ca_file.empty()) {
    if (Result<void> used = use_client_ca(context.get(), options, files.client_ca); !used) return used.error();
  }
  if (options.client_certificates != ClientCertificates::none) {
    ask_for_certificates(context.get(), options.client_certificates);
  }
  Clock::time_point keys_since = now;
  if (former != nullptr && former->has_young_ticket_keys(now) && copy_ticket_keys(former->handle(), context.get())) {
    keys_since = former->keys_since_;
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(std::move(context), *std::move(certificate), files.digest(),
                                                          std::move(client_demand), keys_since));
}

bool TlsContext::has_young_ticket_keys(Clock::time_point now) const noexcept {
  return now < keys_since_ + kTicketKeysLive;
}

void TlsContext::Free::operator()(SSL_CTX* context) const noexcept {
  SSL_CTX_free(context);
}

}  // namespace mintmark::http
