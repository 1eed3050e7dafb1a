#pragma once
// The pieces that texts of password hashes are made of.
// Thread safety: pure functions.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mintmark/base/bytes.hpp"
#include "mintmark/crypto/password_hash.hpp"

namespace mintmark::crypto {

/// Decimal without sign or leading zeros.
std::optional<std::uint32_t> find_number(std::string_view text);
/// The number of "NAME=NUMBER".
std::optional<std::uint32_t> find_parameter(std::string_view text, std::string_view name);

/// What salts and hashes may measure in bytes: shorter ones are too weak, longer ones only cost.
inline constexpr std::size_t kMinSaltBytes = 8;
inline constexpr std::size_t kMinHashBytes = 16;
inline constexpr std::size_t kMaxPartBytes = 64;

/// A salt or hash in base64 without padding, of kMaxPartBytes or less and at least `least_bytes`.
std::optional<Bytes> find_part(std::string_view base64, std::size_t least_bytes);

/// Base64 without padding, as PHC strings have it.
std::string encode_part(ByteView bytes);

PasswordMatch compare_hashes(ByteView computed, ByteView stored) noexcept;

}  // namespace mintmark::crypto
