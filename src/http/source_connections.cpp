#include "source_connections.hpp"

#include <functional>
#include <string_view>

namespace mintmark::http {

SourceConnections::Shard& SourceConnections::shard_of(const IpNetwork& source) noexcept {
  const ByteView bytes = source.first_address().bytes();
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return shards_.at(std::hash<std::string_view>{}(text) % kShards);
}

std::optional<SourceConnections::Ticket> SourceConnections::enter(const IpAddress& peer) {
  const IpNetwork source = source_network_of(peer);
  const std::size_t limit = limit_.load(std::memory_order_relaxed);
  Shard& shard = shard_of(source);
  const std::scoped_lock lock(shard.mutex);
  std::size_t& open = shard.open[source];
  if (limit > 0 && open >= limit) return std::nullopt;
  ++open;
  return Ticket(*this, source);
}

void SourceConnections::leave(const IpNetwork& source) noexcept {
  Shard& shard = shard_of(source);
  const std::scoped_lock lock(shard.mutex);
  const auto found = shard.open.find(source);
  if (found != shard.open.end() && --found->second == 0) shard.open.erase(found);
}

}  // namespace mintmark::http
