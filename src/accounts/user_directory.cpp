#include "mintmark/accounts/user_directory.hpp"

namespace mintmark::accounts {

UserDirectory::UserDirectory(std::vector<User> declared, UserRepository& repository) : repository_(repository) {
  for (User& user : declared) {
    by_name_.emplace(user.username, user.id);
    UserId id = user.id;
    by_id_.emplace(std::move(id), std::move(user));
  }
}

Result<std::optional<User>> UserDirectory::unless_shadowed(Result<std::optional<User>> stored) const {
  if (stored && *stored && (is_declared((*stored)->id) || is_declared_name((*stored)->username))) {
    return std::optional<User>();
  }
  return stored;
}

Result<std::optional<User>> UserDirectory::find_by_id(const UserId& id) const {
  if (const auto declared = by_id_.find(id); declared != by_id_.end()) return std::optional(declared->second);
  return unless_shadowed(repository_.find_by_id(id));
}

Result<std::optional<User>> UserDirectory::find_by_username(std::string_view username) const {
  if (const auto declared = by_name_.find(username); declared != by_name_.end()) return find_by_id(declared->second);
  return unless_shadowed(repository_.find_by_username(username));
}

}  // namespace mintmark::accounts
