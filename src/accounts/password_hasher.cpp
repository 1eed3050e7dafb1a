#include <algorithm>

#include "mintmark/accounts/memory_gate.hpp"
#include "mintmark/accounts/password_authenticator.hpp"

namespace mintmark::accounts {
namespace {

constexpr std::uint64_t kKib = 1024;

std::uint64_t memory_bytes(const crypto::Argon2Parameters& parameters) noexcept {
  return parameters.memory_kib * kKib;
}

/// Our own parameters are the operator's choice and always within the limits.
crypto::HashLimits make_limits(const crypto::Argon2Parameters& parameters, std::uint64_t memory_budget_bytes) {
  crypto::HashLimits limits;
  limits.max_memory_kib =
      std::min(memory_budget_bytes / kKib, std::max<std::uint64_t>(limits.max_memory_kib, parameters.memory_kib));
  limits.max_argon2_iterations = std::max(limits.max_argon2_iterations, parameters.iterations);
  limits.max_parallelism = std::max(limits.max_parallelism, parameters.parallelism);
  return limits;
}

class BudgetedHasher final : public PasswordHasher {
 public:
  BudgetedHasher(const crypto::Argon2Parameters& parameters, std::uint64_t memory_budget_bytes)
      : parameters_(parameters),
        budget_bytes_(memory_budget_bytes),
        limits_(make_limits(parameters, memory_budget_bytes)),
        gate_(memory_budget_bytes) {}

  Result<std::string> hash(const Secret& password) override {
    if (memory_bytes(parameters_) > budget_bytes_) return invalid("the memory budget does not hold one password hash");
    const MemoryGate::Pass pass(gate_, memory_bytes(parameters_));
    return crypto::hash_password(password, parameters_);
  }

  Result<crypto::PasswordMatch> verify(const Secret& password, std::string_view hash) override {
    if (Result<void> checked = crypto::check_password_hash(hash, limits_); !checked) return checked.error();
    // The limits do not count the few KiB of bcrypt; a budget smaller than that must not make it wait for ever.
    const MemoryGate::Pass pass(gate_, std::min(crypto::memory_cost_bytes(hash), budget_bytes_));
    return crypto::verify_password(password, hash, limits_);
  }

  [[nodiscard]] bool needs_rehash(std::string_view hash) const override {
    return crypto::needs_rehash(hash, parameters_);
  }

  [[nodiscard]] HashingLoad load() const override {
    return {.memory_bytes = gate_.used_bytes(), .memory_budget_bytes = budget_bytes_, .waiting = gate_.waiting()};
  }

 private:
  const crypto::Argon2Parameters parameters_;
  const std::uint64_t budget_bytes_;
  const crypto::HashLimits limits_;
  MemoryGate gate_;
};

}  // namespace

std::unique_ptr<PasswordHasher> make_password_hasher(const crypto::Argon2Parameters& parameters,
                                                     std::uint64_t memory_budget_bytes) {
  return std::make_unique<BudgetedHasher>(parameters, memory_budget_bytes);
}

Result<std::size_t> password_workers(std::uint64_t budget_bytes, const crypto::Argon2Parameters& parameters,
                                     unsigned cores) {
  const std::uint64_t each = std::max(memory_bytes(parameters), kKib);
  const std::uint64_t fitting = budget_bytes / each;
  if (fitting == 0) {
    return invalid("a memory budget of " + std::to_string(budget_bytes) + " bytes does not hold one password hash of " +
                   std::to_string(parameters.memory_kib) + " KiB");
  }
  return static_cast<std::size_t>(std::min<std::uint64_t>(fitting, std::max(cores, 1U)));
}

}  // namespace mintmark::accounts
