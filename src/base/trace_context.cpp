#include "mintmark/base/trace_context.hpp"

#include <cstddef>

namespace mintmark {
namespace {

// version "-" trace-id "-" parent-id "-" trace-flags
constexpr std::size_t kVersionDigits = 2;
constexpr std::size_t kTraceIdAt = 3;
constexpr std::size_t kTraceIdDigits = 32;
constexpr std::size_t kParentIdAt = 36;
constexpr std::size_t kParentIdDigits = 16;
constexpr std::size_t kFlagsAt = 53;
constexpr std::size_t kFlagsDigits = 2;
constexpr std::size_t kLength = 55;

bool is_hex(std::string_view text) noexcept {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_identifier(std::string_view text) noexcept {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

}  // namespace

std::optional<TraceContext> parse_traceparent(std::string_view value) noexcept {
  if (value.size() < kLength) return std::nullopt;
  const std::string_view version = value.substr(0, kVersionDigits);
  if (!is_hex(version) || version == "ff") return std::nullopt;
  if (value.size() > kLength && (version == "00" || value[kLength] != '-')) return std::nullopt;
  if (value[kTraceIdAt - 1] != '-' || value[kParentIdAt - 1] != '-' || value[kFlagsAt - 1] != '-') return std::nullopt;
  const TraceContext context{value.substr(kTraceIdAt, kTraceIdDigits), value.substr(kParentIdAt, kParentIdDigits)};
  const bool is_valid = is_identifier(context.trace_id) && is_identifier(context.parent_id) &&
                        is_hex(value.substr(kFlagsAt, kFlagsDigits));
  return is_valid ? std::optional(context) : std::nullopt;
}

}  // namespace mintmark
