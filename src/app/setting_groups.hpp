#pragma once
// The settings of each part of the configuration, for the one table. Thread safety: pure functions.

#include <vector>

#include "settings.hpp"

namespace mintmark::app {

void append_server(std::vector<Setting>& table);
void append_tls(std::vector<Setting>& table);
void append_private(std::vector<Setting>& table);
void append_storage(std::vector<Setting>& table);
void append_keys(std::vector<Setting>& table);
void append_passwords(std::vector<Setting>& table);
void append_reload(std::vector<Setting>& table);
void append_guard(std::vector<Setting>& table);
void append_limits(std::vector<Setting>& table);
void append_audit(std::vector<Setting>& table);

}  // namespace mintmark::app
