#pragma once
// {issuer path}/token: from HTTP to oauth::TokenEndpoint and back, and CORS, which browsers ask of us and OAuth does
// not know. Thread safety: all functions from any thread.

#include "mintmark/http/request.hpp"
#include "mintmark/http/services.hpp"
#include "reaction.hpp"
#include "server_state.hpp"

namespace mintmark::http {

class TokenRoute {
 public:
  /// Requires: `services` and `settings` outlive the route.
  TokenRoute(const Services& services, const Published<Settings>& settings);

  [[nodiscard]] Reaction post(const Request& request, const Exchange& exchange) const;
  /// The preflight request of a browser, or anybody's question.
  [[nodiscard]] Reaction options(const Request& request, const Exchange& exchange) const;

 private:
  [[nodiscard]] Reaction refuse(const Request& request, const Exchange& exchange, Answer answer) const;
  [[nodiscard]] static Answer refuse_source(const Request& request, const oauth::OAuthError& error);
  [[nodiscard]] Reaction finish(const Request& request, const Exchange& exchange,
                                const oauth::TokenOutcome& outcome) const;
  [[nodiscard]] Reaction issue(const Request& request, const Exchange& exchange, const oauth::TokenRequest& asked,
                               Instant now) const;
  [[nodiscard]] Deferred issue_later(WorkerPool& pool, const Request& request, const Exchange& exchange,
                                     oauth::TokenRequest asked) const;
  [[nodiscard]] Answer render_busy(const Request& request, const oauth::TokenRequest& asked,
                                   Duration retry_after) const;
  [[nodiscard]] bool any_client_allows(std::string_view origin, const Exchange& exchange) const;
  [[nodiscard]] Answer render_preflight(std::string_view origin, const Exchange& exchange) const;

  const Services& services_;
  const Published<Settings>& settings_;
};

}  // namespace mintmark::http
