#pragma once
// What JWS and JWE have in common: parts between dots, and a protected header in the first (RFC 7515 §7.1, RFC 7516
// §7.1). Errors: invalid.

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/ids.hpp"
#include "mintmark/base/json.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::jose {

/// Exactly N parts, empty ones included; none where there are fewer or more.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> cut_at_dots(std::string_view token) {
  std::array<std::string_view, N> parts;
  for (std::size_t i = 0; i + 1 < N; ++i) {
    const std::size_t dot = token.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    parts[i] = token.substr(0, dot);
    token.remove_prefix(dot + 1);
  }
  if (token.find('.') != std::string_view::npos) return std::nullopt;
  parts.back() = token;
  return parts;
}

/// `name` is "JWS" or "JWE", for messages.
Result<Json> parse_header(std::string_view encoded, std::string_view name);

/// That no extension is asked for, and that the parameters which we read are strings where they are there.
Result<void> check_header(const Json& header, std::string_view name);

/// A key without a name of its own, such as one from a PEM file, answers to any.
bool answers_to(const KeyId& key, const std::optional<std::string>& kid);

}  // namespace mintmark::jose
