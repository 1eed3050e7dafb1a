#pragma once
// One GET over plain HTTP to a listener of this machine, for a health check: whatever address the service was told to
// listen on, which fetch() would take for somebody else's.
// Thread safety: pure function; each call has an event loop of its own and blocks its thread.

#include <cstdint>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::http {

struct ProbeAddress {
  std::string address;  ///< IPv4 or IPv6; one that means all of them, as "::", reaches the loopback
  std::uint16_t port;
};

/// Nothing, where `target` is answered with 200. Errors: unavailable, with the address and why: no connection, another
/// status, no answer within `deadline`; invalid (not an address).
Result<void> probe(const ProbeAddress& at, std::string_view target, Duration deadline);

}  // namespace mintmark::http
