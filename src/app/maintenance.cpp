#include "maintenance.hpp"

namespace mintmark::app {
namespace {

// Small, so that requests which write get their turn in between.
constexpr std::size_t kBatchRows = 100;
constexpr int kMaxBatches = 20;

}  // namespace

Maintenance::Maintenance(storage::Storage& storage, keys::KeyManager& key_manager,
                         std::function<Result<void>(Instant now)> follow, ops::Log& log)
    : storage_(storage),
      key_manager_(key_manager),
      follow_(std::move(follow)),
      changes_(log, "reading changes of the store"),
      rotation_(log, "key rotation"),
      removal_(log, "removal of expired rows") {}

void Maintenance::tick(Instant now) {
  const std::scoped_lock lock(mutex_);
  changes_.report(follow_changes(now));
  rotation_.report(key_manager_.tick(now));
  removal_.report(remove_expired(now));
}

Result<void> Maintenance::follow_changes(Instant now) {
  // Read before what it counts: a change in between is followed the next time.
  const Result<std::uint64_t> counter = storage_.change_counter();
  if (!counter) return counter.error();
  if (followed_ == *counter) return {};
  if (Result<void> followed = follow_(now); !followed) return followed;
  followed_ = *counter;
  return {};
}

Result<void> Maintenance::remove_expired(Instant now) {
  for (int batch = 0; batch < kMaxBatches; ++batch) {
    const Result<std::size_t> removed = storage_.remove_expired(now, kBatchRows);
    if (!removed) return removed.error();
    if (*removed < kBatchRows) break;
  }
  return {};
}

}  // namespace mintmark::app
