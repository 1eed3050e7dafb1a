#pragma once
// Which pages may read an answer: those of the origins that a client is registered with. Browsers ask that of us and
// OAuth does not know it. Thread safety: all functions from any thread.

#include <string_view>

#include "mintmark/http/request.hpp"
#include "mintmark/http/services.hpp"
#include "reaction.hpp"
#include "server_state.hpp"

namespace mintmark::http {

/// An answer that differs by origin, or may.
[[nodiscard]] Answer vary_by_origin(Answer answer);

class Cors {
 public:
  /// Requires: `services` and `settings` outlive this object.
  Cors(const Services& services, const Published<Settings>& settings) : services_(services), settings_(settings) {}

  /// Readable from pages of the client's origins. Never blocks.
  [[nodiscard]] static Answer share_with_client(const oauth::Client& client, const Request& request, Answer answer);
  /// What says nothing that not everybody may know.
  [[nodiscard]] static Answer share_with_all(const Request& request, Answer answer);
  /// An answer to a request whose client is not known: who may read it is a question to the store.
  [[nodiscard]] Reaction share_with_unknown(const Request& request, const Exchange& exchange, Answer answer) const;
  /// The preflight request of a browser to a route that is posted to, or anybody's question.
  [[nodiscard]] Reaction options(Route route, const Request& request, const Exchange& exchange) const;

 private:
  [[nodiscard]] bool any_client_allows(std::string_view origin, const Exchange& exchange) const;
  [[nodiscard]] Answer render_preflight(std::string_view origin, const Exchange& exchange) const;

  const Services& services_;
  const Published<Settings>& settings_;
};

}  // namespace mintmark::http
