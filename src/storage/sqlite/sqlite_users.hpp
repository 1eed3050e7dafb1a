#pragma once
// Users in SQLite. Thread safety: as the port.

#include "mintmark/accounts/user_repository.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteUsers final : public accounts::UserRepository {
 public:
  explicit SqliteUsers(Database& database) noexcept : database_(database) {}

  Result<std::optional<accounts::User>> find_by_id(const UserId& id) override;
  Result<std::optional<accounts::User>> find_by_username(std::string_view username) override;
  Result<std::vector<accounts::User>> list_users(std::string_view after, std::size_t limit) override;
  Result<void> insert_user(const accounts::User& user) override;
  Result<void> update_user(const accounts::User& user) override;
  Result<void> erase_user(const UserId& id) override;
  Result<bool> replace_password_hash(const UserId& id, std::string_view expected, std::string_view next) override;

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
