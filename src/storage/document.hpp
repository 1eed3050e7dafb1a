#pragma once
// JSON as the text that a column holds. What cannot be read back is not written.
// Thread safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/json.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::storage {

/// Errors: invalid, for text that is not UTF-8 and for more than read_document() takes.
Result<std::string> write_document(const Json& document);
/// Errors: corrupt.
Result<Json> read_document(std::string_view text);

/// A list as an array of strings. Errors: as above.
Result<std::string> write_list(const std::vector<std::string>& list);
Result<std::vector<std::string>> read_list(std::string_view text);

}  // namespace mintmark::storage
