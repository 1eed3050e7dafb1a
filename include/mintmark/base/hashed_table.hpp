#pragma once
// A table of a fixed number of entries, in sets of a few that lock apart. A key may stand in one set alone; where that
// is full, the entry of least weight makes room. With keys that are keyed hashes, nobody can choose whose set he fills.
// Thread safety: all functions from any thread.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace mintmark {

template <class Value>
class HashedTable {
 public:
  using Key = std::array<std::uint8_t, 16>;
  static constexpr std::size_t kWays = 8;

  struct Entry {
    Key key{};
    bool used = false;
    Value value{};
  };

  /// The entries among which a key may be, locked by whoever has it.
  class Set {
   public:
    [[nodiscard]] Value* find(const Key& key) {
      const auto found = std::ranges::find_if(entries_, [&](const Entry& it) { return it.used && it.key == key; });
      return found == entries_.end() ? nullptr : &found->value;
    }

    /// The value of the key, a new one where it has none. `weigh` (Value to a number) is of those that are there; what
    /// had to go for a new one is given to `leave` (Entry&&) first.
    template <class Weigh, class Leave>
    Value& find_or_insert(const Key& key, Weigh weigh, Leave leave) {
      if (Value* const found = find(key)) return *found;
      auto place = std::ranges::find(entries_, false, &Entry::used);
      if (place == entries_.end()) {
        place = std::ranges::min_element(entries_, {}, [&](const Entry& it) { return weigh(it.value); });
        leave(std::move(*place));
      }
      *place = Entry{key, true, Value{}};
      return place->value;
    }

    void erase(const Key& key) {
      for (Entry& entry : entries_) {
        if (entry.used && entry.key == key) entry = Entry{};
      }
    }

    [[nodiscard]] std::array<Entry, kWays>& entries() noexcept { return entries_; }

   private:
    friend class HashedTable;
    std::mutex mutex_;
    std::array<Entry, kWays> entries_{};
  };

  /// Requires: `capacity` is a multiple of kWays and not 0.
  explicit HashedTable(std::size_t capacity) : sets_(capacity / kWays) {}

  [[nodiscard]] std::size_t set_count() const noexcept { return sets_.size(); }

  /// Calls `work` (Set& to anything) with the set of the key, locked.
  template <class Work>
  auto with(const Key& key, Work work) {
    return with_set(index_of(key), std::move(work));
  }
  template <class Work>
  auto with_set(std::size_t index, Work work) {
    Set& set = sets_[index];
    const std::scoped_lock lock(set.mutex_);
    return work(set);
  }

 private:
  [[nodiscard]] std::size_t index_of(const Key& key) const noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < sizeof number; ++i)
      number = number << 8U | key[i];
    return number % sets_.size();
  }

  std::vector<Set> sets_;
};

}  // namespace mintmark
