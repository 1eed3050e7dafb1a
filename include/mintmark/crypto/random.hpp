#pragma once
// The operating system's randomness through OpenSSL. A machine that cannot give random bytes cannot mint: the process
// ends rather than go on with predictable ones.
// Thread safety: all functions from any thread.

#include <cstddef>
#include <span>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

void fill_random(std::span<std::uint8_t> out);
Bytes random_bytes(std::size_t size);
Secret random_secret(std::size_t size);

}  // namespace mintmark::crypto
