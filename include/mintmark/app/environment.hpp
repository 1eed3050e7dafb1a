#pragma once
// The environment variables that are ours, as a value, so that nothing but `main` reads the real ones.
// Thread safety: values; read_environment() before other threads start.

#include <map>
#include <string>

namespace mintmark::app {

/// Name, with its MINTMARK_ prefix, to value.
using Environment = std::map<std::string, std::string, std::less<>>;

/// Every variable of this process whose name starts with MINTMARK_.
Environment read_environment();

}  // namespace mintmark::app
