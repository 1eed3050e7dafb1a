#pragma once
// A fixed set of connections that threads take turns with. Thread safety: acquire() from any thread.

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"
#include "sqlite/connection.hpp"

namespace mintmark::storage::sqlite {

class ConnectionPool {
 public:
  /// A connection for as long as this object lives. Requires: the pool outlives it.
  class Lease {
   public:
    Lease(Lease&& other) noexcept : pool_(other.pool_), connection_(std::exchange(other.connection_, nullptr)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (connection_ != nullptr) pool_.release(connection_);
    }
    [[nodiscard]] Connection& connection() const noexcept { return *connection_; }

   private:
    friend class ConnectionPool;
    Lease(ConnectionPool& pool, Connection& connection) noexcept : pool_(pool), connection_(&connection) {}

    ConnectionPool& pool_;
    Connection* connection_;
  };

  /// acquire() waits at most `patience`. Requires: at least one connection.
  ConnectionPool(std::vector<Connection> connections, Duration patience);
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// Errors: unavailable.
  Result<Lease> acquire();

 private:
  void release(Connection* connection) noexcept;

  std::vector<Connection> connections_;
  const Duration patience_;
  std::mutex mutex_;
  std::condition_variable released_;
  std::vector<Connection*> idle_;  // the last one back is the next one out: its cache is warm
};

}  // namespace mintmark::storage::sqlite
