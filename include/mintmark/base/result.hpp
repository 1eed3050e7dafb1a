#pragma once
// A value or an error. Discarding one does not compile; reading the wrong side is a bug and ends the program.
//
//   Result<Key> key = parse_key(text);
//   if (!key) return key.error();
//   use(*key);

#include <cstdlib>
#include <type_traits>
#include <utility>
#include <variant>

#include "mintmark/base/error.hpp"

namespace mintmark {

template <class T, class E = Error>
class [[nodiscard]] Result {
  static_assert(!std::is_same_v<T, E> && !std::is_reference_v<T>);

 public:
  using value_type = T;
  using error_type = E;

  template <class U = T>
  requires(std::is_convertible_v<U&&, T> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, E>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}
  Result(E error) : state_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& value() & noexcept { return *require<0>(std::get_if<0>(&state_)); }
  const T& value() const& noexcept { return *require<0>(std::get_if<0>(&state_)); }
  T&& value() && noexcept { return std::move(*require<0>(std::get_if<0>(&state_))); }
  T& operator*() & noexcept { return value(); }
  const T& operator*() const& noexcept { return value(); }
  T&& operator*() && noexcept { return std::move(*this).value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

  E& error() & noexcept { return *require<1>(std::get_if<1>(&state_)); }
  const E& error() const& noexcept { return *require<1>(std::get_if<1>(&state_)); }
  E&& error() && noexcept { return std::move(*require<1>(std::get_if<1>(&state_))); }

 private:
  template <std::size_t, class P>
  static P require(P pointer) noexcept {
    if (pointer == nullptr) std::abort();
    return pointer;
  }

  std::variant<T, E> state_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  Result() noexcept = default;
  Result(E error) : error_(std::in_place_index<1>, std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return error_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  E& error() & noexcept { return *require(std::get_if<1>(&error_)); }
  const E& error() const& noexcept { return *require(std::get_if<1>(&error_)); }
  E&& error() && noexcept { return std::move(*require(std::get_if<1>(&error_))); }

 private:
  template <class P>
  static P require(P pointer) noexcept {
    if (pointer == nullptr) std::abort();
    return pointer;
  }

  std::variant<std::monostate, E> error_;
};

}  // namespace mintmark
