#pragma once
// Lets callers in, in the order of their arrival, as long as what they need together stays within a budget.
// Thread safety: all functions from any thread.

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace mintmark::accounts {

class MemoryGate {
 public:
  explicit MemoryGate(std::uint64_t budget_bytes) noexcept : budget_bytes_(budget_bytes) {}
  MemoryGate(const MemoryGate&) = delete;
  MemoryGate& operator=(const MemoryGate&) = delete;

  /// Callers that wait now.
  [[nodiscard]] std::uint64_t waiting() const;
  /// Of the budget, what is held now.
  [[nodiscard]] std::uint64_t used_bytes() const;

  /// Holds `bytes` of the budget from construction, which waits for them, to destruction.
  /// Requires: the gate outlives the pass; `bytes` is at most the budget.
  class Pass {
   public:
    Pass(MemoryGate& gate, std::uint64_t bytes) : gate_(gate), bytes_(bytes) { gate_.enter(bytes_); }
    Pass(const Pass&) = delete;
    Pass& operator=(const Pass&) = delete;
    ~Pass() { gate_.leave(bytes_); }

   private:
    MemoryGate& gate_;
    const std::uint64_t bytes_;
  };

 private:
  void enter(std::uint64_t bytes);
  void leave(std::uint64_t bytes);

  const std::uint64_t budget_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t used_bytes_ = 0;
  // Without an order, small callers that keep coming would hold up a large one for ever.
  std::uint64_t next_ticket_ = 0;
  std::uint64_t admitted_tickets_ = 0;
};

}  // namespace mintmark::accounts
