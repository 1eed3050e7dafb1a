#pragma once
// How many connections each source network has open, so that no one source takes all of them. Holds an entry for each
// source that has a connection, so it is bounded as connections are. Thread safety: all functions from any thread;
// sources lock in shards, at the beginning and the end of a connection alone.

#include <array>
#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "mintmark/base/ip_address.hpp"

namespace mintmark::http {

class SourceConnections {
 public:
  /// 0: without limit.
  explicit SourceConnections(std::size_t limit) noexcept : limit_(limit) {}
  SourceConnections(const SourceConnections&) = delete;
  SourceConnections& operator=(const SourceConnections&) = delete;

  /// For connections that begin from now on; those that are open stay.
  void set_limit(std::size_t limit) noexcept { limit_.store(limit, std::memory_order_relaxed); }

  /// One connection of a source, given back at the end.
  class Ticket {
   public:
    Ticket(Ticket&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)), source_(other.source_) {}
    Ticket& operator=(Ticket&&) = delete;
    ~Ticket() {
      if (owner_ != nullptr) owner_->leave(source_);
    }

   private:
    friend class SourceConnections;
    Ticket(SourceConnections& owner, const IpNetwork& source) noexcept : owner_(&owner), source_(source) {}

    SourceConnections* owner_;
    IpNetwork source_;
  };

  /// None where the source of `peer` has as many as it may. Requires: this outlives the ticket.
  [[nodiscard]] std::optional<Ticket> enter(const IpAddress& peer);

 private:
  static constexpr std::size_t kShards = 16;
  struct Shard {
    std::mutex mutex;
    std::map<IpNetwork, std::size_t> open;
  };

  void leave(const IpNetwork& source) noexcept;
  Shard& shard_of(const IpNetwork& source) noexcept;

  std::atomic<std::size_t> limit_;
  std::array<Shard, kShards> shards_;
};

}  // namespace mintmark::http
