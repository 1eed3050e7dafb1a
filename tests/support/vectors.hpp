#pragma once
// Test vectors that are not part of the tree: files in the folder that $MINTMARK_VECTORS names.

#include <optional>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/json.hpp"

namespace mintmark::testing {

/// The file at `path` in the folder; none where the variable is unset: the test is then to be skipped. A file that is
/// missing or broken fails the test.
std::optional<Json> load_vectors(std::string_view path);

/// Requires: an even number of hexadecimal digits.
Bytes from_hex(std::string_view hex);

}  // namespace mintmark::testing

#define MINTMARK_LOAD_VECTORS(variable, path)                                                        \
  const std::optional<::mintmark::Json> variable##_file = ::mintmark::testing::load_vectors(path);   \
  if (!variable##_file) GTEST_SKIP() << "MINTMARK_VECTORS does not name the folder of test vectors"; \
  const ::mintmark::Json& variable = *variable##_file
