#include "input_buffer.hpp"

#include <algorithm>
#include <utility>

#include "mintmark/base/secret.hpp"

namespace mintmark::http {

std::span<char> InputBuffer::prepare(std::size_t size) {
  if (capacity_ - end_ < size) {
    const std::string_view kept = view();
    const std::size_t capacity = std::max(kept.size() + size, capacity_);
    auto data = std::make_unique<char[]>(capacity);
    std::ranges::copy(kept, data.get());
    const std::size_t kept_size = kept.size();
    release();
    data_ = std::move(data);
    capacity_ = capacity;
    end_ = kept_size;
  }
  return {data_.get() + end_, size};
}

void InputBuffer::consume(std::size_t size) noexcept {
  wipe(data_.get() + begin_, size);
  begin_ += size;
  if (begin_ == end_) begin_ = end_ = 0;
}

void InputBuffer::release() noexcept {
  if (data_) wipe(data_.get(), end_);
  data_.reset();
  capacity_ = begin_ = end_ = 0;
}

}  // namespace mintmark::http
