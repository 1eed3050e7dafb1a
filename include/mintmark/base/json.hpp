#pragma once
// Parsing JSON that nobody vouches for: bounded in size, depth and count; duplicate names and invalid UTF-8 refused
// (RFC 7515 §4, RFC 8259 §4); no exceptions. Emitting on the hot path is JsonWriter's, elsewhere nlohmann's dump().
// Thread safety: pure functions. Errors: ErrorKind::invalid, with line and column where the text is at fault.

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/result.hpp"

namespace mintmark {

using Json = nlohmann::json;

enum class JsonComments { refused, allowed };

struct JsonLimits {
  std::size_t max_bytes = 64 * 1024;
  std::size_t max_depth = 16;                     ///< nested arrays and objects
  std::size_t max_values = 8192;                  ///< scalars, arrays and objects together
  JsonComments comments = JsonComments::refused;  ///< `//` and `/* */`, for configuration files
};

Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

/// parse_json, and the value must be an object.
Result<Json> parse_json_object(std::string_view text, const JsonLimits& limits = {});

/// The member `name` of `object` if it is there and a string. Requires: `object` is an object.
std::optional<std::string> find_string(const Json& object, std::string_view name);

}  // namespace mintmark
