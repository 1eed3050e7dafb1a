#include "mintmark/app/environment.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace mintmark::app {

Environment read_environment() {
  Environment ours;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view assignment(*entry);
    const std::size_t equals = assignment.find('=');
    if (!assignment.starts_with("MINTMARK_") || equals == std::string_view::npos) continue;
    ours.emplace(assignment.substr(0, equals), assignment.substr(equals + 1));
  }
  return ours;
}

std::optional<std::string> take_variable(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before other threads start
  if (value == nullptr) return std::nullopt;
  std::string copy(value);
  unsetenv(name);  // NOLINT(concurrency-mt-unsafe): likewise
  return copy;
}

}  // namespace mintmark::app
