#pragma once
// One use of a prepared statement: bind, then run(), run_and_count(), first() or all(). The first thing that goes wrong
// is kept and returned by that last call, so a use is one expression:
//
//   connection.statement("SELECT a, b FROM t WHERE id = ?1").bind(id).first(read_thing)
//
// Thread safety: none; the connection's.

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mintmark/base/bytes.hpp"
#include "mintmark/base/clock.hpp"
#include "mintmark/base/result.hpp"

namespace mintmark::storage::sqlite {

/// The row that a statement stands on. Columns count from 0.
class Row {
 public:
  Row(sqlite3_stmt* statement, const std::string& path) noexcept : statement_(statement), path_(path) {}

  [[nodiscard]] std::int64_t integer(int column) const noexcept;
  [[nodiscard]] bool boolean(int column) const noexcept { return integer(column) != 0; }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] Bytes blob(int column) const;
  [[nodiscard]] Instant instant(int column) const noexcept { return from_unix_ms(integer(column)); }
  [[nodiscard]] std::optional<Instant> optional_instant(int column) const noexcept;
  [[nodiscard]] std::optional<Duration> optional_duration(int column) const noexcept;

  /// An error about what the row holds; `detail` says which row and what is wrong.
  [[nodiscard]] Error corrupt(std::string_view detail) const;

 private:
  sqlite3_stmt* statement_;
  const std::string& path_;
};

template <class Read>
using RowValue = typename std::invoke_result_t<Read, const Row&>::value_type;

class Statement {
 public:
  /// `code` is what preparing `statement` returned. Requires: the arguments outlive this object.
  Statement(sqlite3* db, sqlite3_stmt* statement, int code, const std::string& path);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  /// Leaves the prepared statement ready for its next use and without the values of this one.
  ~Statement();

  /// Values for ?1, ?2 and so on. They are copied.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_value(++index, values), ...);
    return *this;
  }

  /// For statements that return no rows.
  Result<void> run();
  /// Likewise; the number of rows that it inserted, updated or deleted.
  Result<std::size_t> run_and_count();

  /// The first row as `read` (Row to Result<T>) makes of it, if there is one.
  template <class Read>
  Result<std::optional<RowValue<Read>>> first(Read read) {
    const Result<bool> stepped = step();
    if (!stepped) return stepped.error();
    if (!*stepped) return std::optional<RowValue<Read>>();
    auto value = read(Row(statement_, path_));
    if (!value) return value.error();
    return std::optional<RowValue<Read>>(std::move(*value));
  }

  /// Every row.
  template <class Read>
  Result<std::vector<RowValue<Read>>> all(Read read) {
    std::vector<RowValue<Read>> values;
    for (;;) {
      const Result<bool> stepped = step();
      if (!stepped) return stepped.error();
      if (!*stepped) return values;
      auto value = read(Row(statement_, path_));
      if (!value) return value.error();
      values.push_back(std::move(*value));
    }
  }

 private:
  void bind_value(int index, std::int64_t value);
  void bind_value(int index, std::uint32_t value) { bind_value(index, std::int64_t{value}); }
  /// What is more than SQLite can count to becomes the most that it can.
  void bind_value(int index, std::uint64_t value);
  void bind_value(int index, bool value) { bind_value(index, std::int64_t{value}); }
  void bind_value(int index, std::string_view value);
  void bind_value(int index, ByteView value);
  void bind_value(int index, Instant value) { bind_value(index, to_unix_ms(value)); }
  void bind_value(int index, std::optional<Instant> value);
  void bind_value(int index, std::optional<Duration> value);
  /// Text would otherwise become a bool.
  void bind_value(int index, const char* value) = delete;

  /// True while there is a row.
  Result<bool> step();
  void check(int code);

  sqlite3* db_;
  sqlite3_stmt* statement_;
  const std::string& path_;
  std::optional<Error> error_;
};

}  // namespace mintmark::storage::sqlite
