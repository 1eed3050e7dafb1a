#pragma once
// The port through which users are stored. Each function is atomic: it happens as a whole or not at all, and of two
// that contradict each other one reports conflict.
// Thread safety: all functions from any thread. Errors: conflict, unavailable, corrupt; an absent user is no error of
// find.

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "mintmark/accounts/user.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::accounts {

class UserRepository {
 public:
  virtual ~UserRepository() = default;

  virtual Result<std::optional<User>> find_by_id(const UserId& id) = 0;
  virtual Result<std::optional<User>> find_by_username(std::string_view username) = 0;
  /// Ordered by username, those after `after` (empty: from the first), at most `limit`.
  virtual Result<std::vector<User>> list_users(std::string_view after, std::size_t limit) = 0;
  /// Errors: conflict, if id or username is taken.
  virtual Result<void> insert_user(const User& user) = 0;
  /// Compare-and-set on `user.version`; stores with the next one. Errors: conflict (version or username), not_found.
  virtual Result<void> update_user(const User& user) = 0;
  /// Errors: not_found.
  virtual Result<void> erase_user(const UserId& id) = 0;
  /// Compare-and-set on the hash alone, for the rehash at login: false, with nothing changed, if the user is gone or
  /// the hash is no longer `expected`. The version grows, as with every change.
  virtual Result<bool> replace_password_hash(const UserId& id, std::string_view expected, std::string_view next) = 0;
};

}  // namespace mintmark::accounts
