#pragma once
// The header fields by which clients say what they send, want and have already.
// Thread safety: pure functions.

#include <optional>
#include <string_view>

namespace mintmark::http {

enum class BodyFormat { form, json };

/// Of a Content-Type: application/x-www-form-urlencoded or application/json, in either case with charset=utf-8 or
/// without. None for everything else.
[[nodiscard]] std::optional<BodyFormat> find_body_format(std::string_view content_type) noexcept;

/// Whether an Accept field names `type`, and not below application/json. Requires: no wildcard in `type`.
[[nodiscard]] bool prefers(std::string_view accept, std::string_view type) noexcept;

/// Whether an If-None-Match field names `etag`, which is strong and quoted: a list, "*", weak ones too
/// (RFC 9110 §13.1.2).
[[nodiscard]] bool matches_etag(std::string_view if_none_match, std::string_view etag) noexcept;

}  // namespace mintmark::http
