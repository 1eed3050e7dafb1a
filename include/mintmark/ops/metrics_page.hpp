#pragma once
// All metrics as one text: what EventCounters has counted, and what is read from the parts of the service when somebody
// asks. docs/metrics.md lists them.
// Thread safety: all functions from any thread.

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/accounts/password_authenticator.hpp"
#include "mintmark/http/metrics_source.hpp"
#include "mintmark/http/server.hpp"
#include "mintmark/oauth/recipient_keys.hpp"
#include "mintmark/oauth/verification_key_sets.hpp"
#include "mintmark/ops/event_counters.hpp"
#include "mintmark/storage/storage.hpp"

namespace prometheus {
struct MetricFamily;
}

namespace mintmark::ops {

/// When keys are to come and go.
struct KeyPlan {
  keys::KeyPeriods periods;
  std::vector<jose::Alg> algs;  ///< asymmetric, that some resource wants
};

/// What is read at each scrape. Requires: the references outlive the page; the functions do not throw and may be called
/// from any thread.
struct MetricsSources {
  std::string version;
  const Clock& clock;
  http::Readiness& readiness;
  const keys::PublishedKeyRing& key_ring;
  const oauth::RecipientKeys& recipients;
  const oauth::VerificationKeySets& verification_keys;
  const http::WorkerPool& storage_pool;
  const http::WorkerPool& password_pool;
  std::function<http::ServerLoad()> server;
  std::function<accounts::HashingLoad()> hashing;
  std::function<KeyPlan()> key_plan;
};

class MetricsPage final : public http::MetricsSource {
 public:
  /// Requires: `counters` outlives the page.
  MetricsPage(const EventCounters& counters, MetricsSources sources);

  /// Checks readiness, which may wait for the store. Empty where memory ran out.
  std::string render_metrics() noexcept override;

  /// What the page says of the store from now on.
  void storage_measured(storage::StorageSize size, Instant now);

 private:
  [[nodiscard]] std::vector<prometheus::MetricFamily> collect_storage() const;

  struct Measured {
    storage::StorageSize size;
    Instant at;
  };

  const EventCounters& counters_;
  const MetricsSources sources_;
  mutable std::mutex mutex_;  // guards measured_
  std::optional<Measured> measured_;
};

}  // namespace mintmark::ops
