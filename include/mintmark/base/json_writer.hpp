#pragma once
// Appends JSON to a string: the small, fast half of JSON that tokens and answers are emitted with.
//
//   JsonWriter json(out);
//   json.begin_object().member("sub", subject).member("exp", seconds).end_object();
//
// Thread safety: none. Requires: begin and end balanced, keys only inside objects, strings that are valid UTF-8.

#include <cstdint>
#include <string>
#include <string_view>

#include "mintmark/base/json.hpp"

namespace mintmark {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
  JsonWriter& value(std::int64_t number);
  JsonWriter& value(bool boolean);
  JsonWriter& value(const Json& json);

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }

 private:
  void separate();

  std::string& out_;
  bool first_ = true;
};

/// `text` as a JSON string literal, quotes included. Requires: valid UTF-8.
void append_json_string(std::string& out, std::string_view text);

}  // namespace mintmark
