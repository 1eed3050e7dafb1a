#pragma once
// Bytes read from a connection and not yet parsed. They may hold secrets: whatever is used up, moved or released is
// wiped. Thread safety: none.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace mintmark::http {

class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(const InputBuffer&) = delete;
  InputBuffer& operator=(const InputBuffer&) = delete;
  ~InputBuffer() { release(); }

  [[nodiscard]] std::string_view view() const noexcept { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }

  /// Room for `size` more bytes behind the view, valid until the next call.
  std::span<char> prepare(std::size_t size);
  /// Appends the first `size` bytes of what prepare() returned.
  void commit(std::size_t size) noexcept { end_ += size; }
  /// Removes from the front.
  void consume(std::size_t size) noexcept;
  /// Gives the memory back.
  void release() noexcept;

 private:
  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace mintmark::http
