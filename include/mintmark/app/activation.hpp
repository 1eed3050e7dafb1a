#pragma once
// Sockets that systemd has bound and listens on until the service runs (sd_listen_fds(3)).
// Thread safety: take_activated_sockets() before other threads start.

#include <vector>

#include "mintmark/base/result.hpp"
#include "mintmark/http/server.hpp"

namespace mintmark::app {

/// What LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES say is for this process, and nothing where they are for another.
/// Those named "private" are for the private side. The variables are removed and the descriptors closed on exec, so
/// that no child takes them for its own. Errors: invalid (variables that make no sense).
Result<std::vector<http::ActivatedSocket>> take_activated_sockets();

}  // namespace mintmark::app
