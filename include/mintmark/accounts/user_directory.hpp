#pragma once
// Users from both sources. Declared ones win: a stored user who shares the id or the name of a declared one is not
// found at all, so that neither can be taken for the other. The declared ones can be replaced as a whole.
// Thread safety: all functions from any thread.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/accounts/user_repository.hpp"
#include "mintmark/base/published.hpp"

namespace mintmark::accounts {

class UserDirectory {
 public:
  /// Requires: ids and names of `declared` are unique; the repository outlives the directory.
  UserDirectory(std::vector<User> declared, UserRepository& repository);

  /// Requires: ids and names of `declared` are unique.
  void set_declared(std::vector<User> declared);

  [[nodiscard]] Result<std::optional<User>> find_by_id(const UserId& id) const;
  [[nodiscard]] Result<std::optional<User>> find_by_username(std::string_view username) const;
  [[nodiscard]] bool is_declared(const UserId& id) const { return declared_.load()->by_id.contains(id); }
  [[nodiscard]] bool is_declared_name(std::string_view username) const {
    return declared_.load()->by_name.contains(username);
  }

 private:
  struct Declared {
    std::map<UserId, User> by_id;
    std::map<std::string, UserId, std::less<>> by_name;
  };
  static std::shared_ptr<const Declared> index(std::vector<User> users);
  static Result<std::optional<User>> unless_shadowed(Result<std::optional<User>> stored, const Declared& declared);

  Published<Declared> declared_;
  UserRepository& repository_;
};

}  // namespace mintmark::accounts
