#include "mintmark/ops/metrics_page.hpp"

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <map>
#include <sstream>
#include <tuple>
#include <utility>

#include "metric_family.hpp"
#include "mintmark/base/contains.hpp"
#include "process_metrics.hpp"

namespace mintmark::ops {
namespace {

using Families = std::vector<prometheus::MetricFamily>;
using keys::KeyState;

void collect_pools(const MetricsSources& sources, Families& families) {
  auto threads = gauge("mintmark_pool_threads", "Threads for work that blocks.");
  auto busy = gauge("mintmark_pool_busy_threads", "Of these, those that work.");
  auto queued = gauge("mintmark_pool_queued_jobs", "Requests that wait for a thread.");
  auto capacity = gauge("mintmark_pool_queue_capacity", "How many may wait before 503 is answered.");
  auto rejected = counter("mintmark_pool_rejected_jobs_total", "Requests that found the queue full.");
  for (const auto& [name, pool] :
       {std::pair("storage", &sources.storage_pool), std::pair("password", &sources.password_pool)}) {
    const http::WorkerPool::Load load = pool->load();
    threads.add({{"pool", name}}, std::uint64_t{load.threads});
    busy.add({{"pool", name}}, std::uint64_t{load.busy});
    queued.add({{"pool", name}}, std::uint64_t{load.queued});
    capacity.add({{"pool", name}}, std::uint64_t{load.queue_capacity});
    rejected.add({{"pool", name}}, load.rejected);
  }
  for (auto* family : {&threads, &busy, &queued, &capacity, &rejected}) {
    families.push_back(family->take());
  }
}

void collect_server(const MetricsSources& sources, Families& families) {
  const http::ServerLoad load = sources.server();
  families.push_back(
      gauge("mintmark_http_connections", "Open connections.").add({}, std::uint64_t{load.connections}).take());
  families.push_back(gauge("mintmark_http_connections_limit", "How many may be open.")
                         .add({}, std::uint64_t{load.max_connections})
                         .take());
}

void collect_hashing(const MetricsSources& sources, Families& families) {
  const accounts::HashingLoad load = sources.hashing();
  families.push_back(
      gauge("mintmark_password_memory_bytes", "Memory held by password hashes.").add({}, load.memory_bytes).take());
  families.push_back(gauge("mintmark_password_memory_budget_bytes", "How much they may hold.")
                         .add({}, load.memory_budget_bytes)
                         .take());
  families.push_back(
      gauge("mintmark_password_waiting_hashes", "Password hashes that wait for memory.").add({}, load.waiting).take());
}

/// What an algorithm's keys say together.
struct AlgTimes {
  std::optional<Instant> active_since;  ///< of the youngest active key, which is the one that signs
  std::optional<Instant> next_activation;
};

std::map<jose::Alg, AlgTimes> times_by_alg(const std::vector<keys::KeyTimes>& times) {
  std::map<jose::Alg, AlgTimes> by_alg;
  for (const keys::KeyTimes& key : times) {
    if (key.purpose != keys::KeyPurpose::signing) continue;
    AlgTimes& alg = by_alg[key.alg];
    if (key.state == KeyState::active) {
      alg.active_since = std::max(alg.active_since.value_or(key.activates_at), key.activates_at);
    } else if (key.state == KeyState::published) {
      alg.next_activation = std::min(alg.next_activation.value_or(key.activates_at), key.activates_at);
    }
  }
  return by_alg;
}

void collect_key_counts(const std::vector<keys::KeyTimes>& times, Families& families) {
  std::map<std::tuple<keys::KeyPurpose, jose::Alg, KeyState>, std::uint64_t> counts;
  for (const keys::KeyTimes& key : times) {
    // Every state of an algorithm that has a key, so that the last key to leave one leaves a zero.
    for (const KeyState state : {KeyState::published, KeyState::active, KeyState::retiring}) {
      counts[{key.purpose, key.alg, state}] += key.state == state ? 1U : 0U;
    }
  }
  auto keys = gauge("mintmark_keys", "Keys that something may be signed or verified with, by state.");
  for (const auto& [labels, count] : counts) {
    const auto& [purpose, alg, state] = labels;
    keys.add({{"purpose", keys::name(purpose)}, {"alg", jose::name(alg)}, {"state", keys::name(state)}}, count);
  }
  families.push_back(keys.take());
}

void collect_keys(const MetricsSources& sources, Instant now, Families& families) {
  const std::vector<keys::KeyTimes> times = sources.key_ring.load()->key_times(now);
  const KeyPlan plan = sources.key_plan();
  collect_key_counts(times, families);
  auto available =
      gauge("mintmark_key_available", "1 where an algorithm that a resource wants has a key that signs, 0 where not.");
  auto since = gauge("mintmark_key_active_since_timestamp_seconds", "Since when the key that signs does.");
  auto next = gauge("mintmark_key_next_activation_timestamp_seconds",
                    "When the next key begins to sign; absent where none is published.");
  auto rotation = gauge("mintmark_key_rotation_due_timestamp_seconds",
                        "When the key that signs is to be replaced, by the configured periods.");
  auto successor = gauge("mintmark_key_successor_due_timestamp_seconds",
                         "When the next key is to be published, by the configured periods.");
  std::map<jose::Alg, AlgTimes> by_alg = times_by_alg(times);
  for (const jose::Alg alg : plan.algs) {
    available.add({{"alg", jose::name(alg)}}, by_alg[alg].active_since ? 1.0 : 0.0);
  }
  for (const auto& [alg, alg_times] : by_alg) {
    const std::string_view name = jose::name(alg);
    if (alg_times.next_activation) next.add({{"alg", name}}, *alg_times.next_activation);
    if (!alg_times.active_since) continue;
    since.add({{"alg", name}}, *alg_times.active_since);
    const Instant due = *alg_times.active_since + plan.periods.rotate_every;
    rotation.add({{"alg", name}}, due);
    // Nobody waits for the successor of a key that nothing wants any more.
    const bool is_wanted = contains(plan.algs, alg);
    if (is_wanted) successor.add({{"alg", name}}, due - plan.periods.publish_ahead);
  }
  for (auto* family : {&available, &since, &next, &rotation, &successor}) {
    families.push_back(family->take());
  }
}

void collect_fetched(const oauth::FetchSummary& summary, MetricFamilyBuilder count, MetricFamilyBuilder oldest,
                     Families& families) {
  families.push_back(count.add({{"state", "fetched"}}, std::uint64_t{summary.fetched})
                         .add({{"state", "missing"}}, std::uint64_t{summary.missing})
                         .take());
  if (summary.oldest_fetch) oldest.add({}, *summary.oldest_fetch);
  families.push_back(oldest.take());
}

void collect_recipients(const MetricsSources& sources, Families& families) {
  collect_fetched(
      sources.recipients.summary(),
      gauge("mintmark_recipient_keys",
            "Keys of APIs that tokens are encrypted to and that are fetched: those there and those missing."),
      gauge("mintmark_recipient_key_oldest_fetch_timestamp_seconds",
            "When the key whose last successful fetch is the longest ago was fetched; absent without any."),
      families);
  collect_fetched(sources.verification_keys.summary(),
                  gauge("mintmark_verification_key_sets",
                        "Key sets of clients and trusted issuers that are fetched: those there and those missing."),
                  gauge("mintmark_verification_key_set_oldest_fetch_timestamp_seconds",
                        "When the set whose last successful fetch is the longest ago was fetched; absent without any."),
                  families);
}

}  // namespace

MetricsPage::MetricsPage(const EventCounters& counters, MetricsSources sources)
    : counters_(counters), sources_(std::move(sources)) {}

void MetricsPage::storage_measured(storage::StorageSize size, Instant now) {
  const std::scoped_lock lock(mutex_);
  measured_ = {std::move(size), now};
}

std::vector<prometheus::MetricFamily> MetricsPage::collect_storage() const {
  auto rows = gauge("mintmark_storage_rows",
                    "Rows of each table, as they were counted last: not at each scrape, for counting takes time.");
  auto bytes = gauge("mintmark_storage_bytes", "Size of the database file, counted with the rows.");
  auto at = gauge("mintmark_storage_measured_timestamp_seconds", "When rows and bytes were counted.");
  const std::scoped_lock lock(mutex_);
  if (measured_) {
    for (const storage::StorageSize::Table& table : measured_->size.tables) {
      rows.add({{"table", table.name}}, table.rows);
    }
    bytes.add({}, measured_->size.bytes);
    at.add({}, measured_->at);
  }
  return {rows.take(), bytes.take(), at.take()};
}

std::string MetricsPage::render_metrics() noexcept {
  try {
    const Instant now = sources_.clock.now();
    const bool is_ready = sources_.readiness.check_ready(now).has_value();
    Families families;
    families.push_back(
        gauge("mintmark_build_info", "1, with the version.").add({{"version", sources_.version}}, 1.0).take());
    families.push_back(gauge("mintmark_ready", "1 where a token could be issued now, as /readyz says.")
                           .add({}, is_ready ? 1.0 : 0.0)
                           .take());
    const auto append = [&](Families more) { std::ranges::move(more, std::back_inserter(families)); };
    append(counters_.collectable().Collect());
    collect_server(sources_, families);
    collect_pools(sources_, families);
    collect_hashing(sources_, families);
    append(collect_storage());
    collect_keys(sources_, now, families);
    collect_recipients(sources_, families);
    append(collect_process_metrics());
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, families);
    return out.str();
  } catch (const std::exception&) {
    return {};
  }
}

}  // namespace mintmark::ops
