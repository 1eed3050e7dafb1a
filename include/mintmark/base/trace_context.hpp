#pragma once
// W3C Trace Context: which distributed trace a request belongs to, as its caller says. For logs alone.
// https://www.w3.org/TR/trace-context/#traceparent-header
// Thread safety: pure functions.

#include <optional>
#include <string_view>

namespace mintmark {

/// Views of the header field's value, in lower-case hexadecimal, neither of zeros alone. Both empty: no trace.
struct TraceContext {
  std::string_view trace_id;   ///< 32 digits
  std::string_view parent_id;  ///< 16 digits: the caller's span

  bool operator==(const TraceContext&) const = default;
};

/// The value of a `traceparent` field. None for what the specification calls invalid, which is then to be ignored: of
/// version 00 anything but its 55 characters; of a later version anything but those, and after them nothing or a dash;
/// version ff, upper case, identifiers of zeros alone.
[[nodiscard]] std::optional<TraceContext> parse_traceparent(std::string_view value) noexcept;

}  // namespace mintmark
