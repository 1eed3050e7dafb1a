#pragma once
// Users in a map, with a switch that makes the store fail.

#include <map>

#include "mintmark/accounts/user_repository.hpp"

namespace mintmark::accounts {

class FakeUserRepository final : public UserRepository {
 public:
  Result<std::optional<User>> find_by_id(const UserId& id) override {
    if (down) return unavailable("the store is down");
    const auto found = users.find(id);
    return found == users.end() ? std::optional<User>() : std::optional(found->second);
  }

  Result<std::optional<User>> find_by_username(std::string_view username) override {
    ++name_lookups;
    if (down) return unavailable("the store is down");
    for (const auto& [id, user] : users) {
      if (user.username == username) return std::optional(user);
    }
    return std::optional<User>();
  }

  Result<std::vector<User>> list_users(std::string_view, std::size_t) override { return unsupported("not faked"); }

  Result<void> insert_user(const User& user) override {
    users.insert_or_assign(user.id, user);
    return {};
  }

  Result<void> update_user(const User&) override { return unsupported("not faked"); }
  Result<void> erase_user(const UserId&) override { return unsupported("not faked"); }

  Result<bool> replace_password_hash(const UserId& id, std::string_view expected, std::string_view next) override {
    ++replacements_tried;
    if (writes_fail) return unavailable("the disk is full");
    const auto found = users.find(id);
    if (found == users.end() || found->second.password_hash != expected) return false;
    found->second.password_hash = next;
    return true;
  }

  std::map<UserId, User> users;
  bool down = false;
  bool writes_fail = false;
  int name_lookups = 0;
  int replacements_tried = 0;
};

}  // namespace mintmark::accounts
