#include "memory/memory_directory.hpp"

#include <algorithm>

#include "memory/versioned_map.hpp"

namespace mintmark::storage::memory {
namespace {

/// Passes `result` on, and counts a success as a change.
Result<void> counted(State& state, Result<void> result) {
  if (result) ++state.changes;
  return result;
}

}  // namespace

Result<std::optional<accounts::User>> MemoryUsers::find_by_id(const UserId& id) {
  const std::scoped_lock lock(state_.mutex);
  return find_in(state_.users, id);
}

Result<std::optional<accounts::User>> MemoryUsers::find_by_username(std::string_view username) {
  const std::scoped_lock lock(state_.mutex);
  for (const auto& [id, user] : state_.users) {
    if (user.username == username) return std::optional<accounts::User>(user);
  }
  return std::optional<accounts::User>();
}

Result<std::vector<accounts::User>> MemoryUsers::list_users(std::string_view after, std::size_t limit) {
  std::map<std::string, accounts::User> by_name;
  const std::scoped_lock lock(state_.mutex);
  for (const auto& [id, user] : state_.users)
    by_name.emplace(user.username, user);
  return list_after(by_name, std::string(after), limit);
}

Result<void> MemoryUsers::insert_user(const accounts::User& user) {
  const std::scoped_lock lock(state_.mutex);
  if (is_taken_by_another(user)) return conflict("the username is taken");
  return insert_into(state_.users, user);
}

Result<void> MemoryUsers::update_user(const accounts::User& user) {
  const std::scoped_lock lock(state_.mutex);
  if (state_.users.contains(user.id) && is_taken_by_another(user)) return conflict("the username is taken");
  return update_in(state_.users, user);
}

Result<void> MemoryUsers::erase_user(const UserId& id) {
  const std::scoped_lock lock(state_.mutex);
  return erase_from(state_.users, id);
}

Result<bool> MemoryUsers::replace_password_hash(const UserId& id, std::string_view expected, std::string_view next) {
  const std::scoped_lock lock(state_.mutex);
  const auto found = state_.users.find(id);
  if (found == state_.users.end() || found->second.password_hash != expected) return false;
  found->second.password_hash = next;
  ++found->second.version;
  return true;
}

bool MemoryUsers::is_taken_by_another(const accounts::User& user) const {
  return std::any_of(state_.users.begin(), state_.users.end(), [&](const auto& entry) {
    return entry.second.username == user.username && entry.first != user.id;
  });
}

Result<std::optional<oauth::Client>> MemoryClients::find_client(const ClientId& id) {
  const std::scoped_lock lock(state_.mutex);
  return find_in(state_.clients, id);
}

Result<std::vector<oauth::Client>> MemoryClients::list_clients(const ClientId& after, std::size_t limit) {
  const std::scoped_lock lock(state_.mutex);
  return list_after(state_.clients, after, limit);
}

Result<void> MemoryClients::insert_client(const oauth::Client& client) {
  const std::scoped_lock lock(state_.mutex);
  return counted(state_, insert_into(state_.clients, client));
}

Result<void> MemoryClients::update_client(const oauth::Client& client) {
  const std::scoped_lock lock(state_.mutex);
  return counted(state_, update_in(state_.clients, client));
}

Result<void> MemoryClients::erase_client(const ClientId& id) {
  const std::scoped_lock lock(state_.mutex);
  std::erase_if(state_.secret_uses, [&](const auto& entry) { return entry.first.first == id; });
  return counted(state_, erase_from(state_.clients, id));
}

Result<bool> MemoryClients::has_cors_origin(std::string_view origin) {
  const std::scoped_lock lock(state_.mutex);
  return std::any_of(state_.clients.begin(), state_.clients.end(), [&](const auto& entry) {
    const std::vector<std::string>& origins = entry.second.cors_origins;
    return !entry.second.disabled && std::find(origins.begin(), origins.end(), origin) != origins.end();
  });
}

Result<std::optional<oauth::Resource>> MemoryResources::find_resource(const ResourceId& id) {
  const std::scoped_lock lock(state_.mutex);
  return find_in(state_.resources, id);
}

Result<std::vector<oauth::Resource>> MemoryResources::list_resources(const ResourceId& after, std::size_t limit) {
  const std::scoped_lock lock(state_.mutex);
  return list_after(state_.resources, after, limit);
}

Result<void> MemoryResources::insert_resource(const oauth::Resource& resource) {
  const std::scoped_lock lock(state_.mutex);
  return counted(state_, insert_into(state_.resources, resource));
}

Result<void> MemoryResources::update_resource(const oauth::Resource& resource) {
  const std::scoped_lock lock(state_.mutex);
  return counted(state_, update_in(state_.resources, resource));
}

Result<void> MemoryResources::erase_resource(const ResourceId& id) {
  const std::scoped_lock lock(state_.mutex);
  return counted(state_, erase_from(state_.resources, id));
}

}  // namespace mintmark::storage::memory
