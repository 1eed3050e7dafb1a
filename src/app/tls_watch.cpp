#include "tls_watch.hpp"

#include "mintmark/base/duration.hpp"

namespace mintmark::app {

void TlsWatch::tick(http::Server& server, Instant now) {
  const std::scoped_lock lock(mutex_);
  const Result<bool> reloaded = server.reload_certificate();
  reloading_.report(reloaded ? Result<void>() : reloaded.error());
  if (const std::optional<http::CertificateInfo> certificate = server.certificate()) tell(*certificate, now);
}

void TlsWatch::tell(const http::CertificateInfo& certificate, Instant now) {
  const std::string from = format_instant(certificate.not_before);
  const std::string until = format_instant(certificate.not_after);
  if (certificate.sha256 != told_of_) {
    told_of_ = certificate.sha256;
    told_invalid_ = false;
    log_.info("TLS certificate in use", {{"sha256", told_of_}, {"not_before", from}, {"not_after", until}});
  }
  // Clients will refuse it, but a server that refused to start would serve nobody at all.
  const bool is_invalid = now < certificate.not_before || now > certificate.not_after;
  if (is_invalid && !told_invalid_) {
    log_.warning("TLS certificate is not valid now",
                 {{"sha256", told_of_}, {"not_before", from}, {"not_after", until}});
  }
  told_invalid_ = is_invalid;
}

}  // namespace mintmark::app
