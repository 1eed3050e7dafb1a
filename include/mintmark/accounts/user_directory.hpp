#pragma once
// Users from both sources. Declared ones win: a stored user who shares the id or the name of a declared one is not
// found at all, so that neither can be taken for the other.
// Thread safety: all functions from any thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/accounts/user_repository.hpp"

namespace mintmark::accounts {

class UserDirectory {
 public:
  /// Requires: ids and names of `declared` are unique; the repository outlives the directory.
  UserDirectory(std::vector<User> declared, UserRepository& repository);

  [[nodiscard]] Result<std::optional<User>> find_by_id(const UserId& id) const;
  [[nodiscard]] Result<std::optional<User>> find_by_username(std::string_view username) const;
  [[nodiscard]] bool is_declared(const UserId& id) const { return by_id_.contains(id); }
  [[nodiscard]] bool is_declared_name(std::string_view username) const { return by_name_.contains(username); }

 private:
  [[nodiscard]] Result<std::optional<User>> unless_shadowed(Result<std::optional<User>> stored) const;

  std::map<UserId, User> by_id_;
  std::map<std::string, UserId, std::less<>> by_name_;
  UserRepository& repository_;
};

}  // namespace mintmark::accounts
