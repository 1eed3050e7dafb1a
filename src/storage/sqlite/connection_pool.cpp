#include "sqlite/connection_pool.hpp"

namespace mintmark::storage::sqlite {

ConnectionPool::ConnectionPool(std::vector<Connection> connections, Duration patience)
    : connections_(std::move(connections)), patience_(patience) {
  idle_.reserve(connections_.size());
  for (Connection& connection : connections_)
    idle_.push_back(&connection);
}

Result<ConnectionPool::Lease> ConnectionPool::acquire() {
  std::unique_lock lock(mutex_);
  if (!released_.wait_for(lock, patience_, [this] { return !idle_.empty(); }))
    return unavailable(connections_.front().path() + ": no connection came free in time");
  Connection* connection = idle_.back();
  idle_.pop_back();
  return Lease(*this, *connection);
}

void ConnectionPool::release(Connection* connection) noexcept {
  {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(connection);
  }
  released_.notify_one();
}

}  // namespace mintmark::storage::sqlite
