#pragma once
// A bounded map from a key to an immutable value, least recently used out first, in shards that lock apart.
// Thread safety: all functions from any thread.

#include <array>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace mintmark {

template <class Key, class Value>
class BoundedCache {
 public:
  /// Holds at most about `capacity` values, spread evenly over the shards. Requires: capacity > 0.
  explicit BoundedCache(std::size_t capacity) : shard_capacity_(capacity / kShards + 1) {}

  /// Null where the key is not cached.
  [[nodiscard]] std::shared_ptr<const Value> find(const Key& key) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    const auto found = shard.index.find(key);
    if (found == shard.index.end()) return nullptr;
    shard.order.splice(shard.order.begin(), shard.order, found->second);
    return found->second->second;
  }

  void insert(const Key& key, std::shared_ptr<const Value> value) {
    Shard& shard = shard_of(key);
    const std::scoped_lock lock(shard.mutex);
    if (const auto found = shard.index.find(key); found != shard.index.end()) {
      found->second->second = std::move(value);
      shard.order.splice(shard.order.begin(), shard.order, found->second);
      return;
    }
    shard.order.emplace_front(key, std::move(value));
    shard.index.emplace(key, shard.order.begin());
    if (shard.index.size() > shard_capacity_) {
      shard.index.erase(shard.order.back().first);
      shard.order.pop_back();
    }
  }

  void clear() {
    for (Shard& shard : shards_) {
      const std::scoped_lock lock(shard.mutex);
      shard.index.clear();
      shard.order.clear();
    }
  }

 private:
  using Entry = std::pair<Key, std::shared_ptr<const Value>>;
  struct Shard {
    std::mutex mutex;
    std::list<Entry> order;
    std::unordered_map<Key, typename std::list<Entry>::iterator> index;
  };
  static constexpr std::size_t kShards = 16;

  Shard& shard_of(const Key& key) { return shards_[std::hash<Key>{}(key) % kShards]; }

  const std::size_t shard_capacity_;
  std::array<Shard, kShards> shards_;
};

}  // namespace mintmark
