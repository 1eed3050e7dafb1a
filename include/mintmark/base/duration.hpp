#pragma once
// Durations as people write them: "500ms", "30s", "15m", "1h", "30d". One number, one unit, no sign, no fraction.
// Thread safety: pure functions. Errors: ErrorKind::invalid.

#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark {

Result<Duration> parse_duration(std::string_view text);

/// The shortest spelling that parse_duration reads back exactly.
std::string format_duration(Duration duration);

/// RFC 3339 in UTC, to the second: "2026-01-31T09:00:00Z".
std::string format_instant(Instant instant);
/// What format_instant writes, and nothing else of RFC 3339.
Result<Instant> parse_instant(std::string_view text);

}  // namespace mintmark
