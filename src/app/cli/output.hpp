#pragma once
// What commands print: aligned columns for people, JSON for programs.
// Thread safety: none.

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "mintmark/base/clock.hpp"
#include "mintmark/base/json.hpp"

namespace mintmark::app::cli {

/// Columns as wide as their widest cell. Control characters in cells become question marks.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}

  /// Requires: as many cells as headings. An empty cell is printed as "-".
  void add(std::vector<std::string> cells);
  void print(std::ostream& out) const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

/// Indented, with a line end. Bytes that are no UTF-8 become U+FFFD.
void print_json(std::ostream& out, const Json& json);

/// A listing, in the one form or the other: `items` and the rows of `table` are the same things.
void print_listing(std::ostream& out, bool json, const Json& items, const Table& table);

/// In UTC; empty where there is none.
std::string cell(const std::optional<Instant>& instant);
Json json_instant(const std::optional<Instant>& instant);

}  // namespace mintmark::app::cli
