#pragma once
// What a route makes of a request: an answer, or a job whose result is the answer.

#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <variant>

#include "mintmark/base/trace_context.hpp"
#include "mintmark/http/answer.hpp"
#include "mintmark/http/worker_pool.hpp"
#include "mintmark/oauth/client_certificate.hpp"
#include "mintmark/oauth/token_events.hpp"

namespace mintmark::http {

/// The connection's part of a request. The views live until the request is answered.
struct Exchange {
  std::string_view request_id;
  std::string_view remote_address;  ///< the client's, as ServedRequest has it
  TraceContext trace = {};
  std::shared_ptr<const oauth::PresentedCertificate> certificate = {};  ///< of the client; null without one
};

/// Work that may block. The job may use the request and the exchange: the connection waits for it.
struct Deferred {
  WorkerPool& pool;
  std::function<Answer()> job;
  Answer if_busy;  ///< when the pool takes no more, at once, or has not come to it within the request deadline
};

using Reaction = std::variant<Answer, Deferred>;

/// The answer, made here. Requires: on a thread of a pool already, where what may block needs no other hop.
[[nodiscard]] inline Answer resolve(Reaction reaction) {
  if (Deferred* deferred = std::get_if<Deferred>(&reaction)) return deferred->job();
  return std::get<Answer>(std::move(reaction));
}

/// What the rules of OAuth are told of the exchange.
[[nodiscard]] inline oauth::RequestContext context_of(const Exchange& exchange, Instant now) {
  return {exchange.request_id, exchange.remote_address, now, exchange.trace};
}

}  // namespace mintmark::http
