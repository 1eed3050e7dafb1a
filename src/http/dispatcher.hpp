#pragma once
// From a request to the route that answers it.
// Thread safety: none; one instance per network thread. Jobs that it returns run on any thread.

#include "documents.hpp"
#include "inquiry_route.hpp"
#include "mintmark/http/routes.hpp"
#include "server_state.hpp"
#include "token_route.hpp"

namespace mintmark::http {

class Dispatcher {
 public:
  /// Requires: `state` outlives the dispatcher and the jobs.
  explicit Dispatcher(ServerState& state);

  [[nodiscard]] Reaction react(const Request& request, const Exchange& exchange);
  [[nodiscard]] Route find_route(const Request& request) const noexcept {
    return state_.audience == Audience::operators ? find_private_route(request.path) : routes_.find(request.path);
  }

 private:
  [[nodiscard]] Reaction post(Route route, const Request& request, const Exchange& exchange) const;
  [[nodiscard]] Reaction answer_options(Route route, const Request& request, const Exchange& exchange) const;
  [[nodiscard]] Reaction read(Route route, const Request& request);
  [[nodiscard]] Reaction get_readiness() const;
  [[nodiscard]] Reaction get_metrics() const;
  [[nodiscard]] WorkerPool& pool_for_checks() const noexcept;

  const ServerState& state_;
  const Services& services_;
  const Routes routes_;
  const TokenRoute token_route_;
  const InquiryRoute inquiry_route_;
  const Cors cors_;
  Documents documents_;
};

}  // namespace mintmark::http
