#pragma once
// Follows the TLS files, and says what became of it: which certificate is in use, that one could not be taken over,
// that it is not valid now. Thread safety: tick() from any thread, one at a time inside.

#include <mutex>
#include <string>

#include "mintmark/http/server.hpp"
#include "mintmark/ops/condition.hpp"
#include "mintmark/ops/log.hpp"

namespace mintmark::app {

class TlsWatch {
 public:
  /// Requires: `log` outlives this object.
  explicit TlsWatch(ops::Log& log) noexcept : log_(log), reloading_(log, "reading the TLS certificate") {}

  void tick(http::Server& server, Instant now);

 private:
  void tell(const http::CertificateInfo& certificate, Instant now);

  ops::Log& log_;
  std::mutex mutex_;  // guards what follows
  ops::Condition reloading_;
  std::string told_of_;        ///< the certificate that the log knows of
  bool told_invalid_ = false;  ///< and that it is not valid
};

}  // namespace mintmark::app
