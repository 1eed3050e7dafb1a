#pragma once
// Clients and resources in SQLite: a row is the object's document and what statements need to know of it.
// Thread safety: as the ports.

#include "mintmark/oauth/client_repository.hpp"
#include "sqlite/database.hpp"

namespace mintmark::storage::sqlite {

class SqliteClients final : public oauth::ClientRepository {
 public:
  explicit SqliteClients(Database& database) noexcept : database_(database) {}

  Result<std::optional<oauth::Client>> find_client(const ClientId& id) override;
  Result<std::vector<oauth::Client>> list_clients(const ClientId& after, std::size_t limit) override;
  Result<void> insert_client(const oauth::Client& client) override;
  Result<void> update_client(const oauth::Client& client) override;
  Result<void> erase_client(const ClientId& id) override;
  Result<bool> has_cors_origin(std::string_view origin) override;

 private:
  Database& database_;
};

class SqliteResources final : public oauth::ResourceRepository {
 public:
  explicit SqliteResources(Database& database) noexcept : database_(database) {}

  Result<std::optional<oauth::Resource>> find_resource(const ResourceId& id) override;
  Result<std::vector<oauth::Resource>> list_resources(const ResourceId& after, std::size_t limit) override;
  Result<void> insert_resource(const oauth::Resource& resource) override;
  Result<void> update_resource(const oauth::Resource& resource) override;
  Result<void> erase_resource(const ResourceId& id) override;

 private:
  Database& database_;
};

}  // namespace mintmark::storage::sqlite
