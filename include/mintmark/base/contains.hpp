#pragma once
// Whether a short list holds a value: what std::ranges::contains will be with C++23. Thread safety: pure.

#include <algorithm>
#include <ranges>

namespace mintmark {

template <std::ranges::input_range Range, class T>
[[nodiscard]] bool contains(const Range& range, const T& value) {
  return std::ranges::find(range, value) != std::ranges::end(range);
}

}  // namespace mintmark
