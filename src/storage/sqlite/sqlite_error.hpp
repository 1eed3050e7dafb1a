#pragma once
// SQLite's result codes as ours. Thread safety: as the connection.

#include <sqlite3.h>

#include <string>

#include "mintmark/base/error.hpp"

namespace mintmark::storage::sqlite {

/// What `code`, just returned by a call on `db`, means; `path` and SQLite's own words make the detail. SQLite names
/// tables and columns there, never values. `db` may be null.
Error sqlite_error(sqlite3* db, int code, const std::string& path);

}  // namespace mintmark::storage::sqlite
