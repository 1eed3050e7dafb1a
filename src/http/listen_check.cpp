#include "mintmark/http/listen_check.hpp"

#include "listener.hpp"

namespace mintmark::http {

Result<void> check_can_listen(const ServerOptions& options) {
  const Result<Listeners> listeners = open_listeners(options.address, options.port, 1);
  if (!listeners) return listeners.error();
  return {};
}

}  // namespace mintmark::http
