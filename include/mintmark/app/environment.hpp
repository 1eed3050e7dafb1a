#pragma once
// The environment variables that are ours, as a value, so that nothing but `main` reads the real ones.
// Thread safety: values; read_environment() and take_variable() before other threads start.

#include <map>
#include <optional>
#include <string>

namespace mintmark::app {

/// Name, with its MINTMARK_ prefix, to value.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Every variable of this process whose name starts with MINTMARK_.
Environment read_environment();

/// The value of any variable, which is then removed, so that no child takes it for its own; none where it is not set.
/// Requires: no other threads yet.
std::optional<std::string> take_variable(const char* name);

}  // namespace mintmark::app
