#include "mintmark/oauth/directory.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kMaxResources = 20'000;  // they are all held in memory

/// The resources are the declared ones alone.
Directory::View view_of(std::vector<Client> clients, std::vector<Resource> resources, TrustedIssuerMap trusted) {
  Directory::View view;
  view.trusted_issuers = std::move(trusted);
  for (Client& client : clients) {
    if (!client.disabled) view.declared_origins.insert(client.cors_origins.begin(), client.cors_origins.end());
    ClientId id = client.id;
    view.declared_clients.emplace(std::move(id), std::make_shared<const Client>(std::move(client)));
  }
  for (Resource& resource : resources) {
    ResourceId id = resource.id;
    view.declared_resources.emplace(std::move(id), std::make_shared<const Resource>(std::move(resource)));
  }
  view.resources = view.declared_resources;
  return view;
}

}  // namespace

Directory::Directory(std::vector<Client> declared_clients, std::vector<Resource> declared_resources,
                     ClientRepository& clients, ResourceRepository& resources, std::size_t cached_clients,
                     TrustedIssuerMap trusted_issuers)
    : client_repository_(clients),
      resource_repository_(resources),
      client_cache_(cached_clients),
      view_(std::make_shared<const View>(
          view_of(std::move(declared_clients), std::move(declared_resources), std::move(trusted_issuers)))) {}

Result<void> Directory::add_stored(ResourceMap& resources) const {
  for (ResourceId after;;) {
    Result<std::vector<Resource>> page = resource_repository_.list_resources(after, kPage);
    if (!page) return page.error();
    if (page->empty()) return {};
    after = page->back().id;
    for (Resource& resource : *page) {
      ResourceId id = resource.id;
      resources.emplace(std::move(id), std::make_shared<const Resource>(std::move(resource)));  // a declared one stays
    }
    if (resources.size() > kMaxResources) return unavailable("the store holds more than 20000 resources");
  }
}

Result<void> Directory::refresh() {
  // First, because a resource that cannot be read must not keep a client alive that has been disabled.
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  View next = *view();
  next.resources = next.declared_resources;
  if (Result<void> added = add_stored(next.resources); !added) return added;
  view_.store(std::make_shared<const View>(std::move(next)));
  return {};
}

Result<std::shared_ptr<const Directory::View>> Directory::prepare(std::vector<Client> declared_clients,
                                                                  std::vector<Resource> declared_resources,
                                                                  TrustedIssuerMap trusted_issuers) const {
  View next = view_of(std::move(declared_clients), std::move(declared_resources), std::move(trusted_issuers));
  if (Result<void> added = add_stored(next.resources); !added) return added.error();
  return std::make_shared<const View>(std::move(next));
}

void Directory::adopt(std::shared_ptr<const View> view) {
  view_.store(std::move(view));
}

std::shared_ptr<const Client> Directory::find_cached_client(const ClientId& id, const View& view) {
  const auto declared = view.declared_clients.find(id);
  if (declared != view.declared_clients.end()) return declared->second;
  const std::shared_ptr<const CachedClient> cached = client_cache_.find(id);
  if (!cached || cached->epoch != epoch_.load(std::memory_order_acquire)) return nullptr;
  return cached->client;
}

Result<std::shared_ptr<const Client>> Directory::find_client(const ClientId& id, const View& view) {
  if (std::shared_ptr<const Client> cached = find_cached_client(id, view)) return cached;
  const std::uint64_t epoch = epoch_.load(std::memory_order_acquire);
  Result<std::optional<Client>> stored = client_repository_.find_client(id);
  if (!stored) return stored.error();
  // Unknown ids are not cached: whoever invents them would push out the clients that exist.
  if (!stored->has_value()) return std::shared_ptr<const Client>();
  auto client = std::make_shared<const Client>(**std::move(stored));
  client_cache_.insert(id, std::make_shared<const CachedClient>(CachedClient{client, epoch}));
  return client;
}

std::shared_ptr<const Resource> Directory::find_resource(const ResourceId& id) const {
  const std::shared_ptr<const View> now = view();
  const auto found = now->resources.find(id);
  return found == now->resources.end() ? nullptr : found->second;
}

Result<bool> Directory::allows_cors_origin(std::string_view origin) {
  if (view()->declared_origins.contains(origin)) return true;
  return client_repository_.has_cors_origin(origin);
}

}  // namespace mintmark::oauth
