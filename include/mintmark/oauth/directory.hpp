#pragma once
// Clients and resources from both sources, and trusted issuers, which are declared: declared ones win, stored ones are
// read through a bounded cache (clients) and a snapshot (resources, which are few). What is declared can be replaced as
// a whole. Thread safety: all functions from any thread; refresh(), prepare() and adopt() one at a time.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mintmark/base/bounded_cache.hpp"
#include "mintmark/base/published.hpp"
#include "mintmark/oauth/client_repository.hpp"

namespace mintmark::oauth {

class Directory {
 public:
  using ResourceMap = std::map<ResourceId, std::shared_ptr<const Resource>>;

  /// What is in force at one moment. A request takes one view, so that its client and its resources belong together.
  struct View {
    std::map<ClientId, std::shared_ptr<const Client>> declared_clients;
    ResourceMap declared_resources;
    TrustedIssuerMap trusted_issuers;
    std::set<std::string, std::less<>> declared_origins;
    ResourceMap resources;  ///< of both sources, by id
  };

  /// Requires: the repositories outlive the directory; refresh() once before use; cached_clients > 0.
  Directory(std::vector<Client> declared_clients, std::vector<Resource> declared_resources, ClientRepository& clients,
            ResourceRepository& resources, std::size_t cached_clients, TrustedIssuerMap trusted_issuers = {});

  /// Forgets the cached clients and reads the stored resources anew: at start, and whenever the store has changed.
  /// On error the resources stay as they were.
  Result<void> refresh();

  /// A view with other declarations, beside what is stored now. Nothing changes. Errors: those of the repositories.
  Result<std::shared_ptr<const View>> prepare(std::vector<Client> declared_clients,
                                              std::vector<Resource> declared_resources,
                                              TrustedIssuerMap trusted_issuers) const;
  /// Puts a view of prepare() in force.
  void adopt(std::shared_ptr<const View> view);

  [[nodiscard]] std::shared_ptr<const View> view() const { return view_.load(); }

  /// Null where there is none. May read the store unless find_cached_client() has it.
  Result<std::shared_ptr<const Client>> find_client(const ClientId& id) { return find_client(id, *view()); }
  Result<std::shared_ptr<const Client>> find_client(const ClientId& id, const View& view);
  /// Null where finding it takes the store, or where there is none.
  [[nodiscard]] std::shared_ptr<const Client> find_cached_client(const ClientId& id) {
    return find_cached_client(id, *view());
  }
  [[nodiscard]] std::shared_ptr<const Client> find_cached_client(const ClientId& id, const View& view);
  /// Null where there is none. Never reads the store.
  [[nodiscard]] std::shared_ptr<const Resource> find_resource(const ResourceId& id) const;
  /// Of both sources, by id.
  [[nodiscard]] std::shared_ptr<const ResourceMap> resources() const {
    std::shared_ptr<const View> now = view();
    const ResourceMap* const resources = &now->resources;
    return {std::move(now), resources};
  }

  /// Whether a client, any, may be used from pages of `origin`. May read the store.
  Result<bool> allows_cors_origin(std::string_view origin);

  [[nodiscard]] bool is_declared(const ClientId& id) const { return view()->declared_clients.contains(id); }
  [[nodiscard]] bool is_declared(const ResourceId& id) const { return view()->declared_resources.contains(id); }

 private:
  /// `epoch` is that of before the reading: an entry of an older epoch may hold what has been changed since.
  struct CachedClient {
    std::shared_ptr<const Client> client;
    std::uint64_t epoch;
  };

  /// Adds what is stored to `resources`, which stay.
  Result<void> add_stored(ResourceMap& resources) const;

  ClientRepository& client_repository_;
  ResourceRepository& resource_repository_;
  BoundedCache<ClientId, CachedClient> client_cache_;
  std::atomic<std::uint64_t> epoch_{0};
  Published<View> view_;
};

}  // namespace mintmark::oauth
