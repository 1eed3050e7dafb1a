#include "mintmark/accounts/user_directory.hpp"

namespace mintmark::accounts {

UserDirectory::UserDirectory(std::vector<User> declared, UserRepository& repository)
    : declared_(index(std::move(declared))), repository_(repository) {}

void UserDirectory::set_declared(std::vector<User> declared) {
  declared_.store(index(std::move(declared)));
}

std::shared_ptr<const UserDirectory::Declared> UserDirectory::index(std::vector<User> users) {
  Declared declared;
  for (User& user : users) {
    declared.by_name.emplace(user.username, user.id);
    UserId id = user.id;
    declared.by_id.emplace(std::move(id), std::move(user));
  }
  return std::make_shared<const Declared>(std::move(declared));
}

Result<std::optional<User>> UserDirectory::unless_shadowed(Result<std::optional<User>> stored,
                                                           const Declared& declared) {
  if (!stored || !*stored) return stored;
  if (declared.by_id.contains((*stored)->id) || declared.by_name.contains((*stored)->username)) {
    return std::optional<User>();
  }
  return stored;
}

Result<std::optional<User>> UserDirectory::find_by_id(const UserId& id) const {
  const std::shared_ptr<const Declared> declared = declared_.load();
  if (const auto found = declared->by_id.find(id); found != declared->by_id.end()) return std::optional(found->second);
  return unless_shadowed(repository_.find_by_id(id), *declared);
}

Result<std::optional<User>> UserDirectory::find_by_username(std::string_view username) const {
  const std::shared_ptr<const Declared> declared = declared_.load();
  if (const auto found = declared->by_name.find(username); found != declared->by_name.end()) {
    return std::optional(declared->by_id.at(found->second));
  }
  return unless_shadowed(repository_.find_by_username(username), *declared);
}

}  // namespace mintmark::accounts
