#pragma once
// application/x-www-form-urlencoded (WHATWG URL §5.1; RFC 6749 appendix B): names and values in order, repetition kept.
// Thread safety: pure functions. Errors: ErrorKind::invalid for a broken escape, a NUL, invalid UTF-8 or too many.

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mintmark/base/result.hpp"

namespace mintmark {

using Parameters = std::vector<std::pair<std::string, std::string>>;

Result<Parameters> parse_form(std::string_view body, std::size_t max_parameters = 64);

/// One component, decoded: "+" is a space, "%41" is "A".
Result<std::string> decode_form_component(std::string_view text);

}  // namespace mintmark
