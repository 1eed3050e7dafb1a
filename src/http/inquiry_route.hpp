#pragma once
// {issuer path}/introspect and {issuer path}/revoke: from HTTP to oauth::TokenInquiries and back.
// Thread safety: all functions from any thread.

#include "cors.hpp"

namespace mintmark::http {

class InquiryRoute {
 public:
  /// Requires: `services` and `settings` outlive the route.
  InquiryRoute(const Services& services, const Published<Settings>& settings)
      : services_(services), cors_(services, settings) {}

  /// Not for pages: a resource server asks (RFC 7662 §2.1).
  [[nodiscard]] Reaction introspect(const Request& request, const Exchange& exchange) const;
  /// An application in a browser logs out with it (RFC 7009 §2.3).
  [[nodiscard]] Reaction revoke(const Request& request, const Exchange& exchange) const;

 private:
  const Services& services_;
  const Cors cors_;
};

}  // namespace mintmark::http
