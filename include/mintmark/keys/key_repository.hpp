#pragma once
// The port through which keys are stored. All keys form one table with one version: whoever writes says which version
// it read, so of several processes that start on one empty store exactly one creates the keys. Thread safety: all
// functions from any thread. Errors: conflict, unavailable, corrupt.

#include <cstdint>
#include <span>
#include <vector>

#include "mintmark/keys/key_record.hpp"

namespace mintmark::keys {

struct KeyTable {
  std::uint64_t version = 0;       ///< grows with every change; 0 for a store that never had a key
  std::vector<KeyRecord> records;  ///< by created_at, then kid
};

class KeyRepository {
 public:
  virtual ~KeyRepository() = default;

  /// One consistent reading.
  virtual Result<KeyTable> load_keys() = 0;

  /// Atomic and durable: inserts or replaces `upserts` and deletes `removals`, all or nothing, if the table's version
  /// is still `expected_version`. Errors: conflict, if it is not.
  virtual Result<void> store_keys(std::uint64_t expected_version, std::span<const KeyRecord> upserts,
                                  std::span<const KeyId> removals) = 0;
};

}  // namespace mintmark::keys
