#pragma once
// Numbers that only grow, added to by many threads and read by few. Each thread adds to a shard that it has to itself
// as long as there are no more threads than shards: counting takes no lock and moves no cache line between cores.
// Thread safety: all functions from any thread.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mintmark::ops {

class ShardedCells {
 public:
  explicit ShardedCells(std::size_t count)
      : stride_((count + kCellsPerLine - 1) / kCellsPerLine * kCellsPerLine + kCellsPerLine),
        cells_(stride_ * kShards) {}

  /// Requires: `cell` is below the count.
  void add(std::size_t cell, std::uint64_t amount = 1) noexcept {
    cells_[shard_of_this_thread() * stride_ + cell].fetch_add(amount, std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t total(std::size_t cell) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t shard = 0; shard < kShards; ++shard) {
      sum += cells_[shard * stride_ + cell].load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  static constexpr std::size_t kShards = 16;
  static constexpr std::size_t kCellsPerLine = 64 / sizeof(std::uint64_t);

  static std::size_t shard_of_this_thread() noexcept {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t shard = next.fetch_add(1, std::memory_order_relaxed) % kShards;
    return shard;
  }

  const std::size_t stride_;  // a line more than the cells need, for the first one may begin in the middle of a line
  std::vector<std::atomic<std::uint64_t>> cells_;
};

}  // namespace mintmark::ops
