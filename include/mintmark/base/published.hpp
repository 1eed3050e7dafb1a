#pragma once
// One immutable value that many threads read and somebody sometimes replaces (the key ring, the configuration).
// Thread safety: load() and store() from any thread. A load() after the first on a thread takes no lock.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace mintmark {

template <class T>
class Published {
 public:
  /// Requires: `value` is not null.
  explicit Published(std::shared_ptr<const T> value) : value_(std::move(value)) {}
  Published(const Published&) = delete;
  Published& operator=(const Published&) = delete;

  [[nodiscard]] std::shared_ptr<const T> load() const {
    // One slot per thread and T: a thread that alternates between two instances of one T pays for the lock.
    thread_local Slot slot;
    if (slot.instance != instance_ || slot.version != version()) {
      const std::scoped_lock lock(mutex_);
      slot = {instance_, version_.load(std::memory_order_relaxed), value_};
    }
    return slot.value;
  }

  /// Moves with each store(): for whoever keeps what it has loaded.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  /// Requires: `value` is not null.
  void store(std::shared_ptr<const T> value) {
    const std::scoped_lock lock(mutex_);
    value_ = std::move(value);
    version_.fetch_add(1, std::memory_order_release);
  }

 private:
  struct Slot {
    std::uint64_t instance = 0;
    std::uint64_t version = 0;
    std::shared_ptr<const T> value;
  };
  static std::uint64_t next_instance() {
    static std::atomic<std::uint64_t> counter{0};
    return ++counter;
  }

  const std::uint64_t instance_ = next_instance();
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
  std::atomic<std::uint64_t> version_{1};
};

}  // namespace mintmark
