#pragma once
// What goes on beside requests. Each part that fails is logged when it begins to and when it works again; the others go
// on. Thread safety: tick() from any thread, one at a time inside.

#include <functional>
#include <mutex>
#include <optional>

#include "mintmark/keys/key_manager.hpp"
#include "mintmark/oauth/directory.hpp"
#include "mintmark/ops/condition.hpp"
#include "mintmark/storage/storage.hpp"

namespace mintmark::app {

class Maintenance {
 public:
  /// `follow` takes over what has changed in the store. Requires: the references outlive this object.
  Maintenance(storage::Storage& storage, keys::KeyManager& key_manager, std::function<Result<void>(Instant now)> follow,
              ops::Log& log);

  void tick(Instant now);

 private:
  Result<void> follow_changes(Instant now);
  Result<void> remove_expired(Instant now);

  storage::Storage& storage_;
  keys::KeyManager& key_manager_;
  const std::function<Result<void>(Instant now)> follow_;

  std::mutex mutex_;  // guards what follows
  std::optional<std::uint64_t> followed_;
  ops::Condition changes_;
  ops::Condition rotation_;
  ops::Condition removal_;
};

}  // namespace mintmark::app
