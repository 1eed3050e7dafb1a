#pragma once
// {issuer path}/token: from HTTP to oauth::TokenEndpoint and back. Thread safety: all functions from any thread.

#include "cors.hpp"

namespace mintmark::http {

class TokenRoute {
 public:
  /// Requires: `services` and `settings` outlive the route.
  TokenRoute(const Services& services, const Published<Settings>& settings);

  [[nodiscard]] Reaction post(const Request& request, const Exchange& exchange) const;

 private:
  [[nodiscard]] Reaction finish(const Request& request, const Exchange& exchange,
                                const oauth::TokenOutcome& outcome) const;
  [[nodiscard]] Reaction issue(const Request& request, const Exchange& exchange, const oauth::TokenRequest& asked,
                               Instant now) const;
  [[nodiscard]] Deferred issue_later(WorkerPool& pool, const Request& request, const Exchange& exchange,
                                     oauth::TokenRequest asked) const;
  [[nodiscard]] Answer render_busy(const Request& request, const oauth::TokenRequest& asked,
                                   Duration retry_after) const;

  const Services& services_;
  const Published<Settings>& settings_;
  const Cors cors_;
};

}  // namespace mintmark::http
