#pragma once
// The service as a process: signals, exit code, and one clear line for whatever keeps it from starting.

#include "mintmark/app/config.hpp"

namespace mintmark::app {

/// Runs until SIGTERM or SIGINT, drains, and returns the exit code: 0 after a drain, 1 where it could not start, with
/// one line on stderr that says why. A second of them ends the process at once, with exit code 1. The limit of open
/// files is raised for `server.max_connections`. To be called once, from the main thread, before other threads exist.
/// SIGHUP reloads the configuration, overridden by `environment` as at the start.
int serve(Config config, Environment environment);

}  // namespace mintmark::app
