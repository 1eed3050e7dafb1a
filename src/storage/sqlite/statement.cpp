#include "sqlite/statement.hpp"

#include <algorithm>
#include <limits>

#include "sqlite/sqlite_error.hpp"

namespace mintmark::storage::sqlite {

std::int64_t Row::integer(int column) const noexcept {
  return sqlite3_column_int64(statement_, column);
}

std::string Row::text(int column) const {
  const void* data = sqlite3_column_text(statement_, column);
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? std::string() : std::string(static_cast<const char*>(data), size);
}

Bytes Row::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return data == nullptr ? Bytes() : Bytes(data, data + size);
}

std::optional<Instant> Row::optional_instant(int column) const noexcept {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return instant(column);
}

std::optional<Duration> Row::optional_duration(int column) const noexcept {
  if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
  return Duration(integer(column));
}

Error Row::corrupt(std::string_view detail) const {
  return mintmark::corrupt(path_ + ": " + std::string(detail));
}

Statement::Statement(sqlite3* db, sqlite3_stmt* statement, int code, const std::string& path)
    : db_(db), statement_(statement), path_(path) {
  check(code);
}

Statement::~Statement() {
  if (statement_ == nullptr) return;  // it could not be prepared
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<void> Statement::run() {
  if (const Result<bool> stepped = step(); !stepped) return stepped.error();
  return {};
}

Result<std::size_t> Statement::run_and_count() {
  const Result<bool> stepped = step();
  if (!stepped) return stepped.error();
  return static_cast<std::size_t>(sqlite3_changes64(db_));
}

Result<bool> Statement::step() {
  if (error_) return *error_;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return sqlite_error(db_, code, path_);
}

void Statement::bind_value(int index, std::int64_t value) {
  if (!error_) check(sqlite3_bind_int64(statement_, index, value));
}

void Statement::bind_value(int index, std::uint64_t value) {
  bind_value(index,
             static_cast<std::int64_t>(std::min<std::uint64_t>(value, std::numeric_limits<std::int64_t>::max())));
}

// SQLite takes a null pointer for NULL, and an empty view may hold one.

void Statement::bind_value(int index, std::string_view value) {
  const char* data = value.data() == nullptr ? "" : value.data();
  if (!error_) check(sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void Statement::bind_value(int index, ByteView value) {
  const void* data = value.data() == nullptr ? static_cast<const void*>("") : value.data();
  if (!error_) check(sqlite3_bind_blob64(statement_, index, data, value.size(), SQLITE_TRANSIENT));
}

void Statement::bind_value(int index, std::optional<Instant> value) {
  if (value) return bind_value(index, *value);
  if (!error_) check(sqlite3_bind_null(statement_, index));
}

void Statement::bind_value(int index, std::optional<Duration> value) {
  if (value) return bind_value(index, std::int64_t{value->count()});
  if (!error_) check(sqlite3_bind_null(statement_, index));
}

void Statement::check(int code) {
  if (code != SQLITE_OK && !error_) error_ = sqlite_error(db_, code, path_);
}

}  // namespace mintmark::storage::sqlite
