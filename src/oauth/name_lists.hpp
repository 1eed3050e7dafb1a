#pragma once
// Lists of enumerators by their names, in documents. T has a name(), found where T is. Thread safety: pure functions.

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/contains.hpp"
#include "mintmark/base/json_reader.hpp"

namespace mintmark::oauth {

/// Some of `all`, none twice; `expected` is what anything else is told. Problems are recorded in `in`.
template <class T>
std::vector<T> read_names(JsonReader& in, std::string_view member, std::span<const T> all, std::string_view expected) {
  std::vector<T> values;
  for (const std::string& text : in.strings(member)) {
    const auto value = std::ranges::find_if(all, [&](T each) { return name(each) == text; });
    if (value == all.end()) {
      in.reject(member, expected);
    } else if (contains(values, *value)) {
      in.reject(member, "names one value twice");
    } else {
      values.push_back(*value);
    }
  }
  return values;
}

template <class T>
Json render_names(const std::vector<T>& values) {
  Json names = Json::array();
  for (const T value : values)
    names.push_back(name(value));
  return names;
}

}  // namespace mintmark::oauth
