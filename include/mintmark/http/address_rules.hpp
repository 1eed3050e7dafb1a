#pragma once
// Which addresses belong to the public Internet: where a fetch may go that somebody else's configuration asks for.
// Thread safety: pure functions.

#include "mintmark/base/bytes.hpp"

namespace mintmark::http {

/// `address` is binary, 4 bytes of IPv4 or 16 of IPv6; nothing else is public. So is no address of this machine, of a
/// private, shared, link-local or documentation network, and none that reaches more than one host. Of IPv6, global
/// unicast alone is public (RFC 4291 §2.4), and what carries an IPv4 address (mapped, NAT64) is what that one is.
[[nodiscard]] bool is_public_address(ByteView address) noexcept;

}  // namespace mintmark::http
