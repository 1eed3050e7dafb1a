#pragma once
// Room for a secret that OpenSSL writes.

#include <cstddef>
#include <utility>

#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

/// Wiped at the end of the scope, unless it was taken.
class SecretBuffer {
 public:
  explicit SecretBuffer(std::size_t size) : bytes_(size) {}
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  ~SecretBuffer() { wipe(bytes_.data(), bytes_.size()); }

  [[nodiscard]] std::uint8_t* data() noexcept { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  /// The first `size` bytes; what is behind them is wiped. Requires: `size` is not more than there are.
  [[nodiscard]] Secret take(std::size_t size) {
    wipe(bytes_.data() + size, bytes_.size() - size);
    bytes_.resize(size);
    return Secret(std::exchange(bytes_, {}));
  }

 private:
  Bytes bytes_;
};

}  // namespace mintmark::crypto
