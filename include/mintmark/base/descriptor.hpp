#pragma once
// File descriptors: owned, written to, and what their errors mean.
// Thread safety: a Descriptor as a value; the functions from any thread.

#include <cstddef>
#include <filesystem>
#include <string_view>
#include <utility>

#include "mintmark/base/error.hpp"

namespace mintmark {

/// Closes its descriptor at the end. Leaves errno as it was.
class Descriptor {
 public:
  /// Below 0: none.
  explicit Descriptor(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int get() const noexcept { return descriptor_; }
  [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }
  /// Hands it to the caller.
  int release() noexcept { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
};

/// How much was written; errno says why not all.
std::size_t write_all(int descriptor, std::string_view text) noexcept;

/// "path: reason" of an errno: not_found where there is no such file, else unavailable.
Error file_error(const std::filesystem::path& path, int code);

}  // namespace mintmark
