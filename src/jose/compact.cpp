#include "compact.hpp"

#include "mintmark/base/base64.hpp"

namespace mintmark::jose {
namespace {

constexpr JsonLimits kHeaderLimits{.max_bytes = 16 * 1024, .max_depth = 8, .max_values = 256};

}  // namespace

Result<Json> parse_header(std::string_view encoded, std::string_view name) {
  const Result<Bytes> bytes = decode_base64url(encoded);
  if (!bytes) return invalid(std::string(name) + ": header is not base64url");
  return parse_json_object(as_text(*bytes), kHeaderLimits);
}

Result<void> check_header(const Json& header, std::string_view name) {
  // RFC 7515 §4.1.11: we understand no extension, so none can be critical and satisfied. RFC 7797 is one of them.
  for (const char* extension : {"crit", "b64"}) {
    if (header.contains(extension)) return invalid(std::string(name) + ": \"" + extension + "\" in the header");
  }
  for (const char* parameter : {"alg", "enc", "kid", "typ", "cty"}) {
    if (header.contains(parameter) && !header[parameter].is_string()) {
      return invalid(std::string(name) + ": \"" + parameter + "\" is not a string");
    }
  }
  return {};
}

bool answers_to(const KeyId& key, const std::optional<std::string>& kid) {
  return !kid || key.empty() || key.str() == *kid;
}

}  // namespace mintmark::jose
