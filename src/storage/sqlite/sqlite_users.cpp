#include "sqlite/sqlite_users.hpp"

#include "document.hpp"
#include "sqlite/versioned.hpp"

namespace mintmark::storage::sqlite {
namespace {

/// Columns id, username, password_hash, disabled, attributes, created_at, sessions_valid_from, version.
Result<accounts::User> read_user(const Row& row) {
  accounts::User user;
  user.id = UserId(row.text(0));
  user.username = row.text(1);
  user.password_hash = row.text(2);
  user.disabled = row.boolean(3);
  Result<Json> attributes = read_document(row.text(4));
  if (!attributes) return row.corrupt("attributes of user " + user.id.str() + ": " + attributes.error().detail);
  user.attributes = std::move(*attributes);
  user.created_at = row.instant(5);
  user.sessions_valid_from = row.instant(6);
  user.version = static_cast<std::uint64_t>(row.integer(7));
  return user;
}

}  // namespace

Result<std::optional<accounts::User>> SqliteUsers::find_by_id(const UserId& id) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement(
            "SELECT id, username, password_hash, disabled, attributes, created_at, sessions_valid_from, version FROM "
            "users"
            " WHERE id = ?1")
        .bind(id.str())
        .first(read_user);
  });
}

Result<std::optional<accounts::User>> SqliteUsers::find_by_username(std::string_view username) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement(
            "SELECT id, username, password_hash, disabled, attributes, created_at, sessions_valid_from, version FROM "
            "users"
            " WHERE username = ?1")
        .bind(username)
        .first(read_user);
  });
}

Result<std::vector<accounts::User>> SqliteUsers::list_users(std::string_view after, std::size_t limit) {
  return database_.read([&](Connection& connection) {
    return connection
        .statement(
            "SELECT id, username, password_hash, disabled, attributes, created_at, sessions_valid_from, version FROM "
            "users"
            " WHERE username > ?1 ORDER BY username LIMIT ?2")
        .bind(after, limit)
        .all(read_user);
  });
}

Result<void> SqliteUsers::insert_user(const accounts::User& user) {
  const Result<std::string> attributes = write_document(user.attributes);
  if (!attributes) return attributes.error();
  return database_.write([&](Connection& connection) {
    return connection
        .statement(
            "INSERT INTO users (id, username, password_hash, disabled, attributes, created_at,"
            " sessions_valid_from, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1)")
        .bind(user.id.str(), user.username, user.password_hash, user.disabled, *attributes, user.created_at,
              user.sessions_valid_from)
        .run();
  });
}

Result<void> SqliteUsers::update_user(const accounts::User& user) {
  const Result<std::string> attributes = write_document(user.attributes);
  if (!attributes) return attributes.error();
  return database_.write([&](Connection& connection) -> Result<void> {
    const Result<std::size_t> updated =
        connection
            .statement(
                "UPDATE users SET username = ?3, password_hash = ?4, disabled = ?5, attributes = ?6,"
                " created_at = ?7, sessions_valid_from = ?8, version = version + 1 WHERE id = ?1 AND version = ?2")
            .bind(user.id.str(), user.version, user.username, user.password_hash, user.disabled, *attributes,
                  user.created_at, user.sessions_valid_from)
            .run_and_count();
    if (!updated) return updated.error();
    if (*updated == 0)
      return missed_update(connection.statement("SELECT 1 FROM users WHERE id = ?1").bind(user.id.str()));
    return {};
  });
}

Result<void> SqliteUsers::erase_user(const UserId& id) {
  return database_.write([&](Connection& connection) {
    return erase_one(connection.statement("DELETE FROM users WHERE id = ?1").bind(id.str()));
  });
}

Result<bool> SqliteUsers::replace_password_hash(const UserId& id, std::string_view expected, std::string_view next) {
  return database_.write([&](Connection& connection) -> Result<bool> {
    const Result<std::size_t> replaced = connection
                                             .statement(
                                                 "UPDATE users SET password_hash = ?3, version = version + 1"
                                                 " WHERE id = ?1 AND password_hash = ?2")
                                             .bind(id.str(), expected, next)
                                             .run_and_count();
    if (!replaced) return replaced.error();
    return *replaced == 1;
  });
}

}  // namespace mintmark::storage::sqlite
