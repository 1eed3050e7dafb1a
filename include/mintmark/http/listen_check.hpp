#pragma once
// Whether a Server could listen, asked before anything that a failed start would leave behind.

#include "mintmark/base/result.hpp"
#include "mintmark/http/server.hpp"

namespace mintmark::http {

/// Takes the addresses, ports and Unix-domain sockets of `options` and lets go of them; loads the TLS files. Thread
/// safety: pure function. Errors: those of Server::open().
Result<void> check_can_listen(const ServerOptions& options);

}  // namespace mintmark::http
