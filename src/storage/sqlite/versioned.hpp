#pragma once
// What rows with an id, a version and perhaps a document have in common. Thread safety: the connection's.

#include <string>

#include "document.hpp"
#include "mintmark/base/json_reader.hpp"
#include "sqlite/statement.hpp"

namespace mintmark::storage::sqlite {

/// The object in column 3 of a row whose id is in column 0. Members that we do not know are a newer version's, and
/// ignored (invariant 10).
template <class T>
Result<T> read_object(const Row& row, T (*read)(JsonReader&)) {
  const Result<Json> document = read_document(row.text(3));
  if (!document) return row.corrupt(row.text(0) + ": " + document.error().detail);
  if (!document->is_object()) return row.corrupt(row.text(0) + ": not an object");
  JsonReader in(*document, row.text(0), UnknownMembers::ignored);
  T object = read(in);
  if (const Result<void> finished = in.finish(); !finished) return row.corrupt(finished.error().detail);
  return object;
}

/// Why a compare-and-set met no row; `select_by_id` finds one if it is still there.
Error missed_update(Statement& select_by_id);

/// Runs a deletion by id. Errors: not_found.
Result<void> erase_one(Statement& delete_by_id);

}  // namespace mintmark::storage::sqlite
