#include "sqlite/versioned.hpp"

namespace mintmark::storage::sqlite {

Error missed_update(Statement& select_by_id) {
  const Result<std::optional<bool>> found = select_by_id.first([](const Row&) -> Result<bool> { return true; });
  if (!found) return found.error();
  if (!found->has_value()) return not_found("no row with this id");
  return conflict("somebody else changed it meanwhile");
}

Result<void> erase_one(Statement& delete_by_id) {
  const Result<std::size_t> erased = delete_by_id.run_and_count();
  if (!erased) return erased.error();
  if (*erased == 0) return not_found("no row with this id");
  return {};
}

}  // namespace mintmark::storage::sqlite
