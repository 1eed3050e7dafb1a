#include "mintmark/app/environment.hpp"

#include <unistd.h>

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

}  // namespace mintmark::app
