#pragma once
// A user: the human or account whose name and password are posted.
// Thread safety: values.

#include <cstdint>
#include <string>
#include <string_view>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/ids.hpp"
#include "mintmark/base/json.hpp"

namespace mintmark::accounts {

struct User {
  UserId id;                         ///< opaque and for ever; `sub`
  std::string username;              ///< may change; compared byte by byte
  std::string password_hash;         ///< empty: no login by password
  bool disabled = false;             ///< Policy's to enforce
  Json attributes = Json::object();  ///< for claims templates; at most 16 KiB as text
  Instant created_at;
  Instant sessions_valid_from;  ///< refresh families begun until then, or by a login that read an earlier one, are
                                ///< dead: a changed password, a disabled user; only ever grows
  std::uint64_t version = 0;    ///< grows with each change in the store; 0 for a declared user

  bool operator==(const User&) const = default;
};

/// 16 random bytes in base64url.
UserId make_user_id();

/// Valid UTF-8 of 1 to 255 bytes without control characters. Two names are one only where their bytes are: neither
/// case nor Unicode normal form is levelled, so what an operator stored is what a user types.
[[nodiscard]] bool is_username(std::string_view text) noexcept;

}  // namespace mintmark::accounts
