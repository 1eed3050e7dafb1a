#include "support/vectors.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "mintmark/base/file.hpp"

namespace mintmark::testing {
namespace {

unsigned digit(char c) {
  return static_cast<unsigned>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

}  // namespace

std::optional<Json> load_vectors(std::string_view path) {
  const char* folder = std::getenv("MINTMARK_VECTORS");
  if (folder == nullptr || *folder == '\0') return std::nullopt;
  constexpr std::size_t kMaxBytes = 64 * 1024 * 1024;
  const Result<std::string> text = read_file(std::filesystem::path(folder) / path, kMaxBytes);
  if (!text) {
    ADD_FAILURE() << path << ": " << text.error().detail;
    return Json::object();
  }
  Result<Json> json = parse_json(*text, {.max_bytes = kMaxBytes, .max_depth = 64, .max_values = 1'000'000});
  if (!json) {
    ADD_FAILURE() << path << ": " << json.error().detail;
    return Json::object();
  }
  return std::move(*json);
}

Bytes from_hex(std::string_view hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(digit(hex[i]) << 4 | digit(hex[i + 1])));
  }
  return bytes;
}

}  // namespace mintmark::testing
