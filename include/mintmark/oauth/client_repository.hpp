#pragma once
// The port through which clients and resources are stored.
// Thread safety: all functions from any thread. Errors: conflict, unavailable, corrupt; an absent object is no error of
// find.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "mintmark/oauth/client.hpp"
#include "mintmark/oauth/resource.hpp"

namespace mintmark::oauth {

class ClientRepository {
 public:
  virtual ~ClientRepository() = default;

  virtual Result<std::optional<Client>> find_client(const ClientId& id) = 0;
  /// Ordered by id, those after `after` (empty: from the first), at most `limit`.
  virtual Result<std::vector<Client>> list_clients(const ClientId& after, std::size_t limit) = 0;
  /// Errors: conflict, if the id is taken.
  virtual Result<void> insert_client(const Client& client) = 0;
  /// Compare-and-set on `client.version`; stores with the next one. Errors: conflict, not_found.
  virtual Result<void> update_client(const Client& client) = 0;
  /// Errors: not_found.
  virtual Result<void> erase_client(const ClientId& id) = 0;
  /// Whether any enabled client lists `origin` exactly: for preflight requests, which do not say who asks.
  virtual Result<bool> has_cors_origin(std::string_view origin) = 0;
};

class ResourceRepository {
 public:
  virtual ~ResourceRepository() = default;

  virtual Result<std::optional<Resource>> find_resource(const ResourceId& id) = 0;
  virtual Result<std::vector<Resource>> list_resources(const ResourceId& after, std::size_t limit) = 0;
  virtual Result<void> insert_resource(const Resource& resource) = 0;
  virtual Result<void> update_resource(const Resource& resource) = 0;
  virtual Result<void> erase_resource(const ResourceId& id) = 0;
};

}  // namespace mintmark::oauth
