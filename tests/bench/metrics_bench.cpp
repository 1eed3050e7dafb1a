#include <benchmark/benchmark.h>

#include "mintmark/ops/event_counters.hpp"

namespace mintmark::bench {
namespace {

/// What counting adds to one request for a token, beside one addition for the token itself.
void count_request(benchmark::State& state) {
  static ops::EventCounters counters;
  const http::ServedRequest request{.method = http::Method::post,
                                    .route = http::Route::token,
                                    .status = 200,
                                    .duration = std::chrono::microseconds(180),
                                    .answer_bytes = 900,
                                    .request_id = "0123456789abcdef",
                                    .remote_address = "192.0.2.1",
                                    .error = {},
                                    .grant = oauth::GrantType::client_credentials};
  for ([[maybe_unused]] auto _ : state) {
    counters.request_served(request);
  }
}
BENCHMARK(count_request)->ThreadRange(1, 4);

}  // namespace
}  // namespace mintmark::bench
