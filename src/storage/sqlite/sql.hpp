#pragma once
// SQL text. Only a literal can become one, so no value can ever be pasted into a statement: values are bound.
// Thread safety: values.

#include <cstddef>

namespace mintmark::storage::sqlite {

class Sql {
 public:
  template <std::size_t N>
  consteval Sql(const char (&text)[N]) : text_(text) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] constexpr const char* c_str() const noexcept { return text_; }

 private:
  const char* text_;
};

}  // namespace mintmark::storage::sqlite
