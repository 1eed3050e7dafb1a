#pragma once
// A histogram of durations, of all the same buckets, over a ShardedCells: prometheus::Histogram takes a lock for each
// value, which all network threads would share. Thread safety: as ShardedCells.

#include <prometheus/client_metric.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "sharded_cells.hpp"

namespace mintmark::ops {

class DurationHistogram {
 public:
  /// Upper bounds in microseconds, themselves included: a machine's token takes the lower ones, a login the middle.
  static constexpr std::array<std::int64_t, 16> kBounds = {100,       250,       500,       1'000,     2'500,   5'000,
                                                           10'000,    25'000,    50'000,    100'000,   250'000, 500'000,
                                                           1'000'000, 2'500'000, 5'000'000, 10'000'000};
  /// That one histogram takes: each bucket, what is above them, and the sum.
  static constexpr std::size_t kCells = kBounds.size() + 2;

  /// On the kCells cells from `first` on. Requires: the cells outlive this object.
  DurationHistogram(ShardedCells& cells, std::size_t first) noexcept : cells_(cells), first_(first) {}

  void observe(std::chrono::microseconds duration) noexcept {
    const std::int64_t value = std::max<std::int64_t>(duration.count(), 0);
    const auto* const bucket = std::lower_bound(kBounds.begin(), kBounds.end(), value);
    cells_.add(first_ + static_cast<std::size_t>(bucket - kBounds.begin()));
    cells_.add(first_ + kBounds.size() + 1, static_cast<std::uint64_t>(value));
  }

  /// Its count is that of its buckets, whatever is added meanwhile.
  [[nodiscard]] prometheus::ClientMetric::Histogram collect() const {
    constexpr double kPerSecond = 1e6;  // divided by, because its inverse is no binary fraction
    prometheus::ClientMetric::Histogram histogram;
    for (std::size_t i = 0; i < kBounds.size(); ++i) {
      histogram.sample_count += cells_.total(first_ + i);
      histogram.bucket.push_back({histogram.sample_count, static_cast<double>(kBounds[i]) / kPerSecond});
    }
    histogram.sample_count += cells_.total(first_ + kBounds.size());
    histogram.sample_sum = static_cast<double>(cells_.total(first_ + kBounds.size() + 1)) / kPerSecond;
    return histogram;
  }

 private:
  ShardedCells& cells_;
  std::size_t first_;
};

}  // namespace mintmark::ops
