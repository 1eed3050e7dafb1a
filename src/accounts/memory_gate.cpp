#include "mintmark/accounts/memory_gate.hpp"

namespace mintmark::accounts {

void MemoryGate::enter(std::uint64_t bytes) {
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = next_ticket_++;
  changed_.wait(lock, [&] { return ticket == admitted_tickets_ && bytes <= budget_bytes_ - used_bytes_; });
  used_bytes_ += bytes;
  ++admitted_tickets_;
  changed_.notify_all();
}

void MemoryGate::leave(std::uint64_t bytes) {
  const std::scoped_lock lock(mutex_);
  used_bytes_ -= bytes;
  changed_.notify_all();
}

std::uint64_t MemoryGate::waiting() const {
  const std::scoped_lock lock(mutex_);
  return next_ticket_ - admitted_tickets_;
}

std::uint64_t MemoryGate::used_bytes() const {
  const std::scoped_lock lock(mutex_);
  return used_bytes_;
}

}  // namespace mintmark::accounts
