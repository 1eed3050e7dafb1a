#pragma once
// The schema, as numbered steps. Steps that have been released never change; a new one only adds (a column with a
// default, a table, an index), because the version before still runs on the result (invariant 10).
// Thread safety: the connection's.

#include <cstdint>

#include "mintmark/storage/storage.hpp"
#include "sqlite/connection.hpp"

namespace mintmark::storage::sqlite {

struct Schema {
  std::uint32_t version;  ///< 0 before the first migration
  bool empty;             ///< a file that nobody has written to
};

/// The version that migrate() leads to.
[[nodiscard]] std::uint32_t latest_schema() noexcept;

/// Errors: invalid, where the file belongs to another program or a newer version; corrupt, where it is no database.
Result<Schema> read_schema(Connection& connection);

/// Runs the missing migrations in one transaction, so that nobody ever sees a store between two versions. Processes
/// that do it at once take turns.
Result<Migration> migrate(Connection& connection);

}  // namespace mintmark::storage::sqlite
