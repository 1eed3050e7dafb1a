#include "cli/output.hpp"

#include <algorithm>
#include <ostream>

#include "cli/session.hpp"
#include "mintmark/base/duration.hpp"

namespace mintmark::app::cli {
namespace {

constexpr std::size_t kGap = 2;

/// Characters, for cells are UTF-8.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

}  // namespace

void Table::add(std::vector<std::string> cells) {
  for (std::string& text : cells)
    text = text.empty() ? "-" : printable(text);
  rows_.push_back(std::move(cells));
}

void Table::print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width(row[i]));
  }
  for (const std::vector<std::string>& row : rows_) {
    for (std::size_t i = 0; i + 1 < row.size(); ++i)
      out << row[i] << std::string(widths[i] - width(row[i]) + kGap, ' ');
    out << row.back() << '\n';
  }
}

void print_json(std::ostream& out, const Json& json) {
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

void print_listing(std::ostream& out, bool json, const Json& items, const Table& table) {
  if (json) {
    print_json(out, items);
  } else {
    table.print(out);
  }
}

std::string cell(const std::optional<Instant>& instant) {
  return instant ? format_instant(*instant) : std::string();
}

Json json_instant(const std::optional<Instant>& instant) {
  return instant ? Json(format_instant(*instant)) : Json();
}

}  // namespace mintmark::app::cli
