#pragma once
// Clients and resources from both sources: declared ones win, stored ones are read through a bounded cache (clients)
// and a snapshot (resources, which are few). Thread safety: all functions from any thread.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "mintmark/base/bounded_cache.hpp"
#include "mintmark/base/published.hpp"
#include "mintmark/oauth/client_repository.hpp"

namespace mintmark::oauth {

class Directory {
 public:
  using ResourceMap = std::map<ResourceId, std::shared_ptr<const Resource>>;

  /// Requires: the repositories outlive the directory; refresh() once before use; cached_clients > 0.
  Directory(std::vector<Client> declared_clients, std::vector<Resource> declared_resources, ClientRepository& clients,
            ResourceRepository& resources, std::size_t cached_clients);

  /// Forgets the cached clients and reads the stored resources anew: at start, and whenever the store has changed.
  /// On error the resources stay as they were.
  Result<void> refresh();

  /// Null where there is none. May read the store unless find_cached_client() has it.
  Result<std::shared_ptr<const Client>> find_client(const ClientId& id);
  /// Null where finding it takes the store, or where there is none.
  [[nodiscard]] std::shared_ptr<const Client> find_cached_client(const ClientId& id);
  /// Null where there is none. Never reads the store.
  [[nodiscard]] std::shared_ptr<const Resource> find_resource(const ResourceId& id) const;
  /// Of both sources, by id.
  [[nodiscard]] std::shared_ptr<const ResourceMap> resources() const { return resources_.load(); }

  /// Whether a client, any, may be used from pages of `origin`. May read the store.
  Result<bool> allows_cors_origin(std::string_view origin);

  [[nodiscard]] bool is_declared(const ClientId& id) const { return declared_clients_.contains(id); }
  [[nodiscard]] bool is_declared(const ResourceId& id) const { return declared_resources_.contains(id); }

 private:
  /// `epoch` is that of before the reading: an entry of an older epoch may hold what has been changed since.
  struct CachedClient {
    std::shared_ptr<const Client> client;
    std::uint64_t epoch;
  };

  std::map<ClientId, std::shared_ptr<const Client>> declared_clients_;
  ResourceMap declared_resources_;
  std::set<std::string, std::less<>> declared_origins_;
  ClientRepository& client_repository_;
  ResourceRepository& resource_repository_;
  BoundedCache<ClientId, CachedClient> client_cache_;
  std::atomic<std::uint64_t> epoch_{0};
  Published<ResourceMap> resources_;
};

}  // namespace mintmark::oauth
