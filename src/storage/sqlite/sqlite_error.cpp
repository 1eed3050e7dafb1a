#include "sqlite/sqlite_error.hpp"

#include <system_error>

namespace mintmark::storage::sqlite {
namespace {

ErrorKind kind_of(int code) noexcept {
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return ErrorKind::conflict;
    case SQLITE_TOOBIG:
      return ErrorKind::invalid;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:  // our own statements are sound, so the schema is not the one that they were written for
      return ErrorKind::corrupt;
    default:  // busy, locked, full, read-only, cannot open, input and output, memory
      return ErrorKind::unavailable;
  }
}

bool comes_from_the_system(int code) noexcept {
  const int primary = code & 0xff;
  return primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR || primary == SQLITE_FULL;
}

}  // namespace

Error sqlite_error(sqlite3* db, int code, const std::string& path) {
  std::string detail = path + ": " + (db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code));
  if (const int system = db != nullptr ? sqlite3_system_errno(db) : 0; system != 0 && comes_from_the_system(code))
    detail += " (" + std::generic_category().message(system) + ")";
  return {kind_of(code), std::move(detail)};
}

}  // namespace mintmark::storage::sqlite
