#pragma once
// What a new configuration changes, and whether that can be while the service runs. Thread safety: pure functions.

#include <string>
#include <string_view>
#include <vector>

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// Whether the setting at `path` can change while the service runs. Of a setting that nobody thought of: no.
bool is_live_setting(std::string_view path);

/// Paths of settings, in the order of the table, and "resources", "clients", "users". What is in files that the
/// configuration names is seen where it has become part of it, so of the sealing keys it is not.
std::vector<std::string> find_changes(const Config& running, const Config& next);

/// Errors: invalid, naming every setting that differs and that only a restart can change.
Result<void> check_needs_no_restart(const Config& running, const Config& next);

}  // namespace mintmark::app
