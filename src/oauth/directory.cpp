#include "mintmark/oauth/directory.hpp"

namespace mintmark::oauth {
namespace {

constexpr std::size_t kPage = 500;
constexpr std::size_t kMaxResources = 20'000;  // they are all held in memory

}  // namespace

Directory::Directory(std::vector<Client> declared_clients, std::vector<Resource> declared_resources,
                     ClientRepository& clients, ResourceRepository& resources, std::size_t cached_clients)
    : client_repository_(clients),
      resource_repository_(resources),
      client_cache_(cached_clients),
      resources_(std::make_shared<const ResourceMap>()) {
  for (Client& client : declared_clients) {
    if (!client.disabled) declared_origins_.insert(client.cors_origins.begin(), client.cors_origins.end());
    ClientId id = client.id;
    declared_clients_.emplace(std::move(id), std::make_shared<const Client>(std::move(client)));
  }
  for (Resource& resource : declared_resources) {
    ResourceId id = resource.id;
    declared_resources_.emplace(std::move(id), std::make_shared<const Resource>(std::move(resource)));
  }
  resources_.store(std::make_shared<const ResourceMap>(declared_resources_));
}

Result<void> Directory::refresh() {
  // First, because a resource that cannot be read must not keep a client alive that has been disabled.
  epoch_.fetch_add(1, std::memory_order_acq_rel);
  ResourceMap resources = declared_resources_;
  for (ResourceId after;;) {
    Result<std::vector<Resource>> page = resource_repository_.list_resources(after, kPage);
    if (!page) return page.error();
    if (page->empty()) break;
    after = page->back().id;
    for (Resource& resource : *page) {
      ResourceId id = resource.id;
      resources.emplace(std::move(id), std::make_shared<const Resource>(std::move(resource)));  // a declared one stays
    }
    if (resources.size() > kMaxResources) return unavailable("the store holds more than 20000 resources");
  }
  resources_.store(std::make_shared<const ResourceMap>(std::move(resources)));
  return {};
}

std::shared_ptr<const Client> Directory::find_cached_client(const ClientId& id) {
  if (const auto declared = declared_clients_.find(id); declared != declared_clients_.end()) return declared->second;
  const std::shared_ptr<const CachedClient> cached = client_cache_.find(id);
  if (!cached || cached->epoch != epoch_.load(std::memory_order_acquire)) return nullptr;
  return cached->client;
}

Result<std::shared_ptr<const Client>> Directory::find_client(const ClientId& id) {
  if (std::shared_ptr<const Client> cached = find_cached_client(id)) return cached;
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
  const std::shared_ptr<const ResourceMap> resources = resources_.load();
  const auto found = resources->find(id);
  return found == resources->end() ? nullptr : found->second;
}

Result<bool> Directory::allows_cors_origin(std::string_view origin) {
  if (declared_origins_.contains(origin)) return true;
  return client_repository_.has_cors_origin(origin);
}

}  // namespace mintmark::oauth
