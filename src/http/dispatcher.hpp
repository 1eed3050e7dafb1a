#pragma once
// From a request to the route that answers it.
// Thread safety: none; one instance per network thread. Jobs that it returns run on any thread.

#include <atomic>

#include "documents.hpp"
#include "mintmark/http/routes.hpp"
#include "mintmark/http/server.hpp"
#include "token_route.hpp"

namespace mintmark::http {

class Dispatcher {
 public:
  /// Requires: the references outlive the dispatcher and the jobs.
  Dispatcher(const Services& services, const ServerOptions& options, const std::atomic<bool>& draining);

  [[nodiscard]] Reaction react(const Request& request, const Exchange& exchange);
  [[nodiscard]] Route find_route(const Request& request) const noexcept { return routes_.find(request.path); }

 private:
  [[nodiscard]] Reaction read(Route route, const Request& request);
  [[nodiscard]] Reaction get_readiness() const;

  const Services& services_;
  const std::atomic<bool>& draining_;
  const Routes routes_;
  const TokenRoute token_route_;
  Documents documents_;
};

}  // namespace mintmark::http
