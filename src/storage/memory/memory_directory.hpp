#pragma once
// Users, clients and resources in memory. Thread safety: as the ports.

#include "memory/memory_state.hpp"

namespace mintmark::storage::memory {

class MemoryUsers final : public accounts::UserRepository {
 public:
  explicit MemoryUsers(State& state) noexcept : state_(state) {}

  Result<std::optional<accounts::User>> find_by_id(const UserId& id) override;
  Result<std::optional<accounts::User>> find_by_username(std::string_view username) override;
  Result<std::vector<accounts::User>> list_users(std::string_view after, std::size_t limit) override;
  Result<void> insert_user(const accounts::User& user) override;
  Result<void> update_user(const accounts::User& user) override;
  Result<void> erase_user(const UserId& id) override;
  Result<bool> replace_password_hash(const UserId& id, std::string_view expected, std::string_view next) override;

 private:
  [[nodiscard]] bool is_taken_by_another(const accounts::User& user) const;

  State& state_;
};

class MemoryClients final : public oauth::ClientRepository {
 public:
  explicit MemoryClients(State& state) noexcept : state_(state) {}

  Result<std::optional<oauth::Client>> find_client(const ClientId& id) override;
  Result<std::vector<oauth::Client>> list_clients(const ClientId& after, std::size_t limit) override;
  Result<void> insert_client(const oauth::Client& client) override;
  Result<void> update_client(const oauth::Client& client) override;
  Result<void> erase_client(const ClientId& id) override;
  Result<bool> has_cors_origin(std::string_view origin) override;

 private:
  State& state_;
};

class MemoryResources final : public oauth::ResourceRepository {
 public:
  explicit MemoryResources(State& state) noexcept : state_(state) {}

  Result<std::optional<oauth::Resource>> find_resource(const ResourceId& id) override;
  Result<std::vector<oauth::Resource>> list_resources(const ResourceId& after, std::size_t limit) override;
  Result<void> insert_resource(const oauth::Resource& resource) override;
  Result<void> update_resource(const oauth::Resource& resource) override;
  Result<void> erase_resource(const ResourceId& id) override;

 private:
  State& state_;
};

}  // namespace mintmark::storage::memory
