#pragma once
// A password hasher whose every hash is reported with the time that it took.
// Thread safety: as the hasher's.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "mintmark/accounts/password_authenticator.hpp"

namespace mintmark::app {

class TimedHasher final : public accounts::PasswordHasher {
 public:
  using Report = std::function<void(std::chrono::microseconds)>;

  /// Requires: `report` does not throw and may be called from any thread.
  TimedHasher(std::unique_ptr<accounts::PasswordHasher> hasher, Report report)
      : hasher_(std::move(hasher)), report_(std::move(report)) {}

  Result<std::string> hash(const Secret& password) override {
    const Stopwatch watch(report_);
    return hasher_->hash(password);
  }
  Result<crypto::PasswordMatch> verify(const Secret& password, std::string_view hash) override {
    const Stopwatch watch(report_);
    return hasher_->verify(password, hash);
  }
  [[nodiscard]] bool needs_rehash(std::string_view hash) const override { return hasher_->needs_rehash(hash); }
  [[nodiscard]] accounts::HashingLoad load() const override { return hasher_->load(); }

 private:
  class Stopwatch {
   public:
    explicit Stopwatch(const Report& report) : report_(report) {}
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;
    ~Stopwatch() {
      const auto passed = std::chrono::steady_clock::now() - began_;
      report_(std::chrono::duration_cast<std::chrono::microseconds>(passed));
    }

   private:
    const Report& report_;
    const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  };

  const std::unique_ptr<accounts::PasswordHasher> hasher_;
  const Report report_;
};

}  // namespace mintmark::app
