#pragma once
// A stored password hash, read from its text; one file per family of formats.
// Thread safety: immutable.

#include <cstdint>
#include <memory>
#include <string_view>

#include "mintmark/crypto/password_hash.hpp"

namespace mintmark::crypto {

class StoredHash {
 public:
  virtual ~StoredHash() = default;

  /// Errors: invalid, where verifying would cost more than `limits` allow.
  [[nodiscard]] virtual Result<void> check_cost(const HashLimits& limits) const = 0;
  [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
  /// Errors: unavailable, without memory; crypto, where the library fails.
  [[nodiscard]] virtual Result<PasswordMatch> verify(const Secret& password) const = 0;
};

using StoredHashResult = Result<std::unique_ptr<const StoredHash>>;

// Each reads the text of one family, whose prefix has been seen. Errors: invalid, without a word of the text.
StoredHashResult parse_argon2(std::string_view text);
StoredHashResult parse_bcrypt(std::string_view text);
StoredHashResult parse_pbkdf2(std::string_view text);
StoredHashResult parse_scrypt(std::string_view text);

}  // namespace mintmark::crypto
