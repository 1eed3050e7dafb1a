#pragma once
// Names as keys of tables: nobody without the key can tell a name from its hash, or find names that meet.
// Thread safety: pure functions.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "mintmark/base/secret.hpp"

namespace mintmark::crypto {

using KeyedHash = std::array<std::uint8_t, 16>;

/// HMAC-SHA-256 over the parts with their lengths, cut to 128 bits. Requires: `key` is not empty.
KeyedHash keyed_hash(const Secret& key, std::initializer_list<std::string_view> parts);

}  // namespace mintmark::crypto
