#pragma once
// How long an answer of somebody else may be kept (RFC 9111 §5.2.2). Thread safety: pure functions.

#include <optional>
#include <string_view>

#include "mintmark/base/clock.hpp"

namespace mintmark::http {

/// `max-age` of a Cache-Control field, by the first of several; 0 for `no-store`, for `no-cache`, and for a `max-age`
/// that is none, as what cannot be read is stale (RFC 9111 §4.2.1). None where the field says nothing of it.
std::optional<Duration> read_max_age(std::string_view cache_control);

}  // namespace mintmark::http
