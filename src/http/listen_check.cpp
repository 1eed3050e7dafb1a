#include "mintmark/http/listen_check.hpp"

#include "listener.hpp"

namespace mintmark::http {

Result<void> check_can_listen(const ServerOptions& options) {
  if (options.tls.enabled()) {
    if (const Result<CertificateInfo> tls = check_tls(options.tls); !tls) return tls.error();
  }
  const Result<SideListeners> public_side = open_public_listeners(options, 1);
  if (!public_side) return public_side.error();
  const Result<SideListeners> private_side = open_private_listeners(options);
  return private_side ? Result<void>() : private_side.error();
}

}  // namespace mintmark::http
