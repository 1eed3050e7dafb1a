#pragma once
// The certificate, its key and what else a TLS server needs, as one immutable value for new connections.
// Thread safety: immutable; handle() may be used by several threads at once.

#include <chrono>
#include <memory>
#include <string>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/secret.hpp"
#include "mintmark/http/tls_options.hpp"

using SSL_CTX = struct ssl_ctx_st;

namespace mintmark::http {

/// The content of the files, so that what is compared is what is loaded.
struct TlsFiles {
  std::string certificate;
  Secret key;
  std::string client_ca;  ///< empty where clients are not asked

  /// Changes when any of them does.
  [[nodiscard]] Bytes digest() const;
};

/// Errors: as of check_tls().
Result<TlsFiles> read_tls_files(const TlsOptions& options);

class TlsContext {
 public:
  using Clock = std::chrono::steady_clock;

  /// `former` hands its ticket keys on while they are young, so that clients resume across a reload; may be null.
  static Result<std::shared_ptr<const TlsContext>> make(const TlsOptions& options, const TlsFiles& files,
                                                        const TlsContext* former, Clock::time_point now);

  [[nodiscard]] SSL_CTX* handle() const noexcept { return context_.get(); }
  [[nodiscard]] const CertificateInfo& certificate() const noexcept { return certificate_; }
  [[nodiscard]] const Bytes& digest() const noexcept { return digest_; }
  /// What clients are asked for, and who vouches for them: what a certificate was worth under one demand says nothing
  /// under another.
  [[nodiscard]] const Bytes& client_demand() const noexcept { return client_demand_; }
  /// Whoever learns a ticket key can read the sessions of TLS 1.2 that it resumed: it does not live for long.
  [[nodiscard]] bool has_young_ticket_keys(Clock::time_point now) const noexcept;

 private:
  struct Free {
    void operator()(SSL_CTX* context) const noexcept;
  };
  using Handle = std::unique_ptr<SSL_CTX, Free>;
  TlsContext(Handle context, CertificateInfo certificate, Bytes digest, Bytes client_demand,
             Clock::time_point keys_since) noexcept
      : context_(std::move(context)),
        certificate_(std::move(certificate)),
        digest_(std::move(digest)),
        client_demand_(std::move(client_demand)),
        keys_since_(keys_since) {}

  const Handle context_;
  const CertificateInfo certificate_;
  const Bytes digest_;
  const Bytes client_demand_;
  const Clock::time_point keys_since_;
};

}  // namespace mintmark::http
