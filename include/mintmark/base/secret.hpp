#pragma once
// Bytes that must not be seen: wiped when they go, impossible to print or compare by accident. Reading them takes a
// call to reveal(), so that one search finds every place that does.
// Thread safety: as a value.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "mintmark/base/bytes.hpp"

namespace mintmark {

/// Overwrites in a way that the optimiser may not remove.
void wipe(void* data, std::size_t size) noexcept;

class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes bytes) noexcept : bytes_(std::move(bytes)) {}
  /// Copies; the caller wipes the source if it was secret there.
  explicit Secret(ByteView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  explicit Secret(std::string_view text) : Secret(as_bytes(text)) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret() { wipe(bytes_.data(), bytes_.size()); }

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

  /// The bytes themselves; valid as long as this object.
  [[nodiscard]] ByteView reveal() const noexcept { return bytes_; }
  [[nodiscard]] std::string_view reveal_text() const noexcept { return as_text(bytes_); }

  bool operator==(const Secret&) const = delete;  // crypto::constant_time_equal

 private:
  Bytes bytes_;
};

}  // namespace mintmark
